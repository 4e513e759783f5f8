// Where a pack stands in the history of its log: its signed checkpoint, the epochs before it, the tenant's heads under it, and that it
// continues what was saved earlier.

import { type Lines, nextLine } from './lines.ts';
import { type Checkpoint, epochOf, type KeyChain, openCheckpoint, openKeyChain, openNote, originIn } from './note.ts';
import type { Manifest, Sums } from './pack.ts';
import { type Policy, type Witnessed, witnessedBy } from './policy.ts';
import { continues, includes, type Tree } from './tree.ts';
import { base64, count, type Fields, fieldsOf, malformed, parseObject, pathOf, sha256, Unverified } from './unverified.ts';

const MAX_CHECKPOINT_BYTES = 1024 * 1024;
const MAX_EPOCHS = 10_000;

export interface Head extends Tree {
  readonly index: number;
  readonly path: readonly Buffer[];
}

export interface Saved {
  readonly global: Checkpoint;
  readonly tenant: Tree | null;
}

export interface History {
  readonly chain: KeyChain;
  readonly checkpoint: Checkpoint;
  readonly note: string;
  /** Sizes at which the tenant's root is known, growing; the last is the whole. */
  readonly heads: readonly Head[];
  readonly saved: Saved | null;
  /** Whether the tenant's tree was shown to continue the saved one, by a proof of its own. */
  readonly isTenantLinked: boolean;
  readonly witnessed: (Witnessed & { readonly size: number }) | null;
  readonly isKeyTrusted: boolean;
}

const leafHash = (text: string): Buffer => sha256(Buffer.from(`\0${text}`));

/** That the tenant's checkpoint is a leaf of the global tree. */
function readHead(fields: Fields, origin: string, global: Tree): Head {
  const head = { size: count(fields.size), root: base64(fields.root, 32), index: count(fields.index), path: pathOf(fields.path) };
  const text = `${origin}\n${head.size}\n${head.root.toString('base64')}\n`;
  if (!includes(leafHash(text), head.index, global, head.path)) {
    throw new Unverified('HEAD_NOT_INCLUDED', 'A checkpoint of the tenant is not in the signed tree.');
  }
  return head;
}

async function needLine(lines: Lines): Promise<string> {
  const line = await nextLine(lines);
  if (line === null) throw malformed('A file of the pack has fewer lines than the manifest says.');
  return line;
}

async function noMore(lines: Lines): Promise<void> {
  if ((await nextLine(lines)) !== null) throw malformed('A file of the pack has more lines than the manifest says.');
}

async function readHeads(sums: Sums, manifest: Manifest, global: Tree): Promise<Head[]> {
  const lines = sums.lines('heads.ndjson');
  const heads: Head[] = [];
  for (let at = 0; at < manifest.heads; at += 1) {
    const head = readHead(
      fieldsOf(await needLine(lines), ['size', 'root', 'index', 'path']),
      `${manifest.origin}/${manifest.tenant}`,
      global,
    );
    if (head.size <= (heads.at(-1)?.size ?? 0)) throw malformed('The heads are out of order.', 'heads.ndjson');
    heads.push(head);
  }
  await noMore(lines);
  if (heads.at(-1)?.size !== manifest.size) throw malformed('The last head is not of the stated size.', 'heads.ndjson');
  return heads;
}

/** What leaf 0 of an epoch says came before it; null where there was nothing. */
interface Before {
  readonly lastWitnessed: Checkpoint | null;
  readonly restoredAt: Checkpoint | null;
}

function readRecord(record: unknown, epoch: number, chain: KeyChain): Before & { readonly text: string } {
  const origin = originIn(chain, epoch);
  const { text } = openNote(record, origin, chain, 0);
  const [, witnessed, restored] = new RegExp(`^${origin.replaceAll('.', '\\.')}/epoch\n([^\n]+)\n([^\n]+)\n$`).exec(text) ?? [];
  if (witnessed === undefined || restored === undefined) throw malformed('The record of an epoch is not one.');
  const open = (line: string): Checkpoint | null => (line === '-' ? null : openCheckpoint(base64(line).toString('utf8'), chain, 0));
  return { text, lastWitnessed: open(witnessed), restoredAt: open(restored) };
}

/** Last checkpoint of each epoch that the current one goes on from, by epoch; the current one with its own. */
type Ancestry = ReadonlyMap<number, Tree>;

