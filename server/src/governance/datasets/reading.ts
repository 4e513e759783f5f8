// Reading a page of a dataset: what identifies somebody is a token of the vault, the same within the dataset's purpose, or in the clear within an
// open window. INVARIANT: every page is on record with how many rows and columns it gave, in the transaction that reads it.

import {
  type DataClass,
  isRefusal,
  type JsonObject,
  type OptOutUse,
  parseOwnJson,
  type Refusal,
  type TenantId,
  type Tx,
  type UnixMs,
} from '#core';
import { subjectOfToken } from '#vault';
import { refusal } from '../errors.ts';
import { addressesIn, keyOf, type Named, type OptOuts } from '../flows/opt-outs.ts';
import { type DatasetRecord, readRows } from '../store/datasets.ts';
import { type Column, saysMore, shownAs } from './columns.ts';
import { type DatasetGrant, passes, type Reader, readableFor } from './filters.ts';
import { isCustomerColumn, PURPOSE, subjectOf } from './subjects.ts';
import { tokenPurposeOf } from './token-purpose.ts';

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
  /** What its tokens were made for; null when the page holds none. */
  readonly tokenPurpose: string | null;
}

export interface TokenInput {
  readonly dataClass: DataClass;
  readonly value: string;
  readonly subject: string | null;
}

export interface ReadingDeps {
  readonly vault: {
    openMany(
      tx: Tx,
      value: { readonly tenant: TenantId; readonly purpose: string; readonly sealed: readonly Uint8Array[] },
    ): Promise<readonly (Uint8Array | null)[]>;
    readonly tokens: {
      readonly purposes: {
        ensure(
          tx: Tx,
          by: { readonly tenant: TenantId; readonly actor: string },
          purpose: {
            readonly name: string;
            readonly classes: readonly DataClass[];
            readonly openers: readonly string[];
            readonly keepDays: number;
          },
        ): Promise<null | Refusal>;
      };
      make(
        tx: Tx,
        input: { readonly tenant: TenantId; readonly purpose: string; readonly values: readonly TokenInput[] },
      ): Promise<readonly string[] | Refusal>;
    };
  };
  readonly optOuts: Pick<OptOuts, 'among'>;
  readonly digest: { sha256(value: string | Uint8Array): string };
}

export const MAX_PAGE = 500;
const HIDDEN = '[hidden]';
const TOKEN_DAYS = 365;

type Cells = readonly string[];

/** The page and what is told of it; a row of somebody who was erased is counted and not shown. */
export async function readPage(
  deps: ReadingDeps,
  tx: Tx,
  given: {
    readonly tenant: TenantId;
    readonly reader: Reader;
    readonly dataset: DatasetRecord;
    readonly grants: readonly DatasetGrant[];
    readonly window: { readonly id: string; readonly expiresAtMs: UnixMs } | null;
    readonly input: ReadInput;
  },
): Promise<{ readonly page: ReadPage; readonly facts: JsonObject } | Refusal> {
  const { tenant, reader, dataset, grants, window, input } = given;
  const all = dataset.columns.map(({ name }) => name);
  const readable = readableFor(reader, all, grants, input.columns);
  if (isRefusal(readable)) return readable;
  if (input.raw && window === null) return refusal('GOVERNANCE_RAW_NOT_OPEN');
  const where = { dataset: input.name, version: dataset.rowsVersion, after: input.after, limit: Math.min(input.limit, MAX_PAGE) };
  const sealed = await readRows(tx, tenant, where);
  const opened = await deps.vault.openMany(tx, { tenant, purpose: PURPOSE, sealed: sealed.map((row) => row.sealed) });
  const present = opened.flatMap((bytes) =>
    bytes === null ? [] : [parseOwnJson(Buffer.from(bytes).toString('utf8')) as unknown as Cells],
  );
  const kept = await withoutOptedOut(deps, tx, { tenant, dataset, rows: present, use: input.use });
  const valueIn = (row: Cells) => (column: string) => row[all.indexOf(column)] ?? '';
  const seen = kept.filter((row) => passes(readable.filters, valueIn(row)));
  const shown = await shownRows(deps, tx, { tenant, actor: reader.person, dataset, rows: seen, columns: readable.columns, raw: input.raw });
  if (isRefusal(shown)) return shown;
  const last = sealed.at(-1)?.row ?? null;
  const page: ReadPage = {
    dataset: dataset.name,
    hash: dataset.hash,
    raw: input.raw,
    columns: dataset.columns
      .filter(({ name }) => readable.columns.includes(name))
      .map((column) => ({ ...column, shown: input.raw ? 'clear' : shownAs(column) })),
    rows: shown.rows,
    erased: opened.length - present.length,
    optedOut: present.length - kept.length,
    next: sealed.length < where.limit || last === null || last >= dataset.rows ? null : last,
    expiresAtMs: window?.expiresAtMs ?? null,
    tokenPurpose: shown.purpose,
  };
  const facts = {
    hash: dataset.hash,
    columns: [...readable.columns],
    rows: page.rows.length,
    raw: input.raw,
    ...(input.use === null ? {} : { use: input.use, optedOut: page.optedOut }),
    ...(window === null ? {} : { window: window.id }),
  };
  return { page, facts };
}

