// Approvals as people and callers see them: the sealed sentence and result are opened here, for whoever may see them.

import { APPROVAL_STATES, type ApprovalRow } from '#approvals';
import type { ApprovalView, ControlPorts } from '#control';
import { type ApprovalId, formatTime, isRefusal, type Principal, parseOwnJson, type Refusal } from '#core';
import type { Executor } from './approve.ts';
import type { OpenDatabase } from './database.ts';
import type { Rooms } from './rooms.ts';

export function approvalPorts(rooms: Rooms, open: OpenDatabase, executor: Executor): ControlPorts['approvals'] {
  const view = (row: ApprovalRow): Promise<ApprovalView> => toView(rooms, open, row);
  return {
    list: async (tenant, state) => {
      const wanted = APPROVAL_STATES.find((known) => known === state) ?? null;
      return Promise.all((await rooms.approvals.list(tenant, wanted)).map(view));
    },
    show: async (tenant, id) => {
      const row = await rooms.approvals.show(tenant, id);
      return row === null ? null : view(row);
    },
    approve: async (person, id, digest) => {
      const row = await rooms.approvals.approve(person, id, digest);
      if (isRefusal(row)) return row;
      executor.wake(person.tenant, id);
      return view(row);
    },
    deny: async (person, id, reason) => {
      const row = await rooms.approvals.deny(person, id, reason);
      return isRefusal(row) ? row : view(row);
    },
  };
}

async function toView(rooms: Rooms, open: OpenDatabase, row: ApprovalRow): Promise<ApprovalView> {
  return {
    id: row.id,
    state: row.state,
    sentence: await unseal(rooms, open, row, 'approval.sentence', row.sealedSentence),
    digest: row.digest,
    integration: row.integration,
    operation: row.operation,
    requestedBy: row.workload,
    requestedAt: formatTime(row.requestedAtMs),
    expiresAt: formatTime(row.expiresAtMs),
    decidedAt: row.decidedAtMs === null ? null : formatTime(row.decidedAtMs),
    decidedBy: row.decidedBy,
    reason: row.reason,
    evidence: row.evidence,
  };
}

/** State and, once it ran, result of a stored call, for the workload that asked. */
export async function approvalResult(
  rooms: Rooms,
  open: OpenDatabase,
  principal: Principal | Refusal,
  id: ApprovalId,
): Promise<object | Refusal> {
  if (isRefusal(principal)) return principal;
  const row = await rooms.approvals.visibleTo(principal, id);
  if (isRefusal(row)) return row;
  const result = row.sealedResult === null ? null : parseOwnJson(await unseal(rooms, open, row, 'approval.result', row.sealedResult));
  return { id: row.id, state: row.state, code: row.code, expiresAt: formatTime(row.expiresAtMs), result };
}

async function unseal(rooms: Rooms, open: OpenDatabase, row: ApprovalRow, purpose: string, sealed: Uint8Array): Promise<string> {
  const bytes = await open.database.inTenant(row.tenant, (tx) => rooms.vault.open(tx, { tenant: row.tenant, purpose, sealed }));
  return Buffer.from(bytes).toString('utf8');
}
