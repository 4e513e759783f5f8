// That the ledger of today continues a checkpoint somebody kept, over growth, new keys and restores: what a server answers, and how whoever
// asked checks it. The check trusts nothing but the kept checkpoint and its key, and shares no code with the writer of the ledger.

import { isConsistent, isFirstLeaf } from './witness/consistency.ts';
import {
  type Checkpoint,
  ED25519,
  encodeVerifierKey,
  isSignedBy,
  parseCheckpoint,
  parseNote,
  parseVerifierKey,
  rawPublicKey,
  type SignedNote,
  type VerifierKey,
} from './witness/signed-note.ts';

/** What somebody keeps of a ledger. */
export interface KeptLedger {
  /** Under the name of the first epoch. */
  readonly verifierKey: string;
  readonly note: string;
}

/** What a server says to show that it continues a checkpoint of an epoch and size. */
export interface Continuity {
  readonly epoch: number;
  /** The newest signed checkpoint. */
  readonly note: string;
  readonly keys: readonly { readonly verifierKey: string; readonly statement: string | null }[];
  /** From the kept size to the newest checkpoint, or, when the kept one is of an earlier epoch, to what its successor began with. */
  readonly proof: readonly string[];
  /** The beginnings of the epochs since the kept one, oldest first: signed notes. */
  readonly epochs: readonly { readonly epoch: number; readonly record: string }[];
  /** That the last of them is leaf 0 of the newest checkpoint. */
  readonly firstLeaf: readonly string[];
}

export type ContinuityCode =
  | 'AUDIT_ROLLED_BACK'
  | 'AUDIT_FORKED'
  | 'AUDIT_KEY_NOT_HANDED_OVER'
  | 'AUDIT_CHECKPOINT_UNSIGNED'
  | 'AUDIT_RESTORE_UNPROVEN';

export type ContinuityVerdict =
  /** `signedBy`: the newest key of the ledger that signed the newest checkpoint, to begin with the next time. */
  { readonly kind: 'continues'; readonly signedBy: string } | { readonly kind: 'broken'; readonly code: ContinuityCode };
type Judgement = { readonly kind: 'continues' } | { readonly kind: 'broken'; readonly code: ContinuityCode };

const CONTINUES: Judgement = { kind: 'continues' };
const broken = (code: ContinuityCode): Judgement & { kind: 'broken' } => ({ kind: 'broken', code });

interface Opened extends Checkpoint {
  readonly epoch: number;
}

interface Ledger {
  readonly origin: string;
  /** The kept key and those that followed it. */
  readonly keys: readonly VerifierKey[];
}

const originIn = (origin: string, epoch: number): string => (epoch === 1 ? origin : `${origin}.${epoch}`);

function epochOf(origin: string, named: string): number | null {
  if (named === origin) return 1;
  const digits = named.startsWith(`${origin}.`) ? named.slice(origin.length + 1) : '';
  return /^[1-9][0-9]{0,8}$/.test(digits) && digits !== '1' ? Number(digits) : null;
}

/** The same keys under the name of another epoch. */
function keysIn(ledger: Ledger, epoch: number): readonly VerifierKey[] {
  const name = originIn(ledger.origin, epoch);
  return ledger.keys.flatMap((key) => parseVerifierKey(encodeVerifierKey(name, ED25519, rawPublicKey(key))) ?? []);
}

function openNote(text: string, ledger: Ledger, epoch: number): SignedNote | null {
  const note = parseNote(text);
  return note !== null && isSignedBy(note, keysIn(ledger, epoch)) ? note : null;
}

function openCheckpoint(text: string, ledger: Ledger): Opened | null {
  const epoch = epochOf(ledger.origin, text.slice(0, text.indexOf('\n')));
  const note = epoch === null ? null : openNote(text, ledger, epoch);
  const checkpoint = note === null ? null : parseCheckpoint(note.text);
  return checkpoint === null || epoch === null ? null : { ...checkpoint, epoch };
}

/** Follows the statements from the kept key on: each signed by the key before and by the one it names. */
function followKeys(kept: VerifierKey, said: Continuity['keys']): readonly VerifierKey[] | null {
  const at = said.findIndex((key) => key.verifierKey === kept.text);
  if (at < 0) return null;
  const keys = [kept];
  for (const [index, { verifierKey, statement }] of said.entries()) {
    if (index <= at) continue;
    const next = parseVerifierKey(verifierKey);
    const note = parseNote(statement ?? '');
    const last = keys.at(-1) as VerifierKey;
    const isStated = next?.name === kept.name && note?.text === `${kept.name}/keys\n${index + 1}\n${verifierKey}\n`;
    if (next === null || note === null || !isStated || !isSignedBy(note, [last]) || !isSignedBy(note, [next])) return null;
    keys.push(next);
  }
  return keys;
}

