// What this user saw of a ledger last, and whether what the server shows now continues it. The check is made here, with what was kept: a
// server that was put back to an older copy can not talk its way out of it.

import { auditCodes, type Continuity, checkContinuity, readKept } from '#audit';
import { isObject, type JsonObject, type JsonValue, parseStrictJson, SallyportError } from '#core';
import type { Context, Control, SeenLedger } from './command.ts';
import { rowsOf } from './print.ts';

/** How what is shown stands to what was kept. */
export type Following = 'nothing' | 'first' | 'continues' | 'forgotten';

export interface Followed {
  readonly following: Following;
  /** What is kept from now on; null while nothing is signed. */
  readonly seen: SeenLedger | null;
  /** What was kept before. */
  readonly before: SeenLedger | null;
}

function faultOf(code: string): SallyportError {
  return new SallyportError(code, auditCodes[code]?.sentence ?? 'The ledger does not continue what you last saw of it.');
}

const strings = (value: JsonValue | undefined): readonly string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
const text = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '');

/** The server's answer, as far as it has the form; what is missing fails in the check. */
function toContinuity(body: JsonObject): Continuity {
  return {
    epoch: Number(body.epoch),
    note: text(body.note),
    keys: rowsOf(body.keys).map((key) => ({
      verifierKey: text(key.verifierKey),
      statement: typeof key.statement === 'string' ? key.statement : null,
    })),
    proof: strings(body.proof),
    epochs: rowsOf(body.epochs).map((row) => ({ epoch: Number(row.epoch), record: text(row.record) })),
    firstLeaf: strings(body.firstLeaf),
  };
}

/** What the server says to show that it continues a checkpoint. */
async function askContinuity(control: Control, kept: { readonly epoch: number; readonly size: number }): Promise<Continuity> {
  const answer = await control.call('GET', `/api/ledger/consistency?epoch=${kept.epoch}&from=${kept.size}`);
  const body = isObject(answer.body) ? answer.body : {};
  if (body.code === 'AUDIT_CHECKPOINT_BEYOND') throw faultOf('AUDIT_ROLLED_BACK');
  if (answer.status !== 200) throw faultOf(text(body.code) === '' ? 'AUDIT_FORKED' : text(body.code));
  return toContinuity(body);
}

/**
 * Compares what the server shows (`GET /api/ledger`) with what this user saw of this ledger, and keeps the newer one. Throws AUDIT_ROLLED_BACK,
 * AUDIT_FORKED and their like, which end a command with exit code 1. `forget` keeps what is shown without comparing.
 */
export async function followLedger(
  context: Context,
  options: { readonly forget?: boolean; readonly status?: JsonObject } = {},
): Promise<Followed> {
  const control = await context.control();
  const status = options.status ?? (await shownBy(control));
  const [verifierKey, checkpoint] = [text(status.verifierKey), text(status.checkpoint)];
  const origin = verifierKey.slice(0, Math.max(0, verifierKey.indexOf('+')));
  const before = origin === '' ? null : await context.main.seenLedgers.load(origin);
  if (checkpoint === '' || origin === '') {
    // A ledger that was seen does not become one in which nothing was ever signed.
    if (before !== null && options.forget !== true) throw faultOf('AUDIT_ROLLED_BACK');
    return { following: 'nothing', seen: null, before };
  }
  const isCompared = before !== null && options.forget !== true;
  const kept = readKept(origin, isCompared ? before.note : checkpoint);
  if (kept === null) throw faultOf('AUDIT_CHECKPOINT_UNSIGNED');
  const said = await askContinuity(control, kept);
  // Somebody who sees a ledger for the first time can only begin with the keys it shows.
  const base = isCompared ? before : { verifierKey: said.keys[0]?.verifierKey ?? verifierKey, note: checkpoint };
  const verdict = checkContinuity(base, said);
  if (verdict.kind === 'broken') throw faultOf(verdict.code);
  const epoch = readKept(origin, said.note)?.epoch ?? kept.epoch;
  const seen = { verifierKey: verdict.signedBy, epoch, note: said.note, seenAt: seenAt(status) };
  await context.main.seenLedgers.save(origin, seen);
  return { following: before === null ? 'first' : isCompared ? 'continues' : 'forgotten', seen, before };
}

/** Whether two notes say the same, whoever signed them. */
function isSameCheckpoint(one: string, other: string): boolean {
  const said = (note: string): string => note.slice(0, note.indexOf('\n\n'));
  return said(one) !== '' && said(one) === said(other);
}

/** A busy ledger may sign between two questions; each question takes a small part of the time between two signatures. */
const MAX_LOOKS = 5;

