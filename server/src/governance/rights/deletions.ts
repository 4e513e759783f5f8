// Deletions of an erased person elsewhere: where an integration declares how, its task is a call that somebody approves, made by the one
// door. Looks at open tasks again and again, so that a process that dies in between delays it and loses nothing.
// INVARIANTS: whom a call names is sealed under a key of its task, which goes when the task ends; what became of a call is what its approval
// says, and never a guess; nothing here holds up the erasure itself.

import {
  type ApprovalId,
  type Clock,
  type DeletionTaskId,
  isRefusal,
  type JsonObject,
  makeEvent,
  type PersonPrincipal,
  parseOwnJson,
  type Random,
  type Refusal,
  type SealChangeOf,
  type TenantId,
  type Tx,
} from '#core';
import { appendEvents, type Database } from '#storage';
import { refusal } from '../errors.ts';
import { type CallState, changeCall, endCall, findCall, type OpenCall, openCalls } from '../store/deletions.ts';
import type { SubjectIndex } from './subject-index.ts';

/** What a person is known by at an integration. */
export interface NamedPerson {
  readonly customer: readonly string[];
  readonly email: readonly string[];
  readonly phone: readonly string[];
}

export interface DeletionCall {
  readonly task: DeletionTaskId;
  readonly integration: string;
  readonly person: NamedPerson;
  /** Another one after each attempt that failed for sure. */
  readonly attempt: number;
}

export interface DeletionDeps {
  readonly db: Pick<Database, 'inTenant'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly index: Pick<SubjectIndex, 'places'>;
  readonly vault: {
    seal(tx: Tx, value: { tenant: TenantId; subject: string | null; purpose: string; plaintext: Uint8Array }): Promise<Uint8Array>;
    openMany(tx: Tx, value: { tenant: TenantId; purpose: string; sealed: readonly Uint8Array[] }): Promise<readonly (Uint8Array | null)[]>;
    eraseSubjects(tx: Tx, input: { tenant: TenantId; subjects: readonly string[] }): Promise<readonly string[]>;
  };
  readonly sealChange: SealChangeOf;
  readonly calls: {
    /** How an integration deletes a person: by a call that can be written of what is known of them, by an operation a person must use, or not. */
    plan(
      tenant: TenantId,
      integration: string,
      person: NamedPerson,
    ): { readonly operation: string | null; readonly person: NamedPerson | null };
    /** Stores the call for somebody to approve. */
    ask(tenant: TenantId, call: DeletionCall): Promise<ApprovalId | Refusal>;
    /** What became of it. */
    became(tx: Tx, tenant: TenantId, approval: ApprovalId): Promise<Became | null>;
    onFault(fault: unknown): void;
  };
}

export interface Became {
  readonly state: 'pending' | 'approved' | 'executing' | 'denied' | 'expired' | 'done' | 'failed' | 'unknown';
  readonly code: string | null;
  readonly decidedBy: string | null;
  /** The effect it made, if it made one. */
  readonly effect: string | null;
}

export interface Deletions {
  /** Seals whom the call of a task will name. */
  seal(tx: Tx, tenant: TenantId, task: DeletionTaskId, person: NamedPerson): Promise<Uint8Array>;
  /** Looks at every open call of the tenant; one round after the other. */
  round(tenant: TenantId): Promise<void>;
  /** In the transaction that ends a task: whom it named is known to nobody here any more, nor to a call that still waits. */
  forget(tx: Tx, tenant: TenantId, task: DeletionTaskId, approval: string | null): Promise<void>;
  /** Asks once more for a call that somebody refused, that failed, or that could not be asked for. */
  again(person: PersonPrincipal, id: DeletionTaskId): Promise<Refusal | null>;
  settled(): Promise<void>;
}

/** Looked at in one go. */
const PAGE = 200;
/** Until what could not be asked for is asked for again. */
const FIRST_PAUSE_MS = 60_000;
const LATER_PAUSE_MS = 30 * 60_000;
const ACTOR = 'system:privacy';

export const taskKey = (id: DeletionTaskId): string => `task:${id}`;
export const purposeOfTask = (id: DeletionTaskId): string => `governance_tasks.sealed_person/${id}`;

