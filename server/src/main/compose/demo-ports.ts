// The demo and the first connection for the control plane.

import type { ConnectPorts, ControlPorts } from '#control';
import { formatTime, refuse } from '#core';
import type { Demo } from '../demo/demo.ts';
import type { Rooms } from './rooms.ts';

export interface DemoPortsOptions {
  readonly rooms: Rooms;
  readonly demo: Demo;
  /** Where the gateway listens; known once it does. */
  readonly gatewayUrl: () => string;
}

export function demoPorts({ rooms, demo, gatewayUrl }: DemoPortsOptions): Pick<ControlPorts, 'demo' | 'connect'> {
  const { catalogue, identity, ledger } = rooms;
  const connect: ConnectPorts['connect'] = async (tenant, workload) => {
    const known = workload === null ? null : (await identity.listWorkloads(tenant)).find(({ id }) => id === workload);
    if (known === undefined) return refuse('CONTROL_NOT_FOUND', 'There is no workload of that id.');
    const first = known === null ? null : await ledger.firstCall(tenant, { workload: known.id, sinceMs: known.createdAt.getTime() });
    return {
      gateway: gatewayUrl(),
      models: catalogue
        .list(tenant)
        .filter(({ kind }) => kind === 'model')
        .flatMap(({ name, models, isSample }) => [...models].map((id) => ({ id, integration: name, sample: isSample }))),
      firstCall: first === null ? null : { call: first.call, at: formatTime(first.atMs), run: first.run },
    };
  };
  return { demo: { view: demo.view, start: demo.start, remove: demo.remove }, connect };
}
