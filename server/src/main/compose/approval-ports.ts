// Approvals as people and callers see them: what was sealed is opened here, for whoever may see it.

import { APPROVAL_STATES, type ApprovalRow, endorsableOf } from '#approvals';
import type { ApprovalView, ApprovalWords, ControlPorts } from '#control';
import {
  type ApprovalId,
  formatTime,
  isRefusal,
  type JsonValue,
  makeEvent,
  type PersonPrincipal,
  type Principal,
  parseOwnJson,
  type Refusal,
  refuse,
  type TenantId,
} from '#core';
import type { ApprovalContext } from '#enforcement';
import { READS_OF_A_CUSTOMER } from '#identity';
import { appendEvents } from '#storage';
import type { Runs } from '#workflows';
import { systemClock, systemWorld } from '../world.ts';
import { doubtsOf, exactExcerpts, markedIn, sendFault } from './approval-doubts.ts';
import type { Executor } from './approve.ts';
import type { OpenDatabase } from './database.ts';
import { knownTo, maskWords } from './mask-words.ts';
import { namesOf } from './people-ports.ts';
import type { Rooms } from './rooms.ts';

/** Tells where the arguments of a run's calls came from, step by step; absent where no workflow runs. */
type Explaining = Pick<Runs, 'explain'> | null;

export function approvalPorts(rooms: Rooms, open: OpenDatabase, executor: Executor, runs: Explaining): ControlPorts['approvals'] {
  const viewFor = async (person: PersonPrincipal) => {
    const nameOf = await namesOf(rooms, person.tenant);
    return (row: ApprovalRow): Promise<ApprovalView> => toView(rooms, open, row, { person, nameOf, runs });
  };
  const shown = async (person: PersonPrincipal, row: ApprovalRow | Refusal): Promise<ApprovalView | Refusal> =>
    isRefusal(row) ? row : (await viewFor(person))(row);
  return {
    list: async (person, state, limit) => {
      const wanted = APPROVAL_STATES.find((known) => known === state) ?? null;
      const rows = await rooms.approvals.list(person.tenant, wanted, limit);
      return Promise.all(rows.map(await viewFor(person)));
    },
    show: async (person, id) => {
      const row = await rooms.approvals.show(person.tenant, id);
      return row === null ? null : (await viewFor(person))(row);
    },
    approve: async (person, id, digest, { assertion, send } = {}) => {
      const fault = await sendFault(rooms, (row) => contextOf(rooms, open, row), { person, id, send });
      if (fault !== null) return fault;
      const row = await rooms.approvals.approve(person, id, digest, { assertion, sendsAsIs: send === 'as_is' });
      // A first yes of two, and one that has to wait, run nothing yet.
      if (!isRefusal(row) && row.state === 'approved' && row.runsAtMs === null) executor.wake(person.tenant, id);
      return shown(person, row);
    },
    signOptions: async (person, id, { digest, send }) => {
      const row = await rooms.approvals.show(person.tenant, id);
      if (row === null) return null;
      // Nobody is asked to sign anything but what they were shown.
      if (digest !== undefined && digest !== row.digest)
        return refuse('APPROVALS_DIGEST_MISMATCH', 'What you approve is not what is stored; look at the call again.', { approval: id });
      return { options: await rooms.identity.endorseOptions(person, endorsableOf(row, send)) };
    },
    words: (person, id) => readWords(rooms, open, { person, id }),
    deny: async (person, id, reason) => shown(person, await rooms.approvals.deny(person, id, reason)),
    cancel: async (person, id, reason) => shown(person, await rooms.approvals.cancel(person, id, reason)),
  };
}

/** Stands where the words of a call were. */
const ERASED = 'What was asked was erased with the person it was about; it can not run.';

interface Viewer {
  readonly person: PersonPrincipal;
  readonly nameOf: (person: string) => string;
  readonly runs: Explaining;
}

async function toView(rooms: Rooms, open: OpenDatabase, row: ApprovalRow, { person, nameOf, runs }: Viewer): Promise<ApprovalView> {
  const whyNot = await rooms.approvals.mayApprove(person, row);
  const context = await contextOf(rooms, open, row);
  const exact = await unseal(rooms, open, row, 'approval.sentence', row.sealedSentence);
  const words = maskWords(exact ?? ERASED, await knownTo(rooms, row), !isOpen(row));
  const doubts = doubtsOf(rooms, row, context);
  return {
    id: row.id,
    call: row.sealedCall === null ? null : row.call,
    state: row.state,
    sentence: words.text,
    masked: words.values + (doubts === null ? 0 : markedIn(doubts)),
    digest: row.digest,
    integration: row.sealedCall === null ? 'workflow' : row.integration,
    operation: row.operation,
    requestedBy: row.workload,
    requestedAt: formatTime(row.requestedAtMs),
    expiresAt: formatTime(row.expiresAtMs),
    decidedAt: timeOrNull(row.decidedAtMs),
    decidedBy: row.decidedBy,
    reason: row.reason,
    code: row.code,
    evidence: row.evidence,
    required: row.required,
    mode: row.mode,
    decisions: row.decisions.map(({ by, verdict, atMs }) => ({ by, byName: nameOf(by), at: formatTime(atMs), verdict })),
    runsAt: timeOrNull(row.runsAtMs),
    youMay: whyNot === null,
    whyNot,
    youMayCancel: row.state === 'approved' && isOpen(row),
    askedBy: row.askedBy,
    run: row.run,
    workflow: row.workflow,
    classes: context.classes,
    customer: context.customer,
    origins: (await originsInRun(runs, row)) ?? context.origins,
    doubts,
  };
}