async function readEpochs(sums: Sums, manifest: Manifest, chain: KeyChain, checkpoint: Checkpoint): Promise<Ancestry> {
  const ancestry = new Map<number, Tree>([[manifest.epoch, checkpoint]]);
  if (manifest.epoch === 1) return ancestry;
  const lines = sums.lines('epochs.ndjson');
  let [epoch, tree]: [number, Tree | null] = [manifest.epoch, checkpoint];
  for (let read = 0; epoch > 1 && tree !== null; read += 1) {
    if (read > MAX_EPOCHS) throw malformed('The pack has too many epochs.');
    const fields = fieldsOf(await needLine(lines), ['epoch', 'record', 'path']);
    if (fields.epoch !== epoch) throw malformed('The epochs are out of order.');
    const before = readRecord(fields.record, epoch, chain);
    if (!includes(leafHash(before.text), 0, tree, pathOf(fields.path))) {
      throw new Unverified('EPOCH_NOT_INCLUDED', 'The beginning of an epoch is not in its tree.');
    }
    const { restoredAt } = before;
    if (restoredAt !== null && restoredAt.epoch >= epoch) throw malformed('An epoch goes on from one that is not older.');
    [epoch, tree] = [restoredAt?.epoch ?? 0, restoredAt];
    if (restoredAt !== null) ancestry.set(restoredAt.epoch, restoredAt);
  }
  await noMore(lines);
  return ancestry;
}

export function openSaved(text: string, chain: KeyChain, tenant: string): Saved {
  if (!text.startsWith('{')) return { global: openCheckpoint(text, chain, 0), tenant: null };
  const receipt = parseObject(text);
  if (receipt.format !== 'sallyport-audit-receipt' || receipt.version !== 1) throw new Unverified('SAVED_MALFORMED', 'Not a receipt.');
  if (receipt.tenant !== tenant) throw new Unverified('SAVED_FOREIGN', 'The saved receipt is of another tenant.');
  const global = openCheckpoint(receipt.note, chain, 0);
  return { global, tenant: readHead((receipt.head ?? {}) as Fields, `${originIn(chain, global.epoch)}/${tenant}`, global) };
}

/** Throws unless a proof can lead from the saved checkpoint to the pack's at all. Returns whether one is needed. */
function needsProof(saved: Saved, manifest: Manifest, ancestry: Ancestry): boolean {
  if (saved.tenant !== null && saved.tenant.size > manifest.size) {
    throw new Unverified('LOG_TRUNCATED', 'The log holds fewer events than were sealed when the receipt was saved.', {
      seq: manifest.size,
    });
  }
  const { epoch, size, root } = saved.global;
  if (epoch > manifest.epoch) throw new Unverified('LOG_ROLLED_BACK', 'The log is in an older epoch than the saved checkpoint.');
  const end = ancestry.get(epoch);
  if (epoch !== manifest.epoch && (end === undefined || size > end.size)) {
    throw new Unverified(
      'LOG_RESTORED',
      'The log was restored to a state older than the saved checkpoint: what came between is not in it.',
    );
  }
  if (end === undefined || size > end.size) throw new Unverified('LOG_ROLLED_BACK', 'The log is smaller than the saved checkpoint.');
  if (size < end.size) return true;
  if (!root.equals(end.root)) throw new Unverified('LOG_FORKED', 'The log shows another root for the saved size.');
  return false;
}

interface Linked {
  readonly isTenantLinked: boolean;
  /** Sizes of the current epoch's tree that lead to the checkpoint, with their roots. */
  readonly known: ReadonlyMap<number, Buffer>;
}

