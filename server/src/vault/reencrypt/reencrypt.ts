// Seals every value of a tenant anew, under new keys of its subjects, beside running traffic: from its beginning on everything new is under
// the new generation, and page after page the old follows. Killed anywhere, whoever comes next goes on.
// INVARIANT: a key is destroyed only when asked, and only when no value was found under it; what does not open keeps its keys, and is named.

import {
  type Clock,
  type FollowSealed,
  isRefusal,
  type Random,
  type Refusal,
  type RowKey,
  refuse,
  type SealedColumn,
  type TenantId,
  type Tx,
} from '#core';
import { outsideTransaction, type RoomDatabase } from '#storage';
import { vaultFault } from '../envelope.ts';
import { vaultCodes } from '../errors.ts';
import type { HeldKeys } from '../keys/held-keys.ts';
import type { SubjectKeys } from '../keys/subject-keys.ts';
import { type Form, NEWEST_FORM } from '../labels.ts';
import { addErasures, currentEpoch, joinEpoch, takeTurn } from '../store/epochs.ts';
import {
  beginGeneration,
  countDestroyed,
  countOlderKeys,
  countSealed,
  deleteOlderKeys,
  dropOlderFaults,
  finishGeneration,
  type GenerationRow,
  keysOfFaults,
  listFaults,
  listGenerations,
  newestGeneration,
  takeTurnFor,
  tenantsWithKeys,
  waitForSealers,
} from '../store/generations.ts';
import { hasFirstForm, pageOfSealed, type SealedRow } from '../store/sealed-columns.ts';
import { keysOfPurposes } from '../store/tokens.ts';
import { type Batch, createBatches, PAGE_ROWS } from './batch.ts';

export interface ReencryptProgress {
  readonly step: 'waiting for writers' | 'sealing' | 'sealed' | 'looking' | 'keys destroyed';
  readonly tenant: TenantId;
  readonly done: number;
}

export interface ReencryptReport {
  readonly tenants: number;
  readonly sealed: number;
  /** Values whose keys were erased: nobody opens them, and they stay as they are. */
  readonly erased: number;
  /** Values that do not open though their key is there. */
  readonly unreadable: number;
}

export interface ReencryptStatus {
  readonly minimum: Form;
  readonly newest: Form;
  readonly tenants: readonly (Omit<GenerationRow, 'startedAt' | 'finishedAt' | 'destroyedAt'> & {
    readonly startedAt: string;
    readonly finishedAt: string | null;
    readonly destroyedAt: string | null;
    /** Older keys that are kept, for older backups and for the ledger. */
    readonly olderKeys: number;
  })[];
  readonly unreadable: number;
  /** The first of them, by where they are. */
  readonly faults: readonly { readonly tenant: string; readonly place: string; readonly ref: string; readonly code: string }[];
}

type OnStep = (progress: ReencryptProgress) => void | Promise<void>;

export interface Reencryption {
  /** Null: every tenant. From here on everything is sealed under new keys. */
  begin(tenant: TenantId | null, by: string): Promise<Refusal | null>;
  /** Goes on with what was begun, of whichever tenant. */
  run(onStep?: OnStep): Promise<ReencryptReport | Refusal>;
  /** Older keys under which nothing is left. Backups from before open no more where they need them. */
  destroyOlder(tenant: TenantId | null, onStep?: OnStep): Promise<{ readonly destroyed: number; readonly kept: number } | Refusal>;
  /** Which form a value has at least, to be opened. */
  setMinimum(form: Form): Promise<{ readonly before: Form; readonly after: Form } | Refusal>;
  isOpen(): Promise<boolean>;
  status(): Promise<ReencryptStatus>;
}

export interface ReencryptionDeps {
  readonly db: RoomDatabase;
  readonly held: HeldKeys;
  readonly keys: SubjectKeys;
  readonly clock: Clock;
  readonly random: Random;
  /** Before a key is destroyed: that it will be, outside of the database. */
  readonly told: (erasures: readonly { readonly tenant: TenantId; readonly key: string; readonly atMs: number }[]) => Promise<void>;
}

export interface SealedPlaces {
  readonly columns: readonly SealedColumn[];
  /** By table and column, for those that something else vouches for. */
  readonly follow: Readonly<Record<string, FollowSealed>>;
}

const MAX_FAULTS_SHOWN = 100;
/** Tries of a page that somebody else is in the way of; with the pauses between them some minutes. */
const ATTEMPTS = 600;
const PAUSE_MS = 50;
const nothing: OnStep = () => undefined;

const refusal = (code: string, evidence: Readonly<Record<string, string | number>> = {}): Refusal =>
  refuse(code, vaultCodes[code]?.sentence ?? code, evidence);
const isInTheWay = (error: unknown): boolean => ['STORAGE_TIMEOUT', 'STORAGE_CONFLICT'].includes((error as { code?: string }).code ?? '');
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