async function withoutOptedOut(
  { optOuts }: ReadingDeps,
  tx: Tx,
  given: { readonly tenant: TenantId; readonly dataset: DatasetRecord; readonly rows: readonly Cells[]; readonly use: OptOutUse | null },
): Promise<readonly Cells[]> {
  if (given.use === null) return given.rows;
  const named = (row: Cells): readonly Named[] =>
    given.dataset.columns.flatMap(({ dataClass }, at): Named[] => {
      const value = row[at] ?? '';
      if (value === '') return [];
      if (dataClass === 'customer_number') return [{ kind: 'customer', value }];
      return dataClass === 'email_address' ? addressesIn(value).map((one) => ({ kind: 'email', value: one })) : [];
    });
  const people = given.rows.flatMap((row) => named(row));
  const out = await optOuts.among(tx, given.tenant, people, [given.use]);
  return given.rows.filter((row) => !named(row).some((one) => out.has(keyOf(one))));
}

interface Showing {
  readonly tenant: TenantId;
  readonly actor: string;
  readonly dataset: DatasetRecord;
  readonly rows: readonly Cells[];
  readonly columns: readonly string[];
  readonly raw: boolean;
}

/** All tokens of a page are asked of the vault at once. */
async function shownRows(
  deps: ReadingDeps,
  tx: Tx,
  { tenant, actor, dataset, rows, columns, raw }: Showing,
): Promise<{ readonly rows: readonly JsonObject[]; readonly purpose: string | null } | Refusal> {
  const at = columns.map((name) => dataset.columns.findIndex((column) => column.name === name));
  const owner = dataset.columns.findIndex(({ name }) => name === dataset.subjectColumn);
  const asked: TokenInput[] = [];
  const out = rows.map((cells) => {
    const row: Record<string, string> = {};
    const places: { name: string; nth: number }[] = [];
    for (const [nth, name] of columns.entries()) {
      const [column, value] = [dataset.columns[at[nth] as number] as Column, cells[at[nth] as number] ?? ''];
      const shown = raw || value === '' ? 'clear' : shownAs(column);
      if (shown === 'pseudonym' && column.dataClass !== null) {
        places.push({ name, nth: asked.length });
        row[name] = HIDDEN;
        const subject = ownerOf(dataset.columns[owner], cells[owner] ?? '');
        asked.push({ dataClass: column.dataClass, value, subject });
      } else row[name] = shown === 'hidden' || (!raw && shown === 'clear' && saysMore(value)) ? HIDDEN : value;
    }
    return { row, places };
  });
  if (asked.length === 0) return { rows: out.map(({ row }) => row), purpose: null };
  const purpose = tokenPurposeOf(dataset, deps.digest);
  const classes = [...new Set(asked.map(({ dataClass }) => dataClass))];
  const refused = await deps.vault.tokens.purposes.ensure(
    tx,
    { tenant, actor },
    { name: purpose, classes, openers: [], keepDays: TOKEN_DAYS },
  );
  if (refused !== null) return refused;
  const tokens = await deps.vault.tokens.make(tx, { tenant, purpose, values: asked });
  if (isRefusal(tokens)) return tokens;
  for (const { row, places } of out) for (const { name, nth } of places) row[name] = tokens[nth] as string;
  return { rows: out.map(({ row }) => row), purpose };
}

/** A customer as an erasure names them; an address or a number under a key of tokens alone; null: nobody. */
function ownerOf(column: Column | undefined, value: string): string | null {
  const key = subjectOf(column, value);
  if (key === null || column === undefined || isCustomerColumn(column)) return key;
  const own = column.dataClass === null ? null : subjectOfToken({ dataClass: column.dataClass, value, subject: null });
  return own ?? `token:${key}`;
}
