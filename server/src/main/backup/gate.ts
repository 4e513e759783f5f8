// Keeps a restored database from serving until people said yes: two of those who were there, or one and a delay.
// INVARIANT: a new epoch of the ledger begins in the transaction that lets the database serve, so it never serves without one.

import {
  type Clock,
  type Endorsable,
  isRefusal,
  type JsonObject,
  makeEvent,
  type PasskeyAssertion,
  type PersonPrincipal,
  type Random,
  type Refusal,
  refuse,
  type TenantId,
  type Tx,
} from '#core';
import { peopleBefore } from '#identity';
import {
  addYes,
  appendEvents,
  type Database,
  decideRestore,
  markConfirmed,
  type RestoreState,
  type RestoreYes,
  readRestore,
} from '#storage';
import { allCodes } from '../codes.ts';
import type { Logger } from '../logger.ts';
import { type ConfirmationDeps, endorsableOf, isProven, sayYes } from './confirmation.ts';

export interface RestoreGate {
  /** The tenant whose people decide for the installation. */
  readonly tenant: TenantId;
  /** The code every call is refused with; null once the database serves. */
  readonly code: () => string | null;
  state(): Promise<RestoreState | null>;
  /** What keeps it from opening although people said yes; null when nothing does. */
  fault(): string | null;
  /** What this person's passkey would sign to say yes now; a refusal when they may not. */
  confirmable(person: PersonPrincipal): Promise<Endorsable | Refusal>;
  /** Signed by whoever has a passkey. */
  confirm(person: PersonPrincipal, assertion?: PasskeyAssertion): Promise<RestoreState | Refusal>;
  /** Calls `begin` once the database may serve: at once when it was not restored. */
  open(begin: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

export interface GateDeps extends ConfirmationDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly soloDelayMs: number;
  readonly beginEpoch: (tx: Tx, notes: { lastWitnessed: string | null; restoredAt: string | null }) => Promise<unknown>;
}

const PENDING = 'MAIN_RESTORE_PENDING';
/** Another process may take the last yes; this one hears of it within this. */
const LOOK_EVERY_MS = 1_000;

const sentence = (code: string): string => allCodes[code]?.sentence ?? code;
const no = (code: string): Refusal => refuse(code, sentence(code));

/** Whether enough people who are still there said yes, and the delay of somebody who is alone is over. */
function isDecided(state: RestoreState, present: readonly string[], nowMs: number): boolean {
  const yes = state.yes.filter(({ person }) => present.includes(person)).length;
  return yes >= state.needed && (state.needed > 1 || (state.runsAtMs !== null && state.runsAtMs <= nowMs));
}

export function createRestoreGate(deps: GateDeps, first: RestoreState | null): RestoreGate {
  const { database, clock, random, tenant } = deps;
  let isPending = first !== null && first.state !== 'confirmed';
  let timer: NodeJS.Timeout | null = null;
  let looking: Promise<void> = Promise.resolve();
  let lastFault: string | null = null;
  /** What begins once the database may serve. */
  let begin: () => Promise<void> = async () => undefined;

  const present = (state: RestoreState): Promise<readonly string[]> =>
    database.inTenant(tenant, (tx) => peopleBefore(tx, tenant, state.restoredAtMs ?? state.startedAtMs));

  /** Without what nobody is proven to have said. */
  const proven = (state: RestoreState): Promise<RestoreState> =>
    database.inTenant(tenant, async (tx) => {
      const held: RestoreYes[] = [];
      for (const yes of state.yes) if (await isProven(deps, tx, state, yes)) held.push(yes);
      return { ...state, yes: held };
    });

  /** Whether this person may say yes now. */
  async function askable(principal: PersonPrincipal): Promise<RestoreState | Refusal> {
    const state = await readRestore(database);
    if (state?.state !== 'pending') return no('MAIN_RESTORE_NOT_PENDING');
    const { person } = principal;
    if (principal.tenant !== tenant || !(await present(state)).includes(person)) return no('MAIN_RESTORE_NEW_PERSON');
    const held = await proven(state);
    return held.yes.some((yes) => yes.person === person) ? no('MAIN_RESTORE_SAME_PERSON') : held;
  }

  async function tell(person: string, state: RestoreState, facts: JsonObject): Promise<void> {
    const event = makeEvent(
      { clock, random },
      { tenant, type: 'storage.restore.confirmed', actor: person, subject: state.id, public: facts },
    );
    await database.inTenant(tenant, (tx) => appendEvents(tx, [event]));
  }

  /** True once the database may serve, whoever let it. */
  async function settle(): Promise<boolean> {
    const told = await readRestore(database);
    if (told === null || told.state === 'confirmed') return true;
    if (told.state === 'loading' || told.yes.length === 0) return false;
    // The login of a part that begins no epoch waits for a process that may.
    if (!database.holds('sequencer')) return false;
    const state = await proven(told);
    if (!isDecided(state, await present(state), clock.now())) return false;
    await database.asSystem('sequencer', async (tx) => {
      if (!(await markConfirmed(tx, state.id, clock.now()))) return;
      await deps.beginEpoch(tx, { lastWitnessed: state.witnessed, restoredAt: state.restored });
    });
    return true;
  }

  async function look(): Promise<void> {
    if (!isPending || !(await settle())) return;
    // Tried again at the next look when a part could not begin.
    await begin();
    isPending = false;
    lastFault = null;
    if (timer !== null) clearInterval(timer);
    deps.logger.info({ event: 'restore.confirmed' });
  }

  function lookNow(): Promise<void> {
    looking = looking.then(look).catch((fault: unknown) => {
      lastFault = (fault as { code?: string }).code ?? 'BUG';
      deps.logger.error({ event: 'restore.fault', code: lastFault });
    });
    return looking;
  }

  return {
    tenant,
    code: () => (isPending ? PENDING : null),
    async state() {
      const state = await readRestore(database);
      return state?.state === 'pending' ? proven(state) : state;
    },
    fault: () => lastFault,

    async confirmable(principal) {
      const state = await askable(principal);
      return isRefusal(state) ? state : endorsableOf(deps, state);
    },

    async confirm(principal, assertion) {
      const before = await askable(principal);
      if (isRefusal(before)) return before;
      const atMs = clock.now();
      const runsAtMs = before.needed === 1 ? atMs + deps.soloDelayMs : null;
      const yes = await database.inTenant(tenant, (tx) => sayYes(deps, tx, principal, { state: before, assertion, atMs, runsAtMs }));
      if (isRefusal(yes)) return yes;
      const refused = await decideRestore(database, async (tx, state) => {
        if (state?.state !== 'pending' || state.id !== before.id) return no('MAIN_RESTORE_NOT_PENDING');
        await addYes(tx, state.id, { ...yes, runsAtMs });
        return null;
      });
      if (refused !== null) return refused;
      const after = await proven((await readRestore(database)) as RestoreState);
      await tell(principal.person, after, {
        needed: after.needed,
        yes: after.yes.length,
        runsAt: runsAtMs === null ? null : new Date(runsAtMs).toISOString(),
        signed: yes.endorsed?.signature != null,
        passkey: yes.endorsed?.passkey ?? null,
      });
      // The last yes opens the gate before it is answered.
      await lookNow();
      return (await readRestore(database)) ?? after;
    },

    async open(work) {
      if (!isPending) return work();
      begin = work;
      deps.logger.warn({ event: 'restore.pending', code: PENDING });
      timer = setInterval(lookNow, LOOK_EVERY_MS);
      timer.unref();
    },

    async stop() {
      if (timer !== null) clearInterval(timer);
      await looking;
    },
  };
}