export function createReencryption(deps: ReencryptionDeps, { columns, follow }: SealedPlaces): Reencryption {
  const { db, held, keys, clock, random, told } = deps;
  const at = (): Date => new Date(clock.now());
  const batches = createBatches({ keys, random });
  const nameOf = ({ table, column }: SealedColumn): string => `${table}.${column}`;
  for (const column of columns)
    if (column.isVouchedFor === true && follow[nameOf(column)] === undefined) throw new Error(`${nameOf(column)} is vouched for by nobody`);
  const moved = columns.filter(({ isCommitted }) => isCommitted !== true);
  // In this order: what the ledger takes out of the inbox is found in one of the two.
  const committed = columns.filter(({ isCommitted }) => isCommitted === true);

  const system = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => outsideTransaction(() => db.asSystem('installer', work));
  const inTenant = <T>(tenant: TenantId, work: (tx: Tx) => Promise<T>): Promise<T> => outsideTransaction(() => db.inTenant(tenant, work));

  /** Tried again while somebody else is in the way: nothing of a try that failed is kept. */
  async function patiently<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await work();
      } catch (error) {
        if (attempt === ATTEMPTS || !isInTheWay(error)) throw error;
        await pause();
      }
    }
  }

  const busy = Symbol('another process does it');
  const inTurn = <T>(tenant: TenantId, work: (tx: Tx) => Promise<T>): Promise<T | typeof busy> =>
    patiently(() => inTenant(tenant, async (tx) => ((await takeTurnFor(tx, tenant)) ? work(tx) : busy)));

  const add = (sum: Omit<Batch, 'last'>, one: Batch): Omit<Batch, 'last'> => ({
    sealed: sum.sealed + one.sealed,
    left: sum.left + one.left,
    erased: sum.erased + one.erased,
    unreadable: sum.unreadable + one.unreadable,
  });
  const NONE = { sealed: 0, left: 0, erased: 0, unreadable: 0 };

  /** Every column once. */
  async function pass(
    tenant: TenantId,
    generation: number,
    onBatch: (batch: Batch) => unknown,
  ): Promise<Omit<Batch, 'last'> | typeof busy> {
    let sum: Omit<Batch, 'last'> = NONE;
    for (const column of moved) {
      for (let after: RowKey | null = null; ; ) {
        const from: RowKey | null = after;
        const batch = await inTurn(tenant, async (tx) => {
          const done = await batches(tx, { tenant, column, generation, after: from, follow: follow[nameOf(column)] ?? null });
          if (done.sealed > 0) await countSealed(tx, tenant, { generation, sealed: done.sealed });
          return done;
        });
        if (batch === busy) return busy;
        sum = add(sum, batch);
        await onBatch(batch);
        if (batch.last === null) break;
        after = batch.last;
      }
    }
    return sum;
  }

  /** Whoever seals under an older generation ends before this does. */
  const waitForWriters = (tenant: TenantId): Promise<void> => patiently(() => inTenant(tenant, (tx) => waitForSealers(tx, tenant)));

  async function runTenant({ tenant, generation }: GenerationRow, onStep: OnStep): Promise<Omit<ReencryptReport, 'tenants'> | Refusal> {
    await onStep({ step: 'waiting for writers', tenant, done: 0 });
    await waitForWriters(tenant);
    let done = 0;
    for (;;) {
      const sum = await pass(tenant, generation, async ({ sealed }) => {
        done += sealed;
        if (sealed > 0) await onStep({ step: 'sealing', tenant, done });
      });
      if (sum === busy) return refusal('VAULT_ROUND_BUSY');
      if (sum.left > 0) await pause();
      if (sum.sealed > 0 || sum.left > 0) continue; // until a whole pass finds nothing to do
      const { erased, unreadable } = sum;
      await inTenant(tenant, async (tx) => {
        await dropOlderFaults(tx, tenant, generation);
        await finishGeneration(tx, tenant, { generation, erased, at: at() });
      });
      await onStep({ step: 'sealed', tenant, done });
      return { sealed: done, erased, unreadable };
    }
  }

  async function wanted(tenant: TenantId | null): Promise<readonly TenantId[]> {
    const all = await system(tenantsWithKeys);
    return tenant === null ? all : all.filter((one) => one === tenant);
  }

  /** Ids of older keys that stand in values which are never sealed anew. */
  async function usedByLedger(tenant: TenantId, generation: number): Promise<ReadonlySet<string>> {
    const used = new Set<string>();
    for (const column of committed) {
      for (let after: RowKey | null = null; ; ) {
        const from: RowKey | null = after;
        const rows: readonly SealedRow[] = await inTenant(tenant, (tx) =>
          pageOfSealed(tx, tenant, { column, after: from, before: 0, limit: PAGE_ROWS }),
        );
        for (const row of rows) if (row.generation !== null && row.generation < generation) used.add(row.keyId);
        if (rows.length < PAGE_ROWS) break;
        after = rows.at(-1)?.row ?? null;
      }
    }
    return used;
  }

  async function destroyIn(tenant: TenantId, onStep: OnStep): Promise<{ destroyed: number; kept: number } | Refusal> {
    const row = await inTenant(tenant, (tx) => newestGeneration(tx, tenant));
    if (row === null) return { destroyed: 0, kept: 0 };
    if (row.state === 'running') return refusal('VAULT_REENCRYPTION_RUNNING');
    const { generation } = row;
    await onStep({ step: 'looking', tenant, done: 0 });
    // Once more over everything: what was put back under an older key meanwhile is moved, or keeps its key.
    for (;;) {
      const sum = await pass(tenant, generation, () => undefined);
      if (sum === busy) return refusal('VAULT_ROUND_BUSY');
      if (sum.sealed === 0 && sum.left === 0) break;
      await pause();
    }
    const used = await usedByLedger(tenant, generation);
    const gone = await inTurn(tenant, async (tx) => {
      const except = new Set([...used, ...(await keysOfFaults(tx, tenant)), ...(await keysOfPurposes(tx, tenant))]);
      await joinEpoch(tx);
      const epoch = await currentEpoch(tx);
      const ids = await deleteOlderKeys(tx, tenant, { generation, except: [...except] });
      if (ids.length === 0) return { destroyed: 0 };
      // As with an erasure: an older database that is put back must not bring them again.
      await addErasures(tx, tenant, { keys: ids, epoch, erasedAt: at() });
      await told(ids.map((key) => ({ tenant, key, atMs: clock.now() })));
      await countDestroyed(tx, tenant, { generation, destroyed: ids.length, at: at() });
      return { destroyed: ids.length };
    });
    if (gone === busy) return refusal('VAULT_ROUND_BUSY');
    await onStep({ step: 'keys destroyed', tenant, done: gone.destroyed });
    return { ...gone, kept: (await system(countOlderKeys)).get(tenant) ?? 0 };
  }

  return {
    async begin(tenant, by) {
      const tenants = await wanted(tenant);
      if (tenants.length === 0) return refusal('VAULT_NOTHING_SEALED');
      for (const one of tenants) await patiently(() => inTenant(one, (tx) => beginGeneration(tx, one, { by, at: at() })));
      return null;
    },

    async run(onStep = nothing) {
      const report = { tenants: 0, sealed: 0, erased: 0, unreadable: 0 };
      for (const row of await system(listGenerations)) {
        if (row.state !== 'running') continue;
        const done = await runTenant(row, onStep);
        if (isRefusal(done)) return done;
        report.tenants += 1;
        report.sealed += done.sealed;
        report.erased += done.erased;
        report.unreadable += done.unreadable;
      }
      return report;
    },

    async destroyOlder(tenant, onStep = nothing) {
      const sum = { destroyed: 0, kept: 0 };
      for (const one of await wanted(tenant)) {
        const done = await destroyIn(one, onStep);
        if (isRefusal(done)) return done;
        sum.destroyed += done.destroyed;
        sum.kept += done.kept;
      }
      return sum;
    },

    async setMinimum(form) {
      if (form > NEWEST_FORM) throw vaultFault('VAULT_INPUT_INVALID');
      if (form > 1)
        for (const tenant of await wanted(null))
          for (const column of moved)
            if (await inTenant(tenant, (tx) => hasFirstForm(tx, tenant, column)))
              return refusal('VAULT_OLDER_FORMS_LEFT', { place: nameOf(column) });
      return system(async (tx) => {
        if (!(await takeTurn(tx))) return refusal('VAULT_ROUND_BUSY');
        await held.refresh();
        const before = held.box().minimum;
        if (before !== form) await held.store({ ...held.box(), minimum: form });
        return { before, after: form };
      });
    },

    isOpen: async () => (await system(listGenerations)).some(({ state }) => state === 'running'),

    async status() {
      await held.refresh();
      const older = await system(countOlderKeys);
      const faults = await system((tx) => listFaults(tx, MAX_FAULTS_SHOWN));
      return {
        minimum: held.box().minimum,
        newest: NEWEST_FORM,
        tenants: (await system(listGenerations)).map(({ startedAt, finishedAt, destroyedAt, ...row }) => ({
          ...row,
          startedAt: startedAt.toISOString(),
          finishedAt: iso(finishedAt),
          destroyedAt: iso(destroyedAt),
          olderKeys: older.get(row.tenant) ?? 0,
        })),
        unreadable: faults.count,
        faults: faults.rows.map(({ tenant, place, ref, code }) => ({ tenant, place, ref, code })),
      };
    },
  };
}
