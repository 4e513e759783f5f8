// Exports a tenant's sealed events with everything a stranger needs to check them (FORMAT.md section 4): the whole log, a time of it, or
// chosen events. INVARIANT: an export is itself an event, and what is not yet sealed is counted, never passed over in silence.

import { type Clock, formatTime, type JsonObject, makeEvent, type Random, SallyportError, type TenantId, type Tx } from '#core';
import { appendEvents, type Database } from '#storage';
import type { LedgerSearch } from '../query/query.ts';
import type { EventQuestion } from '../query/query-filter.ts';
import { followKeys } from '../sign-checkpoint.ts';
import type { LedgerSigner } from '../signing/ledger-signer.ts';
import { formatNote, parseNote } from '../signing/note.ts';
import { noteWithCosignatures } from '../store/cosignatures.ts';
import { countUnsealed, type HeadRow, insertHandout, latestCheckpoint, readHeads, type SignedCheckpoint } from '../store/read-ledger.ts';
import { bestCosigned, numbersInTime } from '../store/read-pack.ts';
import { type Chosen, type ContentDeps, readEvents, readPayloads, readProofs, readTiles } from './pack-content.ts';
import { type PackFiles, packBytes } from './pack-file.ts';
import { consistencyLines, epochLines, headLines, readAncestry } from './pack-parts.ts';
import { README, verifierFile } from './pack-texts.ts';

export interface ExportDeps {
  readonly db: Pick<Database, 'inTenant'>;
  readonly signer: LedgerSigner;
  readonly clock: Clock;
  readonly random: Random;
  readonly search: Pick<LedgerSearch, 'page'>;
}

export interface ExportRequest {
  readonly tenant: TenantId;
  /** Reference of who asked, e.g. `person:per_...`. */
  readonly actor: string;
  /** Only these events. With times alone the pack shows that none of that time is missing; with anything else it can not. */
  readonly filter?: Partial<EventQuestion>;
  /** Sizes of global checkpoints that somebody kept, beyond those that left in earlier exports. */
  readonly since?: readonly number[];
  /** Adds salts and payloads as stored (personal ones stay encrypted). */
  readonly withPayloads?: boolean;
}

export interface ExportReport {
  /** Events of the tenant under the checkpoint. */
  readonly size: number;
  /** Events in the pack. */
  readonly events: number;
  readonly unsealed: number;
  readonly globalSize: number;
  readonly shows: 'whole' | 'range' | 'selection';
}

