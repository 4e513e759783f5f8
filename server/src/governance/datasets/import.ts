// An import, from bytes to sealed rows: read once, in memory a few hundred rows at a time. What the columns hold is known when the file has
// ended, so its rows wait sealed under a key of this process alone, and are sealed anew under the keys of people afterwards.
// INVARIANTS: the digest is of the bytes that came; no card number is written anywhere, not even while it waits; what did not end leaves nothing.

import { type Clock, isRefusal, type Random, type Refusal, type TenantId, type Tx } from '#core';
import type { NameLists } from '#dlp';
import type { Database } from '#storage';
import { refusal } from '../errors.ts';
import { addRows, type SealedRow } from '../store/datasets.ts';
import { addImport, addPiece, beatImport, dropImport, holdImports, keptRows, readPiece, stoppedImports } from '../store/imports.ts';
import { type Column, createColumnClassifier, shownAs, subjectColumn } from './columns.ts';
import { type Dropped, dropCards } from './drop-cards.ts';
import { type Cells, createTableReader, type DatasetFormat } from './parse.ts';
import { PURPOSE, subjectOf } from './subjects.ts';

export interface ImportVault {
  sealMany(
    tx: Tx,
    value: {
      readonly tenant: TenantId;
      readonly values: readonly { readonly subject: string | null; readonly purpose: string; readonly plaintext: Uint8Array }[];
    },
  ): Promise<readonly { readonly sealed: Uint8Array }[]>;
  passingKey(): { seal(place: string, plaintext: Uint8Array): Uint8Array; open(place: string, sealed: Uint8Array): Uint8Array };
  blindReference(tx: Tx, tenant: TenantId, subject: string): Promise<string>;
}

export interface ImportDeps {
  readonly db: Pick<Database, 'inTenant'>;
  readonly vault: ImportVault;
  /** SHA-256 of what is added, piece by piece. */
  readonly hasher: () => { add(bytes: Uint8Array): void; end(): string };
  readonly clock: Clock;
  readonly random: Random;
  readonly lists: NameLists;
  /** Rows a tenant keeps at most, and bytes of one file. */
  readonly limits: { readonly rows: number; readonly bytes: number };
  /** Told how many rows are held in memory, whenever that changes. */
  readonly onHeld?: (rows: number) => void;
}

export interface ImportInput {
  readonly name: string;
  readonly format: DatasetFormat;
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly source: string;
  readonly licence: string;
  readonly purpose: string;
  readonly subject: string | null;
  readonly labels: Readonly<Record<string, string>>;
}

export interface ImportedRows {
  readonly rowsVersion: number;
  readonly hash: string;
  readonly columns: readonly Column[];
  readonly subject: string | null;
  readonly rows: number;
  readonly bytes: number;
  readonly dropped: Readonly<Dropped>;
}

/** Rows that are held, sealed and written at a time; fewer where they are long. */
const BATCH = 500;
const BATCH_CHARS = 1024 * 1024;
/** No piece of the file is read longer than this at once. */
const SLICE_BYTES = 64 * 1024;
/** An import that nothing was heard of for so long has died with its process. */
export const STOPPED_MS = 10 * 60_000;
const REMOVED = '[not kept]';

interface Run extends ImportInput {
  readonly tenant: TenantId;
  readonly actor: string;
  readonly rowsVersion: number;
}

/** Gives the rows as they stand beside the version that is read; the caller makes them the one, or drops them with `dropImport`. */
export async function importRows(
  deps: ImportDeps,
  by: { readonly tenant: TenantId; readonly actor: string },
  input: ImportInput,
): Promise<ImportedRows | Refusal> {
  const { db, clock } = deps;
  const { tenant } = by;
  const rowsVersion = Buffer.from(deps.random.bytes(4)).readUInt32BE(0) % 2_147_483_647;
  await sweepImports(deps, tenant);
  await db.inTenant(tenant, (tx) => addImport(tx, tenant, { rowsVersion, dataset: input.name, at: new Date(clock.now()), by: by.actor }));
  const run = { ...input, ...by, rowsVersion };
  try {
    const done = await readAndSeal(deps, run);
    if (isRefusal(done)) await drop(deps, run);
    return done;
  } catch (fault) {
    // What was written beside the version that is read is of no use to anybody; what can not be dropped now is swept later.
    await drop(deps, run).catch(() => undefined);
    throw fault;
  }
}

