// A person's decision about a stored call: yes, no, or calling off a yes that has not taken effect.
// INVARIANT: the row is held while it is decided about, so that every decision sees the ones before it; each one is an event.

import {
  type ApprovalId,
  type Clock,
  endorse,
  isRefusal,
  type JsonObject,
  type NewEvent,
  type PasskeyAssertion,
  type PersonId,
  type PersonPrincipal,
  type Principal,
  type Refusal,
  refuse,
  type SealChangeOf,
  type Signatures,
  type TenantId,
  type Tx,
} from '#core';
import { appendEvents, type Database } from '#storage';
import { endorsableOf, type Seals } from './proof.ts';
import { countYes, whyNot } from './requirement.ts';
import * as store from './store/approvals.ts';
import { holdSolo, insertDecision, soloSpent } from './store/decisions.ts';
import * as moves from './store/transitions.ts';

/** What goes with a yes. */
export interface Said {
  readonly assertion?: PasskeyAssertion | undefined;
  /** What is in doubt in a request goes as it is; whether that may be is for whoever asks here to say. */
  readonly sendsAsIs?: boolean;
}

export interface Decisions {
  /** One person's yes. It takes effect once enough people said it, and for somebody who is alone after the delay. */
  approve(decider: Principal, id: ApprovalId, digest: string, said?: Said): Promise<store.ApprovalRow | Refusal>;
  /** One person's no ends it, whoever said yes before. */
  deny(decider: Principal, id: ApprovalId, reason: string): Promise<store.ApprovalRow | Refusal>;
  /** Calls off what was approved and waits for its time. */
  cancel(decider: Principal, id: ApprovalId, reason: string): Promise<store.ApprovalRow | Refusal>;
  /** The code that keeps this person from saying yes now, or null. */
  mayApprove(decider: Principal, approval: store.ApprovalRow): Promise<string | null>;
}

export interface DecideDeps {
  readonly db: Database;
  readonly clock: Clock;
  /** Who may decide in the tenant now. */
  people(tx: Tx, tenant: TenantId): Promise<readonly PersonId[]>;
  /** How long a yes of somebody who is alone waits. */
  readonly soloDelayMs: number;
  event(tenant: TenantId, id: ApprovalId, kind: string, actor: string, facts: NewEvent['public']): NewEvent;
  /** Seals what a decision changed, for the event that records it. */
  readonly sealChange: SealChangeOf;
  readonly seals: Seals;
  readonly signatures: Signatures;
}

const DAY_MS = 24 * 60 * 60_000;
/** What waited for its delay is not lost because it was asked for long ago. */
const RUN_GRACE_MS = 15 * 60_000;

type Held = {
  readonly row: store.ApprovalRow;
  readonly people: readonly PersonId[];
  readonly person: PersonId;
  readonly by: PersonPrincipal;
};