/** A person may still stop it, and looks at it for that. */
const isOpen = ({ state, runsAtMs }: ApprovalRow): boolean =>
  state === 'pending' || (state === 'approved' && runsAtMs !== null && runsAtMs > systemClock.now());

/** Shown for so long on a screen. */
const SHOWN_SECONDS = 60;

/** The exact words of a call that waits: the call is the case they are read for, and that somebody read them is an event first. */
async function readWords(
  rooms: Rooms,
  open: OpenDatabase,
  { person: reader, id }: { readonly person: PersonPrincipal; readonly id: ApprovalId },
): Promise<ApprovalWords | Refusal> {
  const { tenant, person } = reader;
  const row = await rooms.approvals.show(tenant, id);
  if (row === null) return refuse('APPROVALS_UNKNOWN', 'There is no such approval for you; check the id.');
  if (row.state !== 'pending' || row.expiresAtMs <= systemClock.now())
    return refuse('APPROVALS_WORDS_CLOSED', 'The exact words are shown while the call waits for a decision, and it does not any more.', {
      approval: id,
    });
  const exact = await unseal(rooms, open, row, 'approval.sentence', row.sealedSentence);
  const { values, classes } = maskWords(exact ?? ERASED, await knownTo(rooms, row), false);
  const context = await contextOf(rooms, open, row);
  const { customer } = context;
  const doubts = doubtsOf(rooms, row, context);
  await open.database.inTenant(tenant, async (tx) => {
    const subject = customer === null ? id : `subject:${await rooms.vault.blindReference(tx, tenant, customer)}`;
    const facts = {
      approval: id,
      classes: [...new Set([...classes, ...(doubts?.classes ?? [])])],
      rows: values + (doubts === null ? 0 : markedIn(doubts)),
    };
    await appendEvents(tx, [makeEvent(systemWorld, { tenant, type: 'approvals.words.read', actor: person, subject, public: facts })]);
  });
  if (customer !== null) rooms.surroundings.risk.read(reader, READS_OF_A_CUSTOMER);
  return { sentence: exact ?? ERASED, excerpts: exactExcerpts(context), purpose: id, expiresInSeconds: SHOWN_SECONDS };
}

const timeOrNull = (atMs: number | null): string | null => (atMs === null ? null : formatTime(atMs));

/** What the journal of a run says is finer than the label the guard was given: it names the step and the field. Told while it matters. */
async function originsInRun(runs: Explaining, row: ApprovalRow): Promise<ApprovalContext['origins'] | null> {
  if (runs === null || row.run === null || row.state !== 'pending') return null;
  const run = await runs.explain(row.tenant, row.run);
  const phase = isRefusal(run) ? undefined : run.phases.find(({ approval }) => approval === row.id);
  return phase === undefined || phase.origins.length === 0 ? null : phase.origins;
}

/** Approvals stored by an earlier version have none. */
async function contextOf(rooms: Rooms, open: OpenDatabase, row: ApprovalRow): Promise<ApprovalContext> {
  const text = row.sealedContext === null ? null : await unseal(rooms, open, row, 'approval.context', row.sealedContext);
  return text === null ? { origins: [], classes: [], customer: null } : (parseOwnJson(text) as unknown as ApprovalContext);
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
  const text = row.sealedResult === null ? null : await unseal(rooms, open, row, 'approval.result', row.sealedResult);
  const result = text === null ? null : parseOwnJson(text);
  return {
    id: row.id,
    state: row.state,
    code: row.code,
    expiresAt: formatTime(row.expiresAtMs),
    runsAt: timeOrNull(row.runsAtMs),
    result,
  };
}

/** What a stored request to a model was answered; null until it ran, and once it was erased. */
export async function approvedAnswer(
  rooms: Rooms,
  open: OpenDatabase,
  tenant: TenantId,
  id: ApprovalId,
): Promise<{ readonly status: number; readonly body: JsonValue } | null> {
  const row = await rooms.approvals.show(tenant, id);
  if (row === null || row.sealedResult === null) return null;
  const text = await unseal(rooms, open, row, 'approval.result', row.sealedResult);
  return text === null ? null : (parseOwnJson(text) as unknown as { readonly status: number; readonly body: JsonValue });
}

/** Null once the person it is about was erased: the decision stays on record without its words. */
async function unseal(rooms: Rooms, open: OpenDatabase, row: ApprovalRow, purpose: string, sealed: Uint8Array): Promise<string | null> {
  const request = { tenant: row.tenant, purpose, sealed: [sealed] };
  const [bytes] = await open.database.inTenant(row.tenant, (tx) => rooms.vault.openMany(tx, request));
  return bytes == null ? null : Buffer.from(bytes).toString('utf8');
}
