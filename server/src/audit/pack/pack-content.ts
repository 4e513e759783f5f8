// The contents of a pack that grow with the log: tiles, events, opened payloads and proofs. Each is read in pages, so that an export of any
// length needs the same memory. A row that is gone is exported as it is found, missing: the verifier names it.

import type { TenantId, Tx } from '#core';
import type { Database } from '#storage';
import { HASH_BYTES } from '../merkle.ts';
import { inclusionRanges, readProof } from '../proofs.ts';
import { readLeafTexts, readOpenings, readTreeHashes } from '../store/read-pack.ts';
import { tenantNodes } from '../store/tree-nodes.ts';
import { base64 } from './pack-parts.ts';

export const TILE_WIDTH = 256;
const PAGE = 1_000;
/** Tiles read by one query. */
const TILES_AT_ONCE = 64;

export interface ContentDeps {
  readonly db: Pick<Database, 'inTenant'>;
  readonly tenant: TenantId;
  /** Events of the tenant under the checkpoint. */
  readonly size: number;
}

interface Tile {
  readonly name: string;
  readonly bytes: Buffer;
}

/** Path of a tile (c2sp.org/tlog-tiles). */
export function tilePath(level: number, index: number, width: number): string {
  const parts = [String(index % 1_000).padStart(3, '0')];
  for (let rest = Math.floor(index / 1_000); rest > 0; rest = Math.floor(rest / 1_000))
    parts.unshift(`x${String(rest % 1_000).padStart(3, '0')}`);
  return `tile/${level}/${parts.join('/')}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
}

/** The tiles `[from, to)` of one level, as far as `isWanted`. */
async function* readLevel(deps: ContentDeps, level: number, isWanted: (index: number) => boolean): AsyncGenerator<Tile> {
  const hashes = Math.floor(deps.size / TILE_WIDTH ** level);
  const tiles = Math.ceil(hashes / TILE_WIDTH);
  for (let first = 0; first < tiles; ) {
    if (!isWanted(first)) {
      first += 1;
      continue;
    }
    let end = first + 1;
    while (end < tiles && end - first < TILES_AT_ONCE && isWanted(end)) end += 1;
    const [from, to] = [first * TILE_WIDTH, Math.min(hashes, end * TILE_WIDTH)];
    const found = await deps.db.inTenant(deps.tenant, (tx) => readTreeHashes(tx, deps.tenant, level, { from, to }));
    const bytes = Buffer.alloc((to - from) * HASH_BYTES);
    for (const { index, hash } of found) hash.copy(bytes, (index - from) * HASH_BYTES);
    for (let index = first; index < end; index += 1) {
      const width = Math.min(TILE_WIDTH, hashes - index * TILE_WIDTH);
      const at = (index - first) * TILE_WIDTH * HASH_BYTES;
      yield { name: tilePath(level, index, width), bytes: bytes.subarray(at, at + width * HASH_BYTES) };
    }
    first = end;
  }
}

/** Every tile above the leaves, and those leaf tiles that hold an event of the span or are the incomplete one at the right edge. */
export async function* readTiles(deps: ContentDeps, span: { first: number; last: number }): AsyncGenerator<Tile> {
  const isWanted = (index: number): boolean => {
    const start = index * TILE_WIDTH;
    return (start < span.last && start + TILE_WIDTH > span.first) || start + TILE_WIDTH > deps.size;
  };
  for (let level = 0; deps.size >= TILE_WIDTH ** level; level += 1) yield* readLevel(deps, level, level === 0 ? isWanted : () => true);
}

/** What is exported: every event of a span, or chosen ones in the order of their numbers. */
export type Chosen = { readonly first: number; readonly last: number } | { readonly seqs: readonly number[] };

function* pagesOf(chosen: Chosen): Generator<readonly number[]> {
  if ('seqs' in chosen) {
    for (let at = 0; at < chosen.seqs.length; at += PAGE) yield chosen.seqs.slice(at, at + PAGE);
    return;
  }
  for (let from = chosen.first; from < chosen.last; from += PAGE) {
    yield Array.from({ length: Math.min(PAGE, chosen.last - from) }, (_, at) => from + at);
  }
}

/** One piece a page: its lines, each ended by a newline. */
async function* readPages(
  { db, tenant }: ContentDeps,
  chosen: Chosen,
  read: (tx: Tx, seqs: readonly number[]) => Promise<readonly string[]>,
): AsyncGenerator<Buffer> {
  for (const seqs of pagesOf(chosen)) {
    const lines = await db.inTenant(tenant, (tx) => read(tx, seqs));
    if (lines.length > 0) yield Buffer.from(`${lines.join('\n')}\n`);
  }
}

export function readEvents(deps: ContentDeps, chosen: Chosen): AsyncGenerator<Buffer> {
  return readPages(deps, chosen, (tx, seqs) => readLeafTexts(tx, deps.tenant, seqs));
}

export function readPayloads(deps: ContentDeps, chosen: Chosen, onLines: (count: number) => void): AsyncGenerator<Buffer> {
  return readPages(deps, chosen, async (tx, seqs) => {
    const openings = await readOpenings(tx, deps.tenant, seqs);
    onLines(openings.length);
    return openings.map(({ seq, salt, payload }) =>
      JSON.stringify({ seq, salt: salt.toString('base64'), payload: payload.toString('base64') }),
    );
  });
}

/** For each chosen event its way up to the root of the tenant's tree. */
export function readProofs(deps: ContentDeps, chosen: Chosen): AsyncGenerator<Buffer> {
  return readPages(deps, chosen, async (tx, seqs) => {
    const read = tenantNodes(tx, deps.tenant);
    const lines: string[] = [];
    for (const seq of seqs) lines.push(JSON.stringify({ seq, path: base64(await readProof(inclusionRanges(seq, deps.size), read)) }));
    return lines;
  });
}