export function createDecisions({ db, clock, people, soloDelayMs, event, sealChange, seals, signatures }: DecideDeps): Decisions {
  /** With the row held; `work` gives a refusal, or null when it decided. */
  const held = (decider: Principal, id: ApprovalId, work: (tx: Tx, held: Held) => Promise<Refusal | null>) => {
    if (decider.kind !== 'person') return Promise.resolve(refuse('APPROVALS_NOT_A_PERSON', 'Only a signed-in person can decide.'));
    const { tenant, person } = decider;
    return db.inTenant(tenant, async (tx): Promise<store.ApprovalRow | Refusal> => {
      const row = await store.findApproval(tx, tenant, id, 'hold');
      if (row === null) return unknown();
      const present = await people(tx, tenant);
      // Removed at this very moment.
      if (!present.includes(person)) return refuse('APPROVALS_NOT_A_PERSON', 'Only a signed-in person can decide.');
      const refused = await work(tx, { row, people: present, person, by: decider });
      return refused ?? (await store.findApproval(tx, tenant, id)) ?? unknown();
    });
  };

  /** Null while what somebody who is alone approved of late and this together stay under the cap. */
  const overCap = async (tx: Tx, row: store.ApprovalRow): Promise<Refusal | null> => {
    const { mode, amount, soloCap, tenant } = row;
    if (mode !== 'solo' || amount === null || soloCap === null) return null;
    const spent = await soloSpent(tx, tenant, amount.currency, clock.now() - DAY_MS);
    if (spent + amount.amountMinor <= soloCap.amountMinor) return null;
    return refuse('APPROVALS_SOLO_CAP', 'Alone you may not approve more than this in a day; add a second person or wait.', {
      approval: row.id,
      currency: amount.currency,
    });
  };

  const facts = (row: store.ApprovalRow, present: readonly PersonId[]) => ({
    call: row.call,
    digest: row.digest,
    mode: row.mode,
    required: row.required,
    solo: present.length < 2,
  });

  /** What was decided about, as it stood and as it stands, with what the decider said. */
  const sealed = (tx: Tx, { row, by }: Held, after: JsonObject): Promise<Uint8Array> =>
    sealChange(tx, by, {
      before: { state: row.state, yes: row.decisions.filter(({ verdict }) => verdict === 'approved').length },
      after: { integration: row.integration, operation: row.operation, digest: row.digest, ...after },
    });

  async function sayYes(tx: Tx, held: Held, digest: string, { assertion, sendsAsIs = false }: Said): Promise<Refusal | null> {
    const { row, people: present, person } = held;
    const { tenant, id, mode, required } = row;
    const nowMs = clock.now();
    const fault = whyNot(row, person, nowMs);
    if (fault === 'APPROVALS_NOT_PENDING') return notPending(row);
    if (row.digest !== digest) {
      return refuse('APPROVALS_DIGEST_MISMATCH', 'What you approve is not what is stored; look at the call again.', { approval: id });
    }
    if (fault === 'APPROVALS_SAME_PERSON') {
      return refuse(fault, 'You said yes already; another person must.', { approval: id, required });
    }
    if (fault !== null) return refuse(fault, 'You asked for this, so somebody else must decide.', { approval: id, required });
    if (mode === 'solo') await holdSolo(tx, tenant);
    const capped = await overCap(tx, row);
    if (capped !== null) {
      await appendEvents(tx, [event(tenant, id, 'capped', person, { ...facts(row, present), currency: row.amount?.currency ?? null })]);
      return capped;
    }
    const needed = refuse('APPROVALS_SIGNATURE_REQUIRED', 'Approve in the console, where your passkey can sign it.', {
      approval: id,
      open: `/inbox/${id}`,
    });
    const endorsed = await endorse(signatures, tx, held.by, {
      endorsable: endorsableOf(row, sendsAsIs ? 'as_is' : 'masked'),
      assertion,
      needed,
    });
    if (isRefusal(endorsed)) return endorsed;
    const { signature, passkey } = endorsed;
    const runsAtMs = mode === 'solo' ? nowMs + soloDelayMs : null;
    const said = { by: person, verdict: 'approved', atMs: nowMs, runsAtMs, sendsAsIs } as const;
    const decision = { ...said, signature };
    await insertDecision(tx, tenant, id, { ...decision, seal: seals.decision(row, decision) });
    const yes = countYes([...row.decisions, said], present);
    const how = { yes, signed: signature !== null, passkey, ...(sendsAsIs ? { sendsAsIs } : {}) };
    if (yes < required) {
      const first = event(tenant, id, 'endorsed', person, { ...facts(row, present), ...how });
      await appendEvents(tx, [{ ...first, sealed: await sealed(tx, held, { state: 'pending', yes }) }]);
      return null;
    }
    const expiresAtMs = runsAtMs === null ? row.expiresAtMs : Math.max(row.expiresAtMs, runsAtMs + RUN_GRACE_MS);
    const closed = { tenant, id, from: 'pending', to: 'approved', by: person, reason: null, runsAtMs, expiresAtMs, nowMs } as const;
    if (!(await moves.closeApproval(tx, closed))) return notPending(row);
    const approved = event(tenant, id, 'approved', person, { ...facts(row, present), ...how });
    const events: NewEvent[] = [{ ...approved, sealed: await sealed(tx, held, { state: 'approved', yes }) }];
    if (runsAtMs !== null) events.push(event(tenant, id, 'delayed', person, { runsAt: new Date(runsAtMs).toISOString() }));
    if (await moves.completeStep(tx, tenant, id, nowMs)) {
      events.push(event(tenant, id, 'finished', 'system:executor', { outcome: 'done', code: null }));
    }
    await appendEvents(tx, events);
    return null;
  }

  async function sayNo(tx: Tx, held: Held, verdict: 'denied' | 'cancelled', reason: string) {
    const { row, people: present, person } = held;
    const { tenant, id } = row;
    const nowMs = clock.now();
    if (verdict === 'denied' && whyNot(row, '', nowMs) !== null) return notPending(row);
    if (verdict === 'cancelled' && !(row.state === 'approved' && row.runsAtMs !== null && row.runsAtMs > nowMs)) {
      return refuse('APPROVALS_NOT_CANCELLABLE', 'Only a call that was approved and still waits for its time can be cancelled.', {
        approval: id,
        state: row.state,
      });
    }
    const { runsAtMs, expiresAtMs } = row;
    const from = verdict === 'denied' ? 'pending' : 'approved';
    if (!(await moves.closeApproval(tx, { tenant, id, from, to: 'denied', by: person, reason, runsAtMs, expiresAtMs, nowMs }))) {
      return notPending(row);
    }
    const decision = { by: person, verdict, atMs: nowMs, signature: null, runsAtMs: null, sendsAsIs: false };
    await insertDecision(tx, tenant, id, { ...decision, seal: seals.decision(row, decision) });
    const said = event(tenant, id, verdict, person, { ...facts(row, present), reason: reason !== '' });
    await appendEvents(tx, [{ ...said, sealed: await sealed(tx, held, { state: verdict, ...(reason === '' ? {} : { reason }) }) }]);
    return null;
  }

  return {
    approve: (decider, id, digest, said = {}) => held(decider, id, (tx, row) => sayYes(tx, row, digest, said)),
    deny: (decider, id, reason) => held(decider, id, (tx, row) => sayNo(tx, row, 'denied', reason)),
    cancel: (decider, id, reason) => held(decider, id, (tx, row) => sayNo(tx, row, 'cancelled', reason)),
    async mayApprove(decider, row) {
      if (decider.kind !== 'person') return 'APPROVALS_NOT_A_PERSON';
      const fault = whyNot(row, decider.person, clock.now());
      if (fault !== null || row.mode !== 'solo') return fault;
      return (await db.inTenant(row.tenant, (tx) => overCap(tx, row)))?.code ?? null;
    },
  };
}

export function unknown(): Refusal {
  return refuse('APPROVALS_UNKNOWN', 'There is no such approval for you; check the id.');
}

function notPending(row: store.ApprovalRow): Refusal {
  return refuse('APPROVALS_NOT_PENDING', 'This call was decided or has expired before.', { approval: row.id, state: row.state });
}