export function createDeletions(deps: DeletionDeps): Deletions {
  const { db, clock, vault, calls } = deps;
  /** Rounds of one tenant, one after the other. */
  const rounds = new Map<TenantId, Promise<void>>();

  const tell = (tx: Tx, tenant: TenantId, task: OpenCall, type: 'asked' | 'executed' | 'stopped', facts: JsonObject): Promise<void> =>
    appendEvents(tx, [
      makeEvent(deps, {
        tenant,
        type: `governance.deletion.${type}`,
        actor: ACTOR,
        subject: task.id,
        public: { request: task.request, vendor: task.vendor, operation: task.operation, ...facts },
      }),
    ]);

  /** What a call that ended still holds of the person: its text, its result, and the keys of both. */
  async function forgetCall(tx: Tx, tenant: TenantId, approval: string | null, effect: string | null): Promise<void> {
    if (approval !== null) await deps.index.places.get('approvals')?.erase(tx, tenant, [approval], null);
    if (effect !== null) await deps.index.places.get('effects')?.erase(tx, tenant, [effect], null);
  }

  async function forget(tx: Tx, tenant: TenantId, task: DeletionTaskId, approval: string | null): Promise<void> {
    const became = approval === null ? null : await calls.became(tx, tenant, approval as ApprovalId);
    await forgetCall(tx, tenant, approval, became?.effect ?? null);
    await vault.eraseSubjects(tx, { tenant, subjects: [taskKey(task)] });
  }

  async function ask(tenant: TenantId, task: OpenCall): Promise<void> {
    const nowMs = clock.now();
    if (task.nextAt !== null && task.nextAt.getTime() > nowMs) return;
    const [plain = null] = await db.inTenant(tenant, (tx) =>
      vault.openMany(tx, { tenant, purpose: purposeOfTask(task.id), sealed: [task.sealedPerson] }),
    );
    if (plain === null) return;
    const person = parseOwnJson(Buffer.from(plain).toString('utf8')) as unknown as NamedPerson;
    const asked = await calls.ask(tenant, { task: task.id, integration: task.vendor, person, attempt: task.attempts });
    await db.inTenant(tenant, async (tx) => {
      if (isRefusal(asked)) {
        const pauseMs = task.outcome === 'blocked' ? LATER_PAUSE_MS : FIRST_PAUSE_MS;
        const to: CallState = { ...task, outcome: 'blocked', code: asked.code, nextAt: new Date(nowMs + pauseMs) };
        if ((await changeCall(tx, tenant, task, to)) && task.code !== asked.code)
          await tell(tx, tenant, task, 'stopped', { outcome: 'blocked', code: asked.code });
        return;
      }
      const to: CallState = { ...task, outcome: 'waiting', code: null, approval: asked, nextAt: null };
      if (await changeCall(tx, tenant, task, to)) await tell(tx, tenant, task, 'asked', { approval: asked });
      // Ended meanwhile: nobody shall approve it.
      else if ((await findCall(tx, tenant, task.id)) === null) await forgetCall(tx, tenant, asked, null);
    });
  }

  async function follow(tenant: TenantId, task: OpenCall, approval: ApprovalId): Promise<void> {
    await db.inTenant(tenant, async (tx) => {
      const became = await calls.became(tx, tenant, approval);
      // Its record went with a restore to before it, or by its age: it is asked for anew.
      if (became === null || became.state === 'expired') {
        const anew: CallState = { ...task, outcome: null, code: null, approval: null, nextAt: null };
        if (await changeCall(tx, tenant, task, anew)) await forgetCall(tx, tenant, became === null ? null : approval, null);
        return;
      }
      const { state, code } = became;
      if (state === 'pending' || state === 'approved' || state === 'executing') return;
      if (state === 'done') {
        if (!(await endCall(tx, tenant, task.id, { by: became.decidedBy ?? ACTOR, at: new Date(clock.now()) }))) return;
        await forget(tx, tenant, task.id, approval);
        await tell(tx, tenant, task, 'executed', { approval });
        return;
      }
      const outcome = state === 'denied' ? 'refused' : state;
      if (task.outcome === outcome) return;
      if (!(await changeCall(tx, tenant, task, { ...task, outcome, code, nextAt: null }))) return;
      // Of an unknown outcome its record is what a person, or the integration itself, goes by.
      if (outcome !== 'unknown') await forgetCall(tx, tenant, approval, became.effect);
      await tell(tx, tenant, task, 'stopped', { outcome, code });
    });
  }

  async function look(tenant: TenantId): Promise<void> {
    const now = new Date(clock.now());
    // All of them, page by page: however many wait for a person, what comes after them is asked for, too.
    let after: DeletionTaskId | null = null;
    for (let isMore = true; isMore; ) {
      const from: DeletionTaskId | null = after;
      const page: readonly OpenCall[] = await db.inTenant(tenant, (tx) => openCalls(tx, tenant, { after: from, now, limit: PAGE }));
      for (const task of page) await lookAt(tenant, task);
      isMore = page.length === PAGE;
      after = page.at(-1)?.id ?? null;
    }
  }

  async function lookAt(tenant: TenantId, task: OpenCall): Promise<void> {
    try {
      if (task.outcome === null || task.outcome === 'blocked') await ask(tenant, task);
      else if (task.approval !== null && (task.outcome === 'waiting' || task.outcome === 'unknown'))
        await follow(tenant, task, task.approval);
    } catch (fault) {
      // One that can not be looked at now holds up no other.
      calls.onFault(fault);
    }
  }

  return {
    seal: (tx, tenant, task, person) =>
      vault.seal(tx, {
        ...{ tenant, subject: taskKey(task), purpose: purposeOfTask(task) },
        plaintext: Buffer.from(JSON.stringify(person)),
      }),
    forget,
    round: (tenant) => {
      const next = (rounds.get(tenant) ?? Promise.resolve()).then(() => look(tenant)).catch(calls.onFault);
      rounds.set(tenant, next);
      return next.finally(() => {
        if (rounds.get(tenant) === next) rounds.delete(tenant);
      });
    },
    again: (person, id) =>
      db.inTenant(person.tenant, async (tx) => {
        const { tenant } = person;
        const task = await findCall(tx, tenant, id);
        if (task === null) return refusal('GOVERNANCE_TASK_UNKNOWN');
        const { outcome } = task;
        if (outcome !== 'refused' && outcome !== 'failed' && outcome !== 'blocked')
          return refusal('GOVERNANCE_TASK_STATE', { outcome: outcome ?? 'open' });
        const attempts = task.attempts + (outcome === 'failed' ? 1 : 0);
        await changeCall(tx, tenant, task, { outcome: null, code: null, approval: null, attempts, nextAt: null });
        const sealed = await deps.sealChange(tx, person, { before: { outcome }, after: { outcome: null } });
        const facts = { request: task.request, vendor: task.vendor, operation: task.operation };
        const event = { tenant, type: 'governance.deletion.again', actor: person.person, subject: id, public: facts, sealed };
        await appendEvents(tx, [makeEvent(deps, event)]);
        return null;
      }),
    settled: async () => {
      await Promise.all(rounds.values());
    },
  };
}