/** Throws unless a checkpoint that the server shows beside something else is of the history that this user sees. */
export async function needSameHistory(context: Context, seen: SeenLedger, note: string): Promise<void> {
  const kept = readKept(seen.verifierKey.slice(0, seen.verifierKey.indexOf('+')), note);
  if (kept === null) throw faultOf('AUDIT_CHECKPOINT_UNSIGNED');
  let newest: SeenLedger | null = seen;
  for (let look = 0; look < MAX_LOOKS && newest !== null; look += 1) {
    const said = await askContinuity(await context.control(), kept);
    const verdict = checkContinuity({ verifierKey: seen.verifierKey, note }, said);
    if (verdict.kind === 'broken') throw faultOf(verdict.code);
    // Both lead to one checkpoint, so neither is of another history.
    if (isSameCheckpoint(said.note, newest.note)) return;
    newest = (await followLedger(context)).seen;
  }
  throw faultOf('AUDIT_FORKED');
}

/**
 * Has the server note that this checkpoint is kept from now on, so that its exports prove that they continue it. What is kept is the checkpoint
 * that was compared, whatever the server answers; of the answer only further signatures under the same text are taken.
 */
export async function takeCheckpoint(context: Context, seen: SeenLedger): Promise<string> {
  const size = Number(seen.note.split('\n')[1]);
  const { status, body } = await (await context.control()).call('POST', '/api/ledger/checkpoint', { epoch: seen.epoch, size });
  const answer = isObject(body) ? body : {};
  if (status !== 200) throw faultOf(text(answer.code) === 'CONTROL_NOT_FOUND' ? 'AUDIT_FORKED' : text(answer.code) || 'CONTROL_FAULT');
  if (!isSameCheckpoint(text(answer.checkpoint), seen.note)) throw faultOf('AUDIT_FORKED');
  return text(answer.checkpoint);
}

/** The moment of the newest signature, as the server says it. */
function seenAt(status: JsonObject): string {
  const health = isObject(status.health) ? status.health : {};
  return isObject(health.sealing) ? text(health.sealing.signedAt) : '';
}

async function shownBy(control: Control): Promise<JsonObject> {
  const answer = await control.call('GET', '/api/ledger');
  if (answer.status !== 200 || !isObject(answer.body)) {
    const body = isObject(answer.body) ? answer.body : {};
    throw new SallyportError(text(body.code) || 'CONTROL_FAULT', text(body.detail) || 'The control plane did not show its ledger.');
  }
  return answer.body;
}

interface PackVerdict {
  readonly ok: boolean;
  readonly code: string;
  readonly keyTrusted: boolean;
  /** The receipt of a pack that verifies, with the signed note it was checked under. */
  readonly receipt: string | null;
}

export interface ComparedPack<V extends PackVerdict> {
  readonly verdict: V;
  /** How the pack stands to what was seen, for the person. */
  readonly words: string | null;
}

function noteIn(receipt: string | null): string {
  const body = receipt === null ? null : parseStrictJson(receipt);
  return isObject(body) ? text(body.note) : '';
}

/**
 * Compares a pack that verified with what this user saw of its ledger, without a server. One that is newer must prove that it continues it; what
 * it proves is kept. `again` verifies the pack once more against what was seen.
 */
export async function comparePack<V extends PackVerdict>(
  { seenLedgers }: Pick<Context['main'], 'seenLedgers'>,
  verdict: V,
  again: (seen: SeenLedger) => Promise<V>,
): Promise<ComparedPack<V>> {
  const note = noteIn(verdict.receipt);
  const origin = note.slice(0, note.indexOf('\n')).replace(/\.[1-9]\d{0,8}$/, '');
  const shown = readKept(origin, note);
  const seen = verdict.ok && shown !== null ? await seenLedgers.load(origin) : null;
  const before = seen === null ? null : readKept(origin, seen.note);
  if (shown === null || seen === null || before === null) return { verdict, words: null };
  if (shown.epoch < before.epoch || (shown.epoch === before.epoch && shown.size < before.size)) {
    return { verdict, words: 'The pack is older than what you saw of this ledger; they were not compared.' };
  }
  const second = await again(seen);
  if (second.code === 'CONSISTENCY_MISSING') {
    return {
      verdict,
      words: 'The pack is newer than what you saw of this ledger and has no proof from it; export it again with `sallyport audit export`.',
    };
  }
  if (!second.ok) return { verdict: second, words: 'The pack does not continue what you saw of this ledger.' };
  await seenLedgers.save(origin, { ...seen, epoch: shown.epoch, note, seenAt: '' });
  return { verdict: second, words: 'The pack continues what you saw of this ledger.' };
}