/**
 * What an epoch's record says it was restored at; undefined when it is not one. The checkpoint it names as the last known may be of events
 * that are gone, so nobody is told by it that what they saw is still there.
 */
function readRecord(record: string, ledger: Ledger, epoch: number): { text: string; restoredAt: Opened | null } | undefined {
  const note = openNote(record, ledger, epoch);
  const [head, ...lines] = note?.text.split('\n').slice(0, -1) ?? [];
  if (note === null || head !== `${originIn(ledger.origin, epoch)}/epoch` || lines.length !== 2) return undefined;
  return { text: note.text, restoredAt: openCheckpoint(Buffer.from(lines[1] as string, 'base64').toString('utf8'), ledger) };
}

const same = (one: Checkpoint, other: Checkpoint): boolean => one.size === other.size && one.root.equals(other.root);

/** From the newest epoch back to the one of the kept checkpoint, each record naming what it was restored at. */
function crossEpochs(kept: Opened, newest: Opened, said: Continuity, ledger: Ledger): Judgement {
  const hashes = decodeAll(said.firstLeaf);
  for (let epoch = newest.epoch; ; ) {
    const row = said.epochs.find((one) => one.epoch === epoch);
    const record = row === undefined ? undefined : readRecord(row.record, ledger, epoch);
    if (record === undefined) return broken('AUDIT_RESTORE_UNPROVEN');
    if (epoch === newest.epoch && (hashes === null || !isFirstLeaf(record.text, newest, hashes))) return broken('AUDIT_RESTORE_UNPROVEN');
    const { restoredAt } = record;
    if (restoredAt !== null && restoredAt.epoch >= epoch) return broken('AUDIT_RESTORE_UNPROVEN');
    if (restoredAt?.epoch === kept.epoch) return coversKept(kept, restoredAt, said);
    // Restored to a time before the kept checkpoint's epoch began, or to one in which nothing was signed: what was seen is gone.
    if (restoredAt === null || restoredAt.epoch < kept.epoch) return broken('AUDIT_ROLLED_BACK');
    epoch = restoredAt.epoch;
  }
}

/** The kept checkpoint is what was restored, or leads to it by the proof. */
function coversKept(kept: Opened, restoredAt: Opened, said: Continuity): Judgement {
  if (restoredAt.size < kept.size) return broken('AUDIT_ROLLED_BACK');
  const proof = decodeAll(said.proof);
  const isCovered = same(kept, restoredAt) || (proof !== null && restoredAt.size > kept.size && isConsistent(kept, restoredAt, proof));
  return isCovered ? CONTINUES : broken('AUDIT_RESTORE_UNPROVEN');
}

function decodeAll(hashes: readonly string[]): readonly Buffer[] | null {
  const decoded = hashes.map((hash) => Buffer.from(hash, 'base64'));
  return decoded.every((hash, at) => hash.length === 32 && hash.toString('base64') === hashes[at]) ? decoded : null;
}

function judge(before: Opened, newest: Opened, said: Continuity, ledger: Ledger): Judgement {
  if (newest.epoch < before.epoch) return broken('AUDIT_ROLLED_BACK');
  if (newest.epoch > before.epoch) return crossEpochs(before, newest, said, ledger);
  if (newest.size < before.size) return broken('AUDIT_ROLLED_BACK');
  const proof = decodeAll(said.proof);
  return proof !== null && isConsistent(before, newest, proof) ? CONTINUES : broken('AUDIT_FORKED');
}

export function checkContinuity(kept: KeptLedger, said: Continuity): ContinuityVerdict {
  const key = parseVerifierKey(kept.verifierKey);
  const keys = key === null ? null : followKeys(key, said.keys);
  if (key === null || keys === null) return broken('AUDIT_KEY_NOT_HANDED_OVER');
  const ledger: Ledger = { origin: key.name, keys };
  const before = openCheckpoint(kept.note, ledger);
  const newest = openCheckpoint(said.note, ledger);
  const signedBy =
    newest === null ? undefined : keys.findLast((one) => openNote(said.note, { ...ledger, keys: [one] }, newest.epoch) !== null);
  if (before === null || newest === null || signedBy === undefined) return broken('AUDIT_CHECKPOINT_UNSIGNED');
  const judgement = judge(before, newest, said, ledger);
  return judgement.kind === 'continues' ? { kind: 'continues', signedBy: signedBy.text } : judgement;
}

/** Epoch and size that a checkpoint states; checks no signature. Null when it is none of the ledger of this name. */
export function readKept(origin: string, note: string): { readonly epoch: number; readonly size: number } | null {
  const text = parseNote(note)?.text ?? '';
  const checkpoint = parseCheckpoint(text);
  const epoch = checkpoint === null ? null : epochOf(origin, checkpoint.origin);
  return checkpoint === null || epoch === null ? null : { epoch, size: Number(checkpoint.size) };
}
