// Datasets: imported with the digest of their bytes, sealed row by row, read as tokens, and in the clear for a reason and a time.
// INVARIANTS: a row is sealed under the key of whoever it is about, so erasing them ends it; raw reading needs an open window of the same
// person that has not run out; every read is on record with how many rows and columns it gave.

import { isRefusal, makeEvent, type Refusal, type TenantId, type Tx } from '#core';
import { appendEvents } from '#storage';
import { refusal } from '../errors.ts';
import { activeHolds } from '../rights/holds.ts';
import {
  type DatasetRecord,
  dropDataset,
  holdDataset,
  listDatasets,
  listRaw,
  listVersions,
  putDataset,
  type RawWindow,
  type VersionRecord,
} from '../store/datasets.ts';
import { refsOfDataset } from '../store/held-rows.ts';
import { beatImport, dropImport, type ImportRow, listImports } from '../store/imports.ts';
import { subjectsOfItems } from '../store/subjects.ts';
import type { DatasetGrant, Reader } from './filters.ts';
import { type ImportDeps, type ImportedRows, type ImportInput, importRows, stopImports, sweepImports } from './import.ts';
import { type ReadInput, type ReadingDeps, type ReadPage, readPage } from './reading.ts';
import { type By, createWhoReads, type RecordEvent, type WhoReads } from './who-reads.ts';

type WhoReadsVault = Parameters<typeof createWhoReads>[0]['vault'];

export interface DatasetsDeps extends Omit<ImportDeps, 'vault'>, Omit<ReadingDeps, 'vault'> {
  readonly vault: ImportDeps['vault'] & ReadingDeps['vault'] & WhoReadsVault;
}

export interface Datasets extends WhoReads {
  import(by: By, input: ImportInput): Promise<DatasetRecord | Refusal>;
  /** Imports of that name that run now. */
  importing(tenant: TenantId, name: string): Promise<readonly ImportRow[]>;
  /** Takes what imports left that were killed. */
  sweep(tenant: TenantId): Promise<number>;
  /** Ends those that run, as before an erasure; gives how many. */
  stopImports(tenant: TenantId): Promise<number>;
  list(tenant: TenantId): Promise<readonly DatasetRecord[]>;
  show(
    tenant: TenantId,
    name: string,
  ): Promise<
    | {
        readonly dataset: DatasetRecord;
        readonly versions: readonly VersionRecord[];
        readonly grants: readonly DatasetGrant[];
        readonly windows: readonly RawWindow[];
      }
    | Refusal
  >;
  read(tenant: TenantId, reader: Reader, input: ReadInput): Promise<ReadPage | Refusal>;
  remove(by: By, name: string): Promise<boolean | Refusal>;
}

