// Datasets: imported with the digest of their bytes, sealed row by row, read as pseudonyms, and in the clear for a reason and a time.
// INVARIANTS: a row is sealed under the key of whoever it is about, so erasing them ends it; raw reading needs an open window of the same
// person that has not run out; every read is on record with how many rows and columns it gave.

import {
  type Clock,
  type Digest,
  isRefusal,
  type JsonObject,
  makeEvent,
  newId,
  type OptOutUse,
  parseOwnJson,
  type Random,
  type Refusal,
  type SealChange,
  type TenantId,
  type Tx,
  type UnixMs,
} from '#core';
import type { NameLists } from '#dlp';
import { appendEvents, type Database } from '#storage';
import { refusal } from '../errors.ts';
import { addressesIn, keyOf, type Named, type OptOuts } from '../flows/opt-outs.ts';
import { activeHolds } from '../rights/holds.ts';
import {
  addGrant,
  addRows,
  type DatasetRecord,
  dropDataset,
  dropGrant,
  dropRows,
  endRaw,
  holdDataset,
  listDatasets,
  listGrants,
  listRaw,
  listVersions,
  openRaw,
  putDataset,
  type RawWindow,
  readRows,
  type SealedRow,
  type VersionRecord,
} from '../store/datasets.ts';
import { refsOfDataset } from '../store/held-rows.ts';
import { subjectsOfItems } from '../store/subjects.ts';
import { type Column, classifyColumns, normalValue, saysMore, shownAs, subjectColumn } from './columns.ts';
import { type DatasetGrant, passes, type Reader, type RowFilter, readableFor } from './filters.ts';
import { type DatasetFormat, parseDataset, type Table } from './parse.ts';

export interface DatasetsDeps {
  readonly db: Pick<Database, 'inTenant'>;
  readonly vault: {
    seal(
      tx: Tx,
      value: { readonly tenant: TenantId; readonly subject: string | null; readonly purpose: string; readonly plaintext: Uint8Array },
    ): Promise<Uint8Array>;
    openMany(
      tx: Tx,
      value: { readonly tenant: TenantId; readonly purpose: string; readonly sealed: readonly Uint8Array[] },
    ): Promise<readonly (Uint8Array | null)[]>;
    blindReference(tx: Tx, tenant: TenantId, subject: string): Promise<string>;
  };
  readonly optOuts: Pick<OptOuts, 'among'>;
  readonly digest: { sha256(value: string | Uint8Array): string } & Partial<Digest>;
  readonly clock: Clock;
  readonly random: Random;
  readonly lists: NameLists;
}

interface By {
  readonly tenant: TenantId;
  readonly actor: string;
  readonly seal: SealChange;
}

export interface ImportInput {
  readonly name: string;
  readonly format: DatasetFormat;
  readonly bytes: Uint8Array;
  readonly source: string;
  readonly licence: string;
  readonly purpose: string;
  readonly subject: string | null;
  readonly labels: Readonly<Record<string, string>>;
}

export interface ReadInput {
  readonly name: string;
  readonly columns: readonly string[] | null;
  readonly after: number;
  readonly limit: number;
  readonly raw: boolean;
  /** What the rows are read for: who opted out of it is left out. */
  readonly use: OptOutUse | null;
  readonly isExport: boolean;
}

export interface ReadPage {
  readonly dataset: string;
  readonly hash: string;
  readonly raw: boolean;
  readonly columns: readonly (Column & { readonly shown: string })[];
  readonly rows: readonly JsonObject[];
  /** Rows whose person was erased. */
  readonly erased: number;
  readonly optedOut: number;
  readonly next: number | null;
  readonly expiresAtMs: UnixMs | null;
}

export interface Datasets {
  import(by: By, input: ImportInput): Promise<DatasetRecord | Refusal>;
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
  openRaw(by: By, input: { readonly name: string; readonly reason: string; readonly minutes: number }): Promise<RawWindow | Refusal>;
  endRaw(by: By, name: string): Promise<number>;
  grant(by: By, name: string, grant: Omit<DatasetGrant, 'id'>): Promise<DatasetGrant | Refusal>;
  ungrant(by: By, name: string, id: string): Promise<boolean>;
  remove(by: By, name: string): Promise<boolean | Refusal>;
}

export const MAX_RAW_MINUTES = 60;
export const MAX_PAGE = 500;
const BATCH = 500;
export const PURPOSE = 'dataset.row';
const FILTER_PURPOSE = 'dataset.filter';
const REMOVED = '[not kept]';
const MAX_GRANTS = 200;

