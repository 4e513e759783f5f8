// People's rights and retention over the rooms that hold data of people, and the rounds that delete what is kept no longer.

import type { TenantId } from '#core';
import { customerMark, dropVerdicts, verdictsOf } from '#enforcement';
import {
  type AgedFiles,
  canaryPlace,
  createRetention,
  createRights,
  createSubjectIndex,
  type DecidingThing,
  datasetsPlace,
  type HistoryEvent,
  type Retention,
  type Rights,
  type SubjectIndex,
} from '#governance';
import { listTenants } from '#identity';
import type { Backups } from '../backup/backups.ts';
import type { Logger } from '../logger.ts';
import { systemDigest, systemWorld } from '../world.ts';
import type { OpenDatabase } from './database.ts';
import { deletionCalls } from './deletion-calls.ts';
import { eraseSubjectOf } from './erasure-ports.ts';
import { createLedRounds } from './led-rounds.ts';
import { rightsPlaces } from './rights-places.ts';
import { codeOf, type Rooms } from './rooms.ts';
import { tokensPlace } from './token-ports.ts';

export interface OpenRights {
  readonly index: SubjectIndex;
  readonly rights: Rights;
  readonly retention: Retention;
  /** Those with a legal hold now. */
  heldTenants(): Promise<readonly TenantId[]>;
  start(): void;
  stop(): Promise<void>;
}

export interface RightsOptions {
  readonly logger: Logger;
  /** Absent: the times of a real installation. */
  readonly clock?: Rooms['guard']['clock'] | undefined;
  /** What is declared to decide about people. */
  readonly deciding: (tenant: TenantId) => readonly DecidingThing[];
  readonly backups: () => Pick<Backups, 'list' | 'begin' | 'settled'> | null;
}

/** Runs of retention are this far apart. */
export const SWEEP_EVERY_MS = 60 * 60_000;
const ROUND_MS = 10_000;
const JOB = 'retention';
const MAX_EVENTS = 5_000;
const PAGE = 500;

export function openRights(rooms: Rooms, { database }: Pick<OpenDatabase, 'database'>, options: RightsOptions): OpenRights {
  const { vault, search, identity, sealChange } = rooms;
  const world = { ...systemWorld, ...(options.clock === undefined ? {} : { clock: options.clock }), digest: systemDigest };
  const index = createSubjectIndex({
    db: database,
    clock: world.clock,
    places: [...rightsPlaces(rooms), datasetsPlace(vault), tokensPlace(rooms), canaryPlace],
    blindIndex: vault.blindIndex,
  });

  async function history(
    tenant: TenantId,
    { runs, subject }: { readonly runs: readonly string[]; readonly subject: string | null },
  ): Promise<readonly HistoryEvent[]> {
    const found = new Map<number, HistoryEvent>();
    const questions = [
      ...runs.flatMap((run) => [{ run }, { subject: run }]),
      ...(subject === null ? [] : [{ subject: `subject:${subject}` }]),
    ];
    for (const question of questions) {
      for (let before: number | null = null; found.size < MAX_EVENTS; ) {
        const page = await search.page(tenant, question, { before, limit: PAGE });
        for (const { seq, entry } of page.events) {
          const { type, at, actor, subject: about, public: facts } = entry;
          found.set(seq, {
            seq,
            type: String(type),
            at: String(at),
            by: String(actor),
            about: String(about),
            facts: facts as HistoryEvent['facts'],
          });
        }
        before = page.next;
        if (before === null) break;
      }
    }
    return [...found.values()].sort((one, other) => one.seq - other.seq);
  }

  const eraseOne = eraseSubjectOf(rooms);
  const holds = {
    hasOthers: async (tx: Parameters<typeof identity.peopleWho>[0], person: { tenant: TenantId; person: string }) =>
      (await identity.peopleWho(tx, person.tenant, 'privacy.handle')).some((other) => other !== person.person),
  };
  // Both need the other: rules tell until when a thing is kept, and holds stop what deletes.
  const rights: Rights = createRights({
    ...world,
    db: database,
    vault,
    index,
    sealChange,
    ...holds,
    history,
    deciding: options.deciding,
    keptUntil: (tx, tenant, item) => retention.keptUntil(tx, tenant, item),
    signals: async (tx, tenant, customer) =>
      (await verdictsOf(tx, tenant, customerMark(world, tenant, '', customer))).map(({ minute, denied, injected }) => ({
        minute: minute.toISOString(),
        denied,
        injected,
      })),
    erasePerson: async (tx, { tenant, customer, actor }) => {
      await dropVerdicts(tx, tenant, customerMark(world, tenant, '', customer));
      const erased = await eraseOne(tx, { tenant, subject: customer, actor });
      return { keys: erased === null ? 0 : 1, payloads: erased?.payloads ?? 0 };
    },
    calls: deletionCalls(rooms, { database }, options.logger),
    stopArrivals: (tenant) => rooms.datasets.stopImports(tenant),
  });
  const retention = createRetention({
    ...world,
    db: database,
    index,
    holds: rights.holds,
    sealChange,
    everyMs: SWEEP_EVERY_MS,
    // Backups hold every tenant; whose installation it is says how old they become.
    files: (tenant) => {
      const backups = tenant === rooms.tenant ? options.backups() : null;
      return backups === null ? [] : [backupFiles(backups)];
    },
  });
  const rounds = createLedRounds({
    database,
    role: 'sequencer',
    job: JOB,
    holder: rooms.instance,
    everyMs: ROUND_MS,
    work: async () => {
      const tenants = await listTenants(database);
      await retention.watch(tenants);
      await retention.runDue(tenants);
      for (const tenant of tenants) await rights.round(tenant);
      for (const tenant of tenants) await rooms.datasets.sweep(tenant);
    },
    onFault: (fault) => options.logger.error({ event: 'retention.fault', code: codeOf(fault) }),
    breakOff: () => undefined,
  });
  async function heldTenants(): Promise<readonly TenantId[]> {
    const held: TenantId[] = [];
    for (const tenant of await listTenants(database)) if (await rights.holds.any(tenant)) held.push(tenant);
    return held;
  }
  async function stop(): Promise<void> {
    await rounds.stop();
    await rights.settled();
  }
  return { index, rights, retention, heldTenants, start: rounds.start, stop };
}

/** Complete backups by their age: a rule for the place `backups` says how old one may become. */
function backupFiles(backups: Pick<Backups, 'list' | 'begin' | 'settled'>): AgedFiles {
  return {
    place: 'backups',
    sweep: async (beforeMs, isDry) => {
      const old = (await backups.list()).filter(({ state, createdAtMs }) => state !== 'running' && createdAtMs < beforeMs);
      if (!isDry)
        for (const { id } of old) {
          await backups.begin('delete', { id, actor: 'system:retention' });
          await backups.settled();
        }
      return old.length;
    },
  };
}