export function createDatasets(deps: DatasetsDeps): Datasets {
  const { db, clock, random } = deps;
  const record: RecordEvent = (tx, by, type, name, facts, sealed) =>
    appendEvents(tx, [
      makeEvent(
        { clock, random },
        { tenant: by.tenant, type: `governance.dataset.${type}`, actor: by.actor, subject: `dataset:${name}`, public: facts, sealed },
      ),
    ]);
  const find = async (tx: Tx, tenant: TenantId, name: string): Promise<DatasetRecord | Refusal> =>
    (await listDatasets(tx, tenant)).find((one) => one.name === name) ?? refusal('GOVERNANCE_DATASET_UNKNOWN');
  const { grantsOf, windowOf, ...whoReads } = createWhoReads({ ...deps, record, find });

  /** Rows of somebody under a legal hold; the index was brought up to date before. */
  async function isHeld(tx: Tx, tenant: TenantId, name: string): Promise<boolean> {
    const active = await activeHolds(tx, tenant, clock.now());
    if (active.count === 0) return false;
    const rows = await subjectsOfItems(tx, tenant, 'datasets', await refsOfDataset(tx, tenant, name));
    const subjects = new Set([...rows.values()].flatMap((names) => [...names]));
    return active.covers({ subjects, place: 'datasets', purpose: name });
  }

  /** The rows that were written become the ones that are read, at once; or none of them. */
  function takePlace(by: By, input: ImportInput, version: number, done: ImportedRows): Promise<DatasetRecord | Refusal> {
    const { tenant } = by;
    const { name, format, source, licence, purpose } = input;
    const { rowsVersion, hash, columns, subject, rows, bytes, dropped } = done;
    const one: DatasetRecord = {
      ...{ name, version, rowsVersion, hash, columns, subjectColumn: subject, format, rows, bytes, source, licence, purpose },
      ...{ importedAtMs: clock.now(), importedBy: by.actor, cardsDropped: dropped.cards, codesDropped: dropped.codes },
    };
    return db.inTenant(tenant, async (tx): Promise<DatasetRecord | Refusal> => {
      const held = await holdDataset(tx, tenant, name);
      const beat = { rowsVersion, phase: 'sealing' as const, rows, bytes, sealed: rows, at: new Date(clock.now()) };
      const isThere = await beatImport(tx, tenant, beat);
      if (!isThere || (held?.version ?? 0) !== version - 1) return refusal('GOVERNANCE_DATASET_BUSY');
      if (held !== null && (await isHeld(tx, tenant, name))) return refusal('GOVERNANCE_SUBJECT_HELD', { dataset: name });
      await putDataset(tx, tenant, one);
      await dropImport(tx, tenant, rowsVersion);
      const facts = {
        ...{ hash, version, rows, columns: columns.length, changed: held !== null && held.hash !== hash },
        ...(dropped.cards + dropped.codes === 0 ? {} : { cardsDropped: dropped.cards, codesDropped: dropped.codes }),
      };
      const told = (of: DatasetRecord) => ({ source: of.source, licence: of.licence, purpose: of.purpose });
      const sealed = await by.seal(tx, { before: held === null ? null : told(held), after: told(one) });
      await record(tx, by, 'imported', name, facts, sealed);
      return one;
    });
  }

  return {
    ...whoReads,
    import: async (by, input) => {
      const { tenant } = by;
      const before = await db.inTenant(tenant, (tx) => find(tx, tenant, input.name));
      const version = isRefusal(before) ? 1 : before.version + 1;
      const done = await importRows(deps, by, input);
      if (isRefusal(done)) return done;
      const drop = () => db.inTenant(tenant, (tx) => dropImport(tx, tenant, done.rowsVersion));
      try {
        const taken = await takePlace(by, input, version, done);
        if (isRefusal(taken)) await drop();
        return taken;
      } catch (fault) {
        await drop().catch(() => undefined);
        throw fault;
      }
    },
    importing: async (tenant, name) =>
      (await db.inTenant(tenant, (tx) => listImports(tx, tenant))).filter(({ dataset }) => dataset === name),
    sweep: (tenant) => sweepImports(deps, tenant),
    stopImports: (tenant) => stopImports(deps, tenant),
    list: (tenant) => db.inTenant(tenant, (tx) => listDatasets(tx, tenant)),
    show: (tenant, name) =>
      db.inTenant(tenant, async (tx) => {
        const dataset = await find(tx, tenant, name);
        if (isRefusal(dataset)) return dataset;
        return {
          dataset,
          versions: await listVersions(tx, tenant, name),
          grants: await grantsOf(tx, tenant, name),
          windows: await listRaw(tx, tenant, name),
        };
      }),
    read: (tenant, reader, input) =>
      db.inTenant(tenant, async (tx) => {
        const dataset = await find(tx, tenant, input.name);
        if (isRefusal(dataset)) return dataset;
        const grants = await grantsOf(tx, tenant, input.name);
        const window = input.raw ? await windowOf(tx, tenant, input.name, reader.person) : null;
        const read = await readPage(deps, tx, { tenant, reader, dataset, grants, window, input });
        if (isRefusal(read)) return read;
        const { page, facts } = read;
        await record(tx, { tenant, actor: reader.person }, input.isExport ? 'exported' : 'read', dataset.name, facts, null);
        return page;
      }),
    remove: (by, name) =>
      db.inTenant(by.tenant, async (tx) => {
        if (await isHeld(tx, by.tenant, name)) return refusal('GOVERNANCE_SUBJECT_HELD', { dataset: name });
        if (!(await dropDataset(tx, by.tenant, name))) return false;
        await record(tx, by, 'removed', name, {}, null);
        return true;
      }),
  };
}
