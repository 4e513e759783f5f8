// Runs of a workflow in a process that is killed in the middle of them, and what the shop and the journal hold after the next start.

import { fork } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { TestCluster } from '../cluster.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { type DemoUpstreams, installDemo, openDemoUpstreams, type WorkflowOwner, waitForRun } from '../workflow-world/index.ts';
import type { KillPoint } from './guard-steps.ts';
import { createServerDatabase } from './server-database.ts';
import { RECOVER_AT_ONCE, type ServerSettings, startOn } from './start-on.ts';

export interface RunVerdict {
  /** False when the run ended before the step was reached. */
  readonly died: boolean;
  readonly state: string;
  readonly refunds: number;
  readonly replies: number;
  readonly steps: readonly string[];
}

export interface WorkflowCrash {
  /** One run, from the start of a fresh process to its end, with at most one death in between. */
  trial(kill: KillPoint | null): Promise<RunVerdict>;
  close(): Promise<void>;
}

const PROGRAM = join(import.meta.dirname, 'server-process.ts');

export async function openWorkflowCrash(cluster: TestCluster): Promise<WorkflowCrash> {
  const folder = await temporaryFolder('sallyport-workflow-crash-');
  const upstreams = await openDemoUpstreams();
  const settings: ServerSettings = {
    folder: folder.path,
    databaseUrl: await createServerDatabase(cluster),
    allowPrivate: upstreams.allowPrivate,
  };
  const first = await startOn(settings);
  await installDemo(ownerOf(first.control.port, first.ownerToken), upstreams);
  await first.close();
  let trials = 0;

  const trial = async (kill: KillPoint | null): Promise<RunVerdict> => {
    const { ticket, order } = openTicket(upstreams, trials++);
    const before = upstreams.shop.ledger.size;
    const child = await startChild(settings, kill);
    const { body } = await child.owner('POST', '/api/workflows/support-reply/runs', { input: { ticket } });
    const run = String(body.id);
    await Promise.race([child.exited, waitForRun(child.owner, run).catch(() => {})]);
    const steps = await child.steps();
    await child.end();

    const server = await startOn(settings, { recovery: RECOVER_AT_ONCE });
    try {
      const owner = ownerOf(server.control.port, server.ownerToken);
      // What the dead process left open is decided at once; in an installation this takes ten seconds.
      const deciding = (async () => {
        for (let isOpen = true; isOpen; await pause(100)) {
          await server.rooms.recovery.runOnce();
          isOpen = (await owner('GET', `/api/workflow-runs/${run}`)).body.state === 'running';
        }
      })();
      const ended = await waitForRun(owner, run);
      await deciding;
      const count = (kind: string, object: string): number =>
        upstreams.shop.ledger.after(before).filter((entry) => entry.kind === kind && entry.object === object).length;
      return {
        died: steps === null,
        state: `${String(ended.state)} ${String(ended.code)}`,
        refunds: count('refund', order),
        replies: count('ticket_replied', ticket),
        steps: steps ?? [],
      };
    } finally {
      await server.close();
    }
  };
  return {
    trial,
    close: async () => {
      await upstreams.close();
      await folder.remove();
    },
  };
}

/** Each trial has a customer of its own: limits count by customer and day. */
function openTicket({ shop }: DemoUpstreams, nth: number): { ticket: string; order: string } {
  const { state } = shop;
  const orders = [...state.orders.values()];
  const candidates = [...state.customers.keys()].flatMap((id) => {
    const own = orders.find((order) => order.customer_id === id && Number(order.refundable) > 20);
    return own === undefined ? [] : [own];
  });
  const order = candidates[nth % candidates.length];
  if (order === undefined) throw new Error('the demo shop has no order to refund');
  const ticket = `T-crash-${nth}`;
  const at = new Date(0).toISOString();
  state.tickets.set(ticket, {
    id: ticket,
    customer_id: order.customer_id,
    subject: 'One item was broken',
    body: `Please refund 5.00 of order ${order.id}.`,
    status: 'open',
    created_at: at,
    updated_at: at,
    replies: [],
  });
  return { ticket, order: order.id };
}

function ownerOf(port: number, token: string): WorkflowOwner {
  return async (method, path, body) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
}

async function startChild(settings: ServerSettings, kill: KillPoint | null) {
  const child = fork(PROGRAM, [JSON.stringify({ ...settings, kill })], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const told = <T>(): Promise<T> =>
    new Promise((resolve, reject) => {
      child.once('message', (message) => resolve(message as T));
      void exited.then(() => reject(new Error('the process is gone')));
    });
  const ready = await told<{ controlPort: number; ownerToken: string }>();
  const armed = told<unknown>();
  child.send('arm');
  await armed;
  return {
    owner: ownerOf(ready.controlPort, ready.ownerToken),
    exited,
    /** `null` when it is dead. */
    steps: async (): Promise<readonly string[] | null> => {
      if (!child.connected) return null;
      const answer = told<{ names: readonly string[] }>();
      child.send('steps', () => {});
      return answer.then(
        ({ names }) => names,
        () => null,
      );
    },
    end: async (): Promise<void> => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
