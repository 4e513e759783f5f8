// Runs the attacks through a signed workflow of a throw-away server: the bundle is imported, approved and published, the shop's tickets
// start it by signed webhook, and a person decides what waits, looking at the stored call itself.

import { setTimeout as pause } from 'node:timers/promises';
import { attackedBundle, type DemoShop, type WorkflowTarget } from '@sallyport/demo';
import { type ApprovalId, isObject, isRefusal, type PersonPrincipal, parseId, parseOwnJson, type Refusal, SallyportError } from '#core';
import type { approvalPorts } from '../compose/approval-ports.ts';
import type { Server } from '../server.ts';

export interface AttackedServer {
  readonly server: Server;
  readonly shop: DemoShop;
  readonly owner: PersonPrincipal;
  readonly approvals: ReturnType<typeof approvalPorts>;
}

const LOOK_EVERY_MS = 15;
/** A run that moves no more is a fault of ours, not a result. */
const PATIENCE_MS = 120_000;
const SHOP = 'demo-shop';

export async function openAttackedWorkflow({ server, shop, owner, approvals }: AttackedServer): Promise<WorkflowTarget> {
  const { rooms, workflows } = server;
  const { registry } = workflows;
  const { tenant, person: actor } = owner;
  const { name, hash } = must(await registry.importBundle(owner, attackedBundle()));
  must(await registry.approve(owner, name, hash));
  must(await registry.publish(owner, name, hash));
  const { secret } = await rooms.hooks.create({ tenant, integration: SHOP, actor });
  shop.setHook(`http://127.0.0.1:${server.gateway.port}/hooks/${SHOP}`, secret);

  const storedCall = async (id: ApprovalId) => {
    const row = await rooms.approvals.show(tenant, id);
    const sealed = row?.sealedCall ?? null;
    if (sealed === null) return null;
    const plain = await server.database.database.inTenant(tenant, (tx) =>
      rooms.vault.open(tx, { tenant, purpose: 'approval.call', sealed }),
    );
    const call = parseOwnJson(Buffer.from(plain).toString('utf8')) as { method: string; path: string; body: string | null };
    return { method: call.method, path: call.path, ...(call.body === null ? {} : { body: call.body }) };
  };
  const idOf = (text: string): ApprovalId => {
    const id = parseId('apr', text);
    if (id === null) throw new Error('the run names no approval');
    return id;
  };

  return {
    open: async (wanted) => {
      const { ticket, delivered } = shop.openTicket(wanted);
      const answer = (await delivered)?.json;
      const runs = isObject(answer) && Array.isArray(answer.runs) ? answer.runs : [];
      if (typeof runs[0] !== 'string') throw new Error('the delivery of a ticket began no run');
      return { ticket: ticket.id, run: runs[0] };
    },
    news: async (id, decided) => {
      const run = parseId('run', id);
      if (run === null) throw new Error('the delivery names no run');
      const deadline = performance.now() + PATIENCE_MS;
      for (;;) {
        const shown = must(await workflows.runs.show(tenant, run));
        const { state, code } = shown.run;
        const refusals = shown.phases.flatMap((phase) => (phase.outcome === 'refused' && phase.code !== null ? [phase.code] : []));
        if (state !== 'running') return { kind: 'ended', state, code, refusals };
        const waiting = shown.phases.find(({ outcome, approval }) => outcome === 'waiting' && approval !== null && !decided.has(approval));
        const request = waiting?.approval == null ? null : await storedCall(waiting.approval);
        if (waiting?.approval != null && request !== null) return { kind: 'waiting', approvalId: waiting.approval, request };
        if (performance.now() > deadline) throw new Error(`a run did not end: ${shown.phases.at(-1)?.step} ${shown.phases.at(-1)?.code}`);
        await pause(LOOK_EVERY_MS);
      }
    },
    approve: async (id) => {
      const shown = await approvals.show(owner, idOf(id));
      if (shown === null) throw new Error('the stored call is gone');
      must(await approvals.approve(owner, idOf(id), shown.digest));
    },
    deny: async (id) => {
      must(await approvals.deny(owner, idOf(id), 'nobody asked for this'));
    },
  };
}

function must<T>(result: T | Refusal): T {
  if (isRefusal(result)) throw new SallyportError(result.code, result.reason);
  return result as T;
}
