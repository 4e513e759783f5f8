// Exports a tenant's sealed events with everything a stranger needs to check them (FORMAT.md section 4). Streams in pages.
// INVARIANT: an export is itself an event, and what is not yet sealed is counted, never passed over in silence.

import { type Clock, formatTime, newId, type Random, SallyportError, type TenantId, type Tx } from '#core';
import { appendEvents, type Database } from '#storage';
import type { LedgerSigner } from './ledger-signer.ts';
import type { NoteSigner } from './note.ts';
import { type PackLines, writePack } from './pack-file.ts';
import { consistencyRanges, inclusionRanges, rangeHash, readProof } from './proofs.ts';
import {
  countUnsealed,
  type HeadRow,
  insertHandout,
  latestCheckpoint,
  readHandouts,
  readHeads,
  readLeaves,
  type SignedCheckpoint,
} from './store/read-ledger.ts';
import { globalNodes } from './store/tree-nodes.ts';

export interface ExportDeps {
  readonly db: Pick<Database, 'inTenant'>;
  readonly signer: LedgerSigner;
  readonly clock: Clock;
  readonly random: Random;
}

export interface ExportRequest {
  readonly tenant: TenantId;
  /** A new file. */
  readonly path: string;
  /** Reference of who asked, e.g. `person:per_...`. */
  readonly actor: string;
  /** Sizes of global checkpoints that somebody kept, beyond those that left in earlier exports. */
  readonly since?: readonly number[];
  /** Adds salts and payloads as stored (personal ones stay encrypted). */
  readonly withPayloads?: boolean;
}

export interface ExportReport {
  readonly events: number;
  readonly unsealed: number;
  readonly globalSize: number;
}

/** Enough to say within a thousandth where a rewritten ledger was changed. */
const MAX_HEADS = 1_024;
/** Earlier exports that a new one proves to continue. */
const MAX_HANDOUTS = 1_024;
/** Bounds what is asked for by hand. */
const MAX_SINCE = 1_024;
const PAGE = 1_000;

interface Opening {
  readonly lines: readonly string[];
  readonly report: ExportReport;
  /** Signs under the name of the epoch that was exported. */
  readonly log: NoteSigner;
}

function base64(hashes: readonly Buffer[]): string[] {
  return hashes.map((hash) => hash.toString('base64'));
}

async function headLines(tx: Tx, heads: readonly HeadRow[], checkpoint: SignedCheckpoint): Promise<string[]> {
  const read = globalNodes(tx, checkpoint.epoch);
  const lines: string[] = [];
  for (const { size, root, globalIndex } of heads) {
    const path = base64(await readProof(inclusionRanges(globalIndex, checkpoint.size), read));
    lines.push(JSON.stringify({ kind: 'head', size, root: root.toString('base64'), index: globalIndex, path }));
  }
  return lines;
}

async function consistencyLines(tx: Tx, sizes: readonly number[], checkpoint: SignedCheckpoint): Promise<string[]> {
  const read = globalNodes(tx, checkpoint.epoch);
  const lines: string[] = [];
  for (const from of [...new Set(sizes)].filter((size) => size > 0 && size <= checkpoint.size).sort((a, b) => a - b)) {
    const root = (await rangeHash({ start: 0, end: from }, read)).toString('base64');
    const path = base64(await readProof(consistencyRanges(from, checkpoint.size), read));
    lines.push(JSON.stringify({ kind: 'consistency', from, root, path }));
  }
  return lines;
}

async function openExport(tx: Tx, request: ExportRequest, deps: ExportDeps): Promise<Opening> {
  const { tenant } = request;
  const checkpoint = await latestCheckpoint(tx);
  const heads = checkpoint === null ? [] : await readHeads(tx, tenant, checkpoint, MAX_HEADS);
  const events = heads.at(-1)?.size;
  if (checkpoint === null || events === undefined) {
    throw new SallyportError(
      'AUDIT_NOTHING_SEALED',
      'This tenant has no sealed event yet; wait a second or check that the sequencer runs.',
      {
        retryable: true,
      },
    );
  }
  const unsealed = await countUnsealed(tx, tenant, events);
  const known = [...(await readHandouts(tx, tenant, checkpoint.epoch, MAX_HANDOUTS)), ...(request.since ?? []).slice(0, MAX_SINCE)];
  const consistency = await consistencyLines(tx, known, checkpoint);
  const log = deps.signer.inEpoch(checkpoint.epoch);
  const header = {
    format: 'sallyport-audit-pack',
    version: 1,
    tenant,
    origin: log.name,
    publicKey: log.verifierKey,
    events,
    heads: heads.length,
    consistency: consistency.length,
    unsealed,
    createdAt: formatTime(deps.clock.now()),
  };
  const signed = JSON.stringify({ kind: 'checkpoint', note: checkpoint.note });
  const lines = [JSON.stringify(header), signed, ...(await headLines(tx, heads, checkpoint)), ...consistency];
  await insertHandout(tx, { tenant, epoch: checkpoint.epoch, globalSize: checkpoint.size, atMs: deps.clock.now() });
  await appendEvents(tx, [
    {
      id: newId('evt', deps.clock, deps.random),
      tenant,
      type: 'audit.pack.exported',
      occurredAtMs: deps.clock.now(),
      actor: request.actor,
      subject: tenant,
      public: { events, unsealed, globalSize: checkpoint.size, withPayloads: request.withPayloads ?? false },
      sealed: null,
    },
  ]);
  return { lines, log, report: { events, unsealed, globalSize: checkpoint.size } };
}

async function writeLeaves(lines: PackLines, events: number, request: ExportRequest, deps: ExportDeps): Promise<void> {
  const withPayloads = request.withPayloads ?? false;
  for (let from = 0; from < events; from += PAGE) {
    const to = Math.min(events, from + PAGE);
    const rows = await deps.db.inTenant(request.tenant, (tx) => readLeaves(tx, request.tenant, { from, to, withPayloads }));
    // A row that is gone is exported as it is found: missing. The verifier names it.
    for (const row of rows) {
      lines.line(`["${row.leafHash.toString('base64')}",${row.leaf}]`);
      if (row.opening === null) continue;
      const { salt, payload } = row.opening;
      lines.line(JSON.stringify({ kind: 'opening', seq: row.seq, salt: salt.toString('base64'), payload: payload.toString('base64') }));
    }
    await lines.flush();
  }
}

export async function exportPack(request: ExportRequest, deps: ExportDeps): Promise<ExportReport> {
  const opening = await deps.db.inTenant(request.tenant, (tx) => openExport(tx, request, deps));
  await writePack(request.path, opening.log, async (lines) => {
    for (const text of opening.lines) lines.line(text);
    await writeLeaves(lines, opening.report.events, request, deps);
  });
  return opening.report;
}