const drop = (deps: ImportDeps, { tenant, rowsVersion }: Run): Promise<void> =>
  deps.db.inTenant(tenant, (tx) => dropImport(tx, tenant, rowsVersion));

/** Takes what imports left whose process was killed; gives how many. */
export async function sweepImports({ db, clock }: Pick<ImportDeps, 'db' | 'clock'>, tenant: TenantId): Promise<number> {
  return db.inTenant(tenant, async (tx) => {
    const stopped = await stoppedImports(tx, tenant, new Date(clock.now() - STOPPED_MS));
    for (const version of stopped) await dropImport(tx, tenant, version);
    return stopped.length;
  });
}

/**
 * Ends every import that runs, before somebody is erased: what waits of a file can be read by its process alone, so nobody can tell whether it
 * is about them. Whoever imports is refused and imports again. Gives how many.
 */
export async function stopImports({ db }: Pick<ImportDeps, 'db'>, tenant: TenantId): Promise<number> {
  return db.inTenant(tenant, async (tx) => {
    const running = await holdImports(tx, tenant);
    for (const version of running) await dropImport(tx, tenant, version);
    return running.length;
  });
}

async function readAndSeal(deps: ImportDeps, run: Run): Promise<ImportedRows | Refusal> {
  const key = deps.vault.passingKey();
  const read = await readFile(deps, run, key);
  if (isRefusal(read)) return read;
  const { columns, rows, bytes, hash, dropped, pieces } = read;
  const subject = subjectColumn(columns, run.subject);
  if (isRefusal(subject)) return subject;
  let sealed = 0;
  for (let piece = 0; piece < pieces; piece += 1) {
    const count = await deps.db.inTenant(run.tenant, async (tx): Promise<number | null> => {
      const waiting = await readPiece(tx, run.tenant, run.rowsVersion, piece);
      if (waiting === null) return null;
      const some = JSON.parse(Buffer.from(key.open(placeOf(run, piece), waiting)).toString('utf8')) as readonly Cells[];
      deps.onHeld?.(some.length);
      // First, so that whoever ends the import waits for these rows and takes them too.
      const beat = { rowsVersion: run.rowsVersion, phase: 'sealing' as const, rows, bytes, sealed: sealed + some.length };
      if (!(await beatImport(tx, run.tenant, { ...beat, at: new Date(deps.clock.now()) }))) return null;
      await sealRows(deps, tx, run, { rows: some, columns, subject, from: sealed });
      return some.length;
    });
    deps.onHeld?.(0);
    if (count === null) return refusal('GOVERNANCE_DATASET_BUSY', { dataset: run.name });
    sealed += count;
  }
  return { rowsVersion: run.rowsVersion, hash, columns, subject, rows, bytes, dropped };
}

const placeOf = ({ tenant, rowsVersion }: Run, piece: number): string => `${tenant}/${rowsVersion}/${piece}`;

type PassingKey = ReturnType<ImportVault['passingKey']>;