export interface PackExport {
  readonly report: ExportReport;
  /** The zip, made as it is read. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** Enough to say within a thousandth where a rewritten ledger was changed. */
const MAX_HEADS = 1_024;
/** Bounds what is asked for by hand. */
const MAX_SINCE = 1_024;
const SEARCH_PAGE = 500;

interface Extent {
  readonly shows: ExportReport['shows'];
  readonly range: { readonly from: number; readonly to: number } | null;
  readonly filter: JsonObject | null;
  readonly chosen: Chosen;
}

const timeOf = (ms: number | null | undefined): string | null => (ms === null || ms === undefined ? null : formatTime(ms));

/** What of the filter was set, as the manifest repeats it. */
function toldFilter({ fromMs, toMs, ...rest }: Partial<EventQuestion>): JsonObject {
  const set = Object.entries({ from: timeOf(fromMs), to: timeOf(toMs), ...rest }).filter(
    ([, value]) => value !== null && value !== undefined && !(typeof value === 'object' && Object.keys(value).length === 0),
  );
  return Object.fromEntries(set) as JsonObject;
}

async function extentOf(tx: Tx, { tenant, filter = {} }: ExportRequest, size: number): Promise<Extent | null> {
  const told = toldFilter(filter);
  const names = Object.keys(told);
  if (names.length === 0) return { shows: 'whole', range: null, filter: null, chosen: { first: 0, last: size } };
  if (names.some((name) => name !== 'from' && name !== 'to')) return null;
  const range = await numbersInTime(tx, tenant, { size, fromMs: filter.fromMs ?? null, toMs: filter.toMs ?? null });
  // The neighbours stand in the pack too: they show where the time begins and ends.
  const chosen = { first: Math.max(0, range.from - 1), last: Math.min(size, range.to + 1) };
  return { shows: 'range', range, filter: { from: told.from ?? null, to: told.to ?? null }, chosen };
}

/** Numbers of the events that answer, growing. Eight bytes each are all that an export keeps of them. */
async function selectionOf({ tenant, filter = {} }: ExportRequest, size: number, search: ExportDeps['search']): Promise<Extent> {
  const seqs: number[] = [];
  for (let before: number | null = size; before !== null; ) {
    const page: Awaited<ReturnType<LedgerSearch['page']>> = await search.page(tenant, filter, { before, limit: SEARCH_PAGE });
    for (const { seq } of page.events) seqs.push(seq);
    before = page.next;
  }
  return { shows: 'selection', range: null, filter: toldFilter(filter), chosen: { seqs: seqs.reverse() } };
}

interface Opened {
  readonly checkpoint: SignedCheckpoint;
  readonly size: number;
  readonly unsealed: number;
  readonly heads: readonly HeadRow[];
  readonly extent: Extent | null;
}

function nothingSealed(): SallyportError {
  const sentence = 'This tenant has no sealed event yet; wait a second or check that the sequencer runs.';
  return new SallyportError('AUDIT_NOTHING_SEALED', sentence, { retryable: true });
}

async function openExport(tx: Tx, request: ExportRequest, deps: ExportDeps): Promise<Opened> {
  await followKeys(tx, deps);
  const checkpoint = await latestCheckpoint(tx);
  const heads = checkpoint === null ? [] : await readHeads(tx, request.tenant, checkpoint, MAX_HEADS);
  const size = heads.at(-1)?.size;
  if (checkpoint === null || size === undefined) throw nothingSealed();
  // A ledger that was tampered with may say less than nothing; its export is what shows it.
  const unsealed = Math.max(0, await countUnsealed(tx, request.tenant, size));
  return { checkpoint, size, unsealed, heads, extent: await extentOf(tx, request, size) };
}

/** Heads whose roots can be computed from the hashes in the pack; always the last. */
function headsWithin({ shows, chosen }: Extent, heads: readonly HeadRow[]): readonly HeadRow[] {
  if (shows === 'selection' || 'seqs' in chosen) return heads.slice(-1);
  return heads.filter(({ size }, at) => (size > chosen.first && size <= chosen.last) || at === heads.length - 1);
}

const count = (chosen: Chosen): number => ('seqs' in chosen ? chosen.seqs.length : chosen.last - chosen.first);
const linesFile = (lines: readonly string[]): Buffer[] => [Buffer.from(lines.map((line) => `${line}\n`).join(''))];

/** With the lines of every key that signs now: a checkpoint from before a rotation was signed by the older key alone. */
function signedByAll(note: string, signer: LedgerSigner, epoch: number): string {
  const stored = signer.open(note);
  if (stored === null) return note;
  const own = parseNote(signer.inEpoch(epoch).sign(stored.text))?.signatures ?? [];
  const lines = [...new Set([...own, ...stored.signatures].map(({ line }) => line))];
  return formatNote(stored.text, lines);
}

/** Everything of bounded size, read in one transaction; the handout and the event of the export are written in it. */
async function readParts(
  tx: Tx,
  request: ExportRequest,
  deps: ExportDeps,
  { checkpoint, size, unsealed, heads, extent }: Opened & { extent: Extent },
) {
  const { tenant } = request;
  const ancestry = await readAncestry(tx, checkpoint, deps.signer);
  const witnessed = await bestCosigned(tx, checkpoint.epoch, checkpoint.size);
  const isOlder = witnessed !== null && witnessed < checkpoint.size;
  const asked = [...(request.since ?? []).slice(0, MAX_SINCE), ...(isOlder ? [witnessed] : [])];
  const within = headsWithin(extent, heads);
  const parts = {
    note: signedByAll(
      (await noteWithCosignatures(tx, checkpoint.epoch, checkpoint.size)) ?? checkpoint.note,
      deps.signer,
      checkpoint.epoch,
    ),
    witnessed: isOlder ? await noteWithCosignatures(tx, checkpoint.epoch, witnessed) : null,
    epochs: await epochLines(tx, ancestry),
    heads: await headLines(tx, within, checkpoint),
    consistency: await consistencyLines(tx, { tenant, ancestry, asked, ownSize: extent.shows === 'whole' ? null : size }),
  };
  const report: ExportReport = { size, unsealed, events: count(extent.chosen), globalSize: checkpoint.size, shows: extent.shows };
  await insertHandout(tx, { tenant, epoch: checkpoint.epoch, globalSize: checkpoint.size, atMs: deps.clock.now() });
  const { events, globalSize, shows } = report;
  await appendEvents(tx, [
    makeEvent(deps, {
      tenant,
      type: 'audit.pack.exported',
      actor: request.actor,
      subject: tenant,
      public: { events, unsealed, globalSize, withPayloads: request.withPayloads ?? false, shows },
    }),
  ]);
  return { parts, report };
}

/** The files in the one order of FORMAT.md; the manifest stands after what it counts. */
async function writeFiles(
  files: PackFiles,
  {
    parts,
    report,
    extent,
    withPayloads,
    content,
  }: Awaited<ReturnType<typeof readParts>> & { extent: Extent; withPayloads: boolean; content: ContentDeps },
  manifest: (openings: number | null) => JsonObject,
): Promise<void> {
  let openings = 0;
  await files.add('README.txt', [Buffer.from(README)], 'packed');
  await files.add('sallyport-verify.mjs', [await verifierFile()], 'packed');
  await files.add('checkpoint.note', [Buffer.from(parts.note)], 'stored');
  if (parts.witnessed !== null) await files.add('witnessed.note', [Buffer.from(parts.witnessed)], 'stored');
  if (parts.epochs.length > 0) await files.add('epochs.ndjson', linesFile(parts.epochs), 'packed');
  await files.add('heads.ndjson', linesFile(parts.heads), 'packed');
  await files.add('consistency.ndjson', linesFile(parts.consistency), 'packed');
  const { chosen } = extent;
  if (!('seqs' in chosen)) for await (const { name, bytes } of readTiles(content, chosen)) await files.add(name, [bytes], 'stored');
  await files.add('events.ndjson', readEvents(content, chosen), 'packed');
  if (withPayloads) {
    await files.add(
      'openings.ndjson',
      readPayloads(content, chosen, (lines) => (openings += lines)),
      'packed',
    );
  }
  if (report.shows === 'selection') await files.add('proofs.ndjson', readProofs(content, chosen), 'packed');
  await files.add('manifest.json', [Buffer.from(`${JSON.stringify(manifest(withPayloads ? openings : null), null, 2)}\n`)], 'stored');
}

/** Fails before the first byte when there is nothing to export; what fails later ends the stream. */
export async function exportPack(request: ExportRequest, deps: ExportDeps): Promise<PackExport> {
  const { tenant, withPayloads = false } = request;
  const opened = await deps.db.inTenant(tenant, (tx) => openExport(tx, request, deps));
  const extent = opened.extent ?? (await selectionOf(request, opened.size, deps.search));
  const read = await deps.db.inTenant(tenant, (tx) => readParts(tx, request, deps, { ...opened, extent }));
  const { checkpoint, size, unsealed } = opened;
  const log = deps.signer.inEpoch(checkpoint.epoch);
  const [atMs, chain] = [deps.clock.now(), deps.signer.chain];
  const manifest = (openings: number | null): JsonObject => ({
    format: 'sallyport-audit-pack',
    version: 2,
    tenant,
    epoch: checkpoint.epoch,
    origin: log.name,
    keys: chain.map(({ verifierKey }) => verifierKey),
    rotations: chain.flatMap(({ statement }) => (statement === null ? [] : [statement])),
    createdAt: formatTime(atMs),
    size,
    events: read.report.events,
    openings,
    unsealed,
    heads: read.parts.heads.length,
    consistency: read.parts.consistency.length,
    shows: extent.shows,
    range: extent.range,
    filter: extent.filter,
  });
  const content = { db: deps.db, tenant, size };
  const bytes = packBytes({ log, atMs }, (files) => writeFiles(files, { ...read, extent, withPayloads, content }, manifest));
  return { report: read.report, bytes };
}