/** Whose key a row is sealed under: a customer as everywhere else, else their address. */
export function subjectOf(column: Column | undefined, value: string): string | null {
  const text = normalValue(value);
  if (column === undefined || text === '') return null;
  if (isCustomerColumn(column)) return value.trim();
  return column.dataClass === 'email_address' ? `email:${text}` : `${column.dataClass ?? 'subject'}:${text}`;
}

/** Its values are numbers of customers, in whatever form. */
export const isCustomerColumn = (column: Column | undefined): boolean => column?.dataClass === 'customer_number';

export function createDatasets(deps: DatasetsDeps): Datasets {
  const { db, vault, clock, random } = deps;

  const record = (
    tx: Tx,
    by: { tenant: TenantId; actor: string },
    type: string,
    name: string,
    facts: JsonObject,
    sealed: Uint8Array | null,
  ) =>
    appendEvents(tx, [
      makeEvent(
        { clock, random },
        { tenant: by.tenant, type: `governance.dataset.${type}`, actor: by.actor, subject: `dataset:${name}`, public: facts, sealed },
      ),
    ]);

  async function sealRows(
    tenant: TenantId,
    where: { readonly dataset: string; readonly version: number },
    table: Table,
    columns: readonly Column[],
    subject: string | null,
  ): Promise<void> {
    const at = subject === null ? -1 : table.columns.indexOf(subject);
    const gone = columns.map((column) => shownAs(column) === 'removed');
    for (let from = 0; from < table.rows.length; from += BATCH) {
      await db.inTenant(tenant, async (tx) => {
        const sealed: SealedRow[] = [];
        for (const [nth, cells] of table.rows.slice(from, from + BATCH).entries()) {
          const person = at < 0 ? null : subjectOf(columns[at], cells[at] ?? '');
          const kept = cells.map((cell, index) => (gone[index] === true && cell !== '' ? REMOVED : cell));
          sealed.push({
            row: from + nth + 1,
            subject: person === null ? null : await vault.blindReference(tx, tenant, person),
            sealed: await vault.seal(tx, { tenant, subject: person, purpose: PURPOSE, plaintext: Buffer.from(JSON.stringify(kept)) }),
          });
        }
        await addRows(tx, tenant, where, sealed);
      });
    }
  }

  async function grantsOf(tx: Tx, tenant: TenantId, name: string): Promise<readonly DatasetGrant[]> {
    const rows = await listGrants(tx, tenant, name);
    const sealed = rows.flatMap(({ filter }) => (filter === null ? [] : [filter]));
    const opened = [...(await vault.openMany(tx, { tenant, purpose: FILTER_PURPOSE, sealed }))];
    return rows.map(({ id, subject, columns, filter }) => ({
      id,
      subject,
      columns,
      filter: filter === null ? null : (textOf(opened.shift() ?? null) as unknown as RowFilter),
    }));
  }

  async function windowOf(tx: Tx, tenant: TenantId, name: string, person: string): Promise<RawWindow | null> {
    const now = clock.now();
    const open = await listRaw(tx, tenant, name);
    return open.find((one) => one.person === person && one.endedAtMs === null && one.expiresAtMs > now) ?? null;
  }

  /** Stable for one dataset and class: equal values are equal pseudonyms, so that columns still join. */
  async function pseudonym(tx: Tx, tenant: TenantId, dataset: string, column: Column, value: string): Promise<string> {
    const name = column.dataClass ?? 'value';
    const mark = await vault.blindReference(tx, tenant, `dataset/${dataset}/${name}/${normalValue(value)}`);
    return `${name}_${mark.slice(0, 16)}`;
  }

  async function shownRow(
    tx: Tx,
    tenant: TenantId,
    dataset: DatasetRecord,
    cells: readonly string[],
    { columns, raw }: { readonly columns: readonly string[]; readonly raw: boolean },
  ): Promise<JsonObject> {
    const out: Record<string, string> = {};
    for (const name of columns) {
      const at = dataset.columns.findIndex((column) => column.name === name);
      const [column, value] = [dataset.columns[at] as Column, cells[at] ?? ''];
      const hides = !raw && value !== '' && (shownAs(column) === 'pseudonym' || (shownAs(column) === 'clear' && saysMore(value)));
      out[name] = hides ? await pseudonym(tx, tenant, dataset.name, column, value) : value;
    }
    return out;
  }

  const find = async (tx: Tx, tenant: TenantId, name: string): Promise<DatasetRecord | Refusal> =>
    (await listDatasets(tx, tenant)).find((one) => one.name === name) ?? refusal('GOVERNANCE_DATASET_UNKNOWN');

  /** Rows of somebody under a legal hold; the index was brought up to date before. */
  async function isHeld(tx: Tx, tenant: TenantId, name: string): Promise<boolean> {
    const active = await activeHolds(tx, tenant, clock.now());
    if (active.count === 0) return false;
    const rows = await subjectsOfItems(tx, tenant, 'datasets', await refsOfDataset(tx, tenant, name));
    const subjects = new Set([...rows.values()].flatMap((names) => [...names]));
    return active.covers({ subjects, place: 'datasets', purpose: name });
  }

  return {
    import: async (by, input) => {
      const { tenant } = by;
      const { name } = input;
      const text = Buffer.from(input.bytes).toString('utf8');
      if (text.includes('\ufffd') || text.includes('\0')) return refusal('GOVERNANCE_DATASET_UNREADABLE', { line: 0, why: 'encoding' });
      const table = parseDataset(input.format, text);
      if (isRefusal(table)) return table;
      const columns = classifyColumns(table, input.labels, deps.lists);
      if (isRefusal(columns)) return columns;
      const subject = subjectColumn(columns, input.subject);
      if (isRefusal(subject)) return subject;
      const hash = deps.digest.sha256(input.bytes);
      const before = await db.inTenant(tenant, (tx) => find(tx, tenant, name));
      const version = isRefusal(before) ? 1 : before.version + 1;
      const rowsVersion = Buffer.from(random.bytes(4)).readUInt32BE(0) % 2_147_483_647;
      const where = { dataset: name, version: rowsVersion };
      const one: DatasetRecord = {
        ...{ name, version, rowsVersion, hash, columns, subjectColumn: subject, format: input.format },
        ...{ rows: table.rows.length, bytes: input.bytes.byteLength },
        ...{ source: input.source, licence: input.licence, purpose: input.purpose },
        ...{ importedAtMs: clock.now(), importedBy: by.actor },
      };
      try {
        await sealRows(tenant, where, table, columns, subject);
        const done = await db.inTenant(tenant, async (tx): Promise<DatasetRecord | Refusal> => {
          const held = await holdDataset(tx, tenant, name);
          if ((held?.version ?? 0) !== version - 1) return refusal('GOVERNANCE_DATASET_BUSY');
          if (held !== null && (await isHeld(tx, tenant, name))) return refusal('GOVERNANCE_SUBJECT_HELD', { dataset: name });
          await putDataset(tx, tenant, one);
          const facts = { hash, version, rows: one.rows, columns: columns.length, changed: held !== null && held.hash !== hash };
          const told = ({ source, licence, purpose }: DatasetRecord) => ({ source, licence, purpose });
          const sealed = await by.seal(tx, { before: held === null ? null : told(held), after: told(one) });
          await record(tx, by, 'imported', name, facts, sealed);
          return one;
        });
        if (isRefusal(done)) await db.inTenant(tenant, (tx) => dropRows(tx, tenant, where));
        return done;
      } catch (fault) {
        // What was written beside the version that is read is of no use to anybody.
        await db.inTenant(tenant, (tx) => dropRows(tx, tenant, where)).catch(() => undefined);
        throw fault;
      }
    },
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
        const all = dataset.columns.map(({ name }) => name);
        const readable = readableFor(reader, all, await grantsOf(tx, tenant, input.name), input.columns);
        if (isRefusal(readable)) return readable;
        const window = input.raw ? await windowOf(tx, tenant, input.name, reader.person) : null;
        if (input.raw && window === null) return refusal('GOVERNANCE_RAW_NOT_OPEN');
        const where = { dataset: input.name, version: dataset.rowsVersion, after: input.after, limit: Math.min(input.limit, MAX_PAGE) };
        const sealed = await readRows(tx, tenant, where);
        const opened = await vault.openMany(tx, { tenant, purpose: PURPOSE, sealed: sealed.map((row) => row.sealed) });
        const cells = opened.map((one) => textOf(one) as unknown as readonly string[] | null);
        const valueIn = (row: readonly string[]) => (column: string) => row[all.indexOf(column)] ?? '';
        const named = (row: readonly string[]): readonly Named[] =>
          dataset.columns.flatMap(({ dataClass }, at): Named[] => {
            const value = row[at] ?? '';
            if (value === '') return [];
            if (dataClass === 'customer_number') return [{ kind: 'customer', value }];
            return dataClass === 'email_address' ? addressesIn(value).map((one) => ({ kind: 'email', value: one })) : [];
          });
        const present = cells.filter((row) => row !== null);
        const out =
          input.use === null
            ? new Set<string>()
            : await deps.optOuts.among(
                tx,
                tenant,
                present.flatMap((row) => named(row)),
                [input.use],
              );
        const kept = present.filter((row) => !named(row).some((one) => out.has(keyOf(one))));
        const rows: JsonObject[] = [];
        for (const row of kept)
          if (passes(readable.filters, valueIn(row)))
            rows.push(await shownRow(tx, tenant, dataset, row, { columns: readable.columns, raw: input.raw }));
        const last = sealed.at(-1)?.row ?? null;
        const page: ReadPage = {
          dataset: dataset.name,
          hash: dataset.hash,
          raw: input.raw,
          columns: dataset.columns
            .filter(({ name }) => readable.columns.includes(name))
            .map((column) => ({ ...column, shown: input.raw ? 'clear' : shownAs(column) })),
          rows,
          erased: cells.length - present.length,
          optedOut: present.length - kept.length,
          next: sealed.length < where.limit || last === null || last >= dataset.rows ? null : last,
          expiresAtMs: window?.expiresAtMs ?? null,
        };
        const facts = {
          hash: dataset.hash,
          columns: [...readable.columns],
          rows: rows.length,
          raw: input.raw,
          ...(input.use === null ? {} : { use: input.use, optedOut: page.optedOut }),
          ...(window === null ? {} : { window: window.id }),
        };
        await record(tx, { tenant, actor: reader.person }, input.isExport ? 'exported' : 'read', dataset.name, facts, null);
        return page;
      }),
    openRaw: (by, { name, reason, minutes }) =>
      db.inTenant(by.tenant, async (tx) => {
        const { tenant } = by;
        const dataset = await find(tx, tenant, name);
        if (isRefusal(dataset)) return dataset;
        const [openedAtMs, expiresAtMs] = [clock.now(), clock.now() + Math.min(minutes, MAX_RAW_MINUTES) * 60_000];
        const id = newId('dra', clock, random);
        const sealed = await vault.seal(tx, { tenant, subject: `person:${by.actor}`, purpose: PURPOSE, plaintext: Buffer.from(reason) });
        await endRaw(tx, tenant, name, by.actor, new Date(openedAtMs));
        const window = { id, dataset: name, person: by.actor, reason: sealed, at: new Date(openedAtMs), until: new Date(expiresAtMs) };
        await openRaw(tx, tenant, window);
        const facts = { window: id, minutes: Math.min(minutes, MAX_RAW_MINUTES), rows: dataset.rows };
        await record(tx, by, 'raw_opened', name, facts, await by.seal(tx, { before: null, after: { reason } }));
        return { id, dataset: name, person: by.actor, openedAtMs, expiresAtMs, endedAtMs: null };
      }),
    endRaw: (by, name) =>
      db.inTenant(by.tenant, async (tx) => {
        const ended = await endRaw(tx, by.tenant, name, by.actor, new Date(clock.now()));
        if (ended > 0) await record(tx, by, 'raw_ended', name, { windows: ended }, null);
        return ended;
      }),
    grant: (by, name, grant) =>
      db.inTenant(by.tenant, async (tx) => {
        const { tenant } = by;
        const dataset = await find(tx, tenant, name);
        if (isRefusal(dataset)) return dataset;
        const known = new Set(dataset.columns.map((column) => column.name));
        const unknown = [...(grant.columns ?? []), ...(grant.filter === null ? [] : [grant.filter.column])].find((one) => !known.has(one));
        if (unknown !== undefined) return refusal('GOVERNANCE_DATASET_COLUMN', { column: unknown });
        if ((await listGrants(tx, tenant, name)).length >= MAX_GRANTS) return refusal('GOVERNANCE_TOO_MANY');
        const id = newId('dgr', clock, random);
        const plaintext = Buffer.from(JSON.stringify(grant.filter));
        const filter = grant.filter === null ? null : await vault.seal(tx, { tenant, subject: null, purpose: FILTER_PURPOSE, plaintext });
        const made = { at: new Date(clock.now()), by: by.actor };
        await addGrant(tx, tenant, { id, dataset: name, subject: grant.subject, columns: grant.columns, filter }, made);
        const facts = { grant: id, to: grant.subject, columns: [...(grant.columns ?? [])], filtered: grant.filter !== null };
        await record(tx, by, 'granted', name, facts, await by.seal(tx, { before: null, after: { ...grant } as never }));
        return { id, ...grant };
      }),
    ungrant: (by, name, id) =>
      db.inTenant(by.tenant, async (tx) => {
        if (!(await dropGrant(tx, by.tenant, name, id))) return false;
        await record(tx, by, 'ungranted', name, { grant: id }, null);
        return true;
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

function textOf(opened: Uint8Array | null): unknown {
  return opened === null ? null : parseOwnJson(Buffer.from(opened).toString('utf8'));
}