async function readConsistency(sums: Sums, manifest: Manifest, ancestry: Ancestry, whole: Tree, saved: Saved | null): Promise<Linked> {
  const lines = sums.lines('consistency.ndjson');
  let needs = saved !== null && needsProof(saved, manifest, ancestry);
  let isTenantLinked = saved?.tenant == null || saved.tenant.size === whole.size;
  if (saved?.tenant?.size === whole.size && !saved.tenant.root.equals(whole.root)) throw forked();
  const known = new Map<number, Buffer>();
  for (let at = 0; at < manifest.consistency; at += 1) {
    const fields = fieldsOf(await needLine(lines), ['epoch', 'from', 'root', 'path']);
    const from = { size: count(fields.from), root: base64(fields.root, 32) };
    // Of no epoch is the tenant's own tree: its numbers go on from epoch to epoch.
    const to = fields.epoch === null ? whole : ancestry.get(count(fields.epoch));
    // The empty log leads to every log: a proof from it would say nothing, whatever root it names.
    if (to === undefined || from.size === 0 || !continues(from, to, pathOf(fields.path))) {
      throw new Unverified('CONSISTENCY_INVALID', 'A consistency proof does not hold.');
    }
    const old = fields.epoch === null ? saved?.tenant : saved !== null && saved.global.epoch === fields.epoch ? saved.global : null;
    if (fields.epoch === manifest.epoch) known.set(from.size, from.root);
    if (old?.size !== from.size) continue;
    if (!from.root.equals(old.root)) throw forked();
    if (fields.epoch === null) isTenantLinked = true;
    else needs = false;
  }
  await noMore(lines);
  if (needs || (!isTenantLinked && manifest.shows !== 'whole')) {
    throw new Unverified('CONSISTENCY_MISSING', 'The pack has no proof from what was saved; export it again with --against.');
  }
  return { isTenantLinked, known };
}

function forked(): Unverified {
  return new Unverified('LOG_FORKED', 'The log shows another history than the saved one.');
}

/** An older checkpoint that has witnesses, and the sizes that lead to the pack's. */
interface Earlier {
  readonly text: string;
  readonly known: Linked['known'];
}

/** Cosignatures of the checkpoint itself, or of an earlier one that leads to it; and the size of the one they are of. */
function readWitnessed(
  policy: Policy,
  checkpoint: Checkpoint,
  chain: KeyChain,
  earlier: Earlier | null,
): NonNullable<History['witnessed']> {
  const own = { ...witnessedBy(checkpoint.note, policy), size: checkpoint.size };
  if (own.isEnough || earlier === null) return own;
  const older = openCheckpoint(earlier.text, chain, 0);
  const root = earlier.known.get(older.size);
  if (older.epoch !== checkpoint.epoch || root === undefined || !root.equals(older.root)) {
    throw new Unverified('CONSISTENCY_MISSING', 'The pack has no proof from the witnessed checkpoint to its own.', {
      file: 'witnessed.note',
    });
  }
  return { ...witnessedBy(older.note, policy), size: older.size };
}

export interface HistoryOptions {
  readonly trustedKey: string | null;
  readonly savedCheckpoint: string | null;
  readonly policy: Policy | null;
}

export async function openHistory(sums: Sums, manifest: Manifest, names: readonly string[], options: HistoryOptions): Promise<History> {
  const chain = openKeyChain(manifest.keys, manifest.rotations, options.trustedKey);
  if (manifest.epoch < 1 || manifest.origin !== originIn(chain, manifest.epoch) || epochOf(chain, manifest.origin) !== manifest.epoch) {
    throw new Unverified('CHECKPOINT_FOREIGN', 'The pack is of another log than its keys.');
  }
  const note = sums.read('checkpoint.note', MAX_CHECKPOINT_BYTES).toString('utf8');
  const checkpoint = openCheckpoint(note, chain);
  if (checkpoint.epoch !== manifest.epoch) throw malformed('The checkpoint is of another epoch than the pack.', 'checkpoint.note');
  const ancestry = await readEpochs(sums, manifest, chain, checkpoint);
  const heads = await readHeads(sums, manifest, checkpoint);
  const saved = options.savedCheckpoint === null ? null : openSaved(options.savedCheckpoint, chain, manifest.tenant);
  const linked = await readConsistency(sums, manifest, ancestry, heads.at(-1) as Head, saved);
  const text = names.includes('witnessed.note') ? sums.read('witnessed.note', MAX_CHECKPOINT_BYTES).toString('utf8') : null;
  const earlier = text === null ? null : { text, known: linked.known };
  const witnessed = options.policy === null ? null : readWitnessed(options.policy, checkpoint, chain, earlier);
  if (witnessed?.isEnough === false) {
    throw new Unverified('WITNESSES_MISSING', 'The checkpoint was not signed by the witnesses that the policy asks for.', {
      file: 'checkpoint.note',
    });
  }
  return {
    chain,
    checkpoint,
    note,
    heads,
    saved,
    isTenantLinked: linked.isTenantLinked,
    witnessed,
    isKeyTrusted: options.trustedKey !== null,
  };
}