/** The whole file once: digest, bounds, rows, what columns hold; rows wait in pieces. */
async function readFile(deps: ImportDeps, run: Run, key: PassingKey) {
  const { tenant, rowsVersion, name } = run;
  const reader = createTableReader(run.format);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const hasher = deps.hasher();
  const dropped: Dropped = { cards: 0, codes: 0 };
  const others = await deps.db.inTenant(tenant, (tx) => keptRows(tx, tenant, { dataset: name, rowsVersion }));
  let classifier: ReturnType<typeof createColumnClassifier> | null = null;
  let [rows, bytes, pieces, held, chars] = [0, 0, 0, [] as Cells[], 0];

  const flush = async (): Promise<Refusal | null> => {
    if (held.length === 0) return null;
    const sealed = key.seal(placeOf(run, pieces), Buffer.from(JSON.stringify(held)));
    const isThere = await deps.db.inTenant(tenant, async (tx) => {
      const beat = { rowsVersion, phase: 'reading' as const, rows, bytes, sealed: 0, at: new Date(deps.clock.now()) };
      if (!(await beatImport(tx, tenant, beat))) return false;
      await addPiece(tx, tenant, { rowsVersion, piece: pieces, sealed });
      return true;
    });
    pieces += 1;
    held = [];
    chars = 0;
    deps.onHeld?.(0);
    return isThere ? null : refusal('GOVERNANCE_DATASET_BUSY', { dataset: name });
  };
  const take = async (some: readonly Cells[] | Refusal): Promise<Refusal | null> => {
    if (isRefusal(some)) return some;
    for (const row of some) {
      rows += 1;
      if (others + rows > deps.limits.rows) return refusal('GOVERNANCE_DATASET_FULL', { rows: deps.limits.rows, kept: others });
      classifier ??= createColumnClassifier(reader.columns() ?? [], run.labels, deps.lists);
      classifier.add(row);
      const kept = row.map((cell) => dropCards(cell, dropped));
      held.push(kept);
      chars += kept.reduce((sum, cell) => sum + cell.length, 0);
      if (held.length < BATCH && chars < BATCH_CHARS) continue;
      deps.onHeld?.(held.length + some.length);
      const refused = await flush();
      if (refused !== null) return refused;
    }
    deps.onHeld?.(held.length);
    return null;
  };
  const decoded = (slice?: Uint8Array): string | Refusal => {
    try {
      const text = slice === undefined ? decoder.decode() : decoder.decode(slice, { stream: true });
      if (!text.includes('\0')) return text;
    } catch {
      // no UTF-8
    }
    return refusal('GOVERNANCE_DATASET_UNREADABLE', { line: 0, why: 'encoding' });
  };
  const push = async (text: string | Refusal): Promise<Refusal | null> => (isRefusal(text) ? text : take(reader.push(text)));

  for await (const chunk of run.bytes) {
    for (let at = 0; at < chunk.byteLength; at += SLICE_BYTES) {
      const slice = chunk.subarray(at, at + SLICE_BYTES);
      bytes += slice.byteLength;
      if (bytes > deps.limits.bytes) return refusal('GOVERNANCE_DATASET_FULL', { bytes: deps.limits.bytes });
      hasher.add(slice);
      const refused = await push(decoded(slice));
      if (refused !== null) return refused;
    }
  }
  const refused = (await push(decoded())) ?? (await take(reader.end())) ?? (await flush());
  if (refused !== null) return refused;
  classifier ??= createColumnClassifier(reader.columns() ?? [], run.labels, deps.lists);
  const columns = classifier.result();
  if (isRefusal(columns)) return columns;
  return { columns, rows, bytes, pieces, hash: hasher.end(), dropped };
}

async function sealRows(
  { vault }: ImportDeps,
  tx: Tx,
  { tenant, name, rowsVersion }: Run,
  given: { readonly rows: readonly Cells[]; readonly columns: readonly Column[]; readonly subject: string | null; readonly from: number },
): Promise<void> {
  const { columns, subject } = given;
  const at = subject === null ? -1 : columns.findIndex((column) => column.name === subject);
  const gone = columns.map((column) => shownAs(column) === 'removed');
  const people = given.rows.map((cells) => (at < 0 ? null : subjectOf(columns[at], cells[at] ?? '')));
  const sealed = await vault.sealMany(tx, {
    tenant,
    values: given.rows.map((cells, nth) => {
      const kept = cells.map((cell, index) => (gone[index] === true && cell !== '' ? REMOVED : cell));
      return { subject: people[nth] ?? null, purpose: PURPOSE, plaintext: Buffer.from(JSON.stringify(kept)) };
    }),
  });
  const rows: SealedRow[] = [];
  for (const [nth, { sealed: bytes }] of sealed.entries()) {
    const person = people[nth] ?? null;
    const reference = person === null ? null : await vault.blindReference(tx, tenant, person);
    rows.push({ row: given.from + nth + 1, subject: reference, sealed: bytes });
  }
  await addRows(tx, tenant, { dataset: name, version: rowsVersion }, rows);
}
