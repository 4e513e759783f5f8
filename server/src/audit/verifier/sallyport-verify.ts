// The independent verifier of an exported ledger: one file, node: modules only, no network, no database, and not a line shared
// with the code that writes the ledger. It implements FORMAT.md section 5. Run: node sallyport-verify.ts PACK [--key K] [--against FILE]
// INVARIANT: every byte of a pack is checked; what can not be checked fails. Memory does not grow with the pack.

import { createHash, createPublicKey, hash, verify } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync, realpathSync, writeFileSync } from 'node:fs';
import { argv, exit, stderr, stdout } from 'node:process';
import { parseArgs } from 'node:util';

/** Longest line read: a leaf is a few kilobytes, an opened payload may be a whole request body. */
const MAX_LINE_BYTES = 32 * 1024 * 1024;
const READ_BYTES = 1024 * 1024;
const MAX_HEADS = 1024;
const MAX_CONSISTENCY = 4096;
const MAX_PATH = 64;
const LEAF_AT = 48;
/** DER prefix of an Ed25519 SubjectPublicKeyInfo (RFC 8410). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

export interface VerifyOptions {
  /** Verifier key of the log, got by another way than the pack. Without it the pack vouches for itself. */
  readonly trustedKey?: string;
  /** What an auditor kept: a receipt, or a signed checkpoint of the global tree. The pack must continue it. */
  readonly savedCheckpoint?: string;
}

export interface Verdict {
  readonly ok: boolean;
  /** `VERIFIED`, or what is wrong. */
  readonly code: string;
  readonly message: string;
  /** First sequence number that is missing, changed or out of place, when one can be named. */
  readonly firstBad: number | null;
  /** Events below this number are proven intact under the signature even when the pack as a whole is not. */
  readonly provenUpTo: number;
  readonly keyTrusted: boolean;
  readonly continuesSaved: boolean;
  readonly tenant: string | null;
  readonly events: number;
  /** Events recorded but not yet sealed at the time of the export, as the log stated. */
  readonly unsealed: number | null;
  readonly globalSize: number | null;
  /** What to keep for the next time; null unless verified. */
  readonly receipt: string | null;
}

class Unverified extends Error {
  readonly code: string;
  readonly seq: number | null;
  constructor(code: string, message: string, seq: number | null = null) {
    super(message);
    this.code = code;
    this.seq = seq;
  }
}

type Fields = Record<string, unknown>;
interface Tree {
  readonly size: number;
  readonly root: Buffer;
}
interface Head extends Tree {
  readonly index: number;
  readonly path: readonly Buffer[];
}
interface Saved {
  readonly global: Tree;
  readonly tenant: Tree | null;
}

const half = (value: number): number => Math.floor(value / 2);
const pair = Buffer.alloc(65, 1);

function node(left: Buffer, right: Buffer): Buffer {
  left.copy(pair, 1);
  right.copy(pair, 33);
  return hash('sha256', pair, 'buffer');
}

/** RFC 9162 section 2.1.3.2. */
export function includes(leaf: Buffer, index: number, size: number, path: readonly Buffer[], root: Buffer): boolean {
  if (index >= size) return false;
  let [first, last, result] = [index, size - 1, leaf];
  for (const sibling of path) {
    if (last === 0) return false;
    if (first % 2 === 1 || first === last) {
      result = node(sibling, result);
      while (first % 2 === 0 && first !== 0) [first, last] = [half(first), half(last)];
    } else {
      result = node(result, sibling);
    }
    [first, last] = [half(first), half(last)];
  }
  return last === 0 && result.equals(root);
}

/** RFC 9162 section 2.1.4.2. */
export function continues(from: Tree, to: Tree, path: readonly Buffer[]): boolean {
  if (from.size > to.size) return false;
  if (from.size === to.size) return path.length === 0 && from.root.equals(to.root);
  if (from.size === 0) return path.length === 0;
  let [first, last] = [from.size - 1, to.size - 1];
  while (first % 2 === 1) [first, last] = [half(first), half(last)];
  // A tree that is one perfect subtree starts its own proof.
  const hashes = first === 0 ? [from.root, ...path] : path;
  const start = hashes[0];
  if (start === undefined) return false;
  let [old, now] = [start, start];
  for (const sibling of hashes.slice(1)) {
    if (last === 0) return false;
    if (first % 2 === 1 || first === last) {
      [old, now] = [node(sibling, old), node(sibling, now)];
      while (first % 2 === 0 && first !== 0) [first, last] = [half(first), half(last)];
    } else {
      now = node(now, sibling);
    }
    [first, last] = [half(first), half(last)];
  }
  return last === 0 && old.equals(from.root) && now.equals(to.root);
}

function base64(value: unknown, bytes: number | null = null): Buffer {
  if (typeof value !== 'string') throw new Unverified('PACK_MALFORMED', 'A base64 value is missing.');
  const decoded = Buffer.from(value, 'base64');
  if (decoded.toString('base64') !== value || (bytes !== null && decoded.length !== bytes)) {
    throw new Unverified('PACK_MALFORMED', 'A base64 value is not in its one canonical form.');
  }
  return decoded;
}

function count(value: unknown): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw new Unverified('PACK_MALFORMED', 'A count is not a whole number.');
  return value as number;
}

function pathOf(value: unknown): Buffer[] {
  if (!Array.isArray(value) || value.length > MAX_PATH) throw new Unverified('PACK_MALFORMED', 'A proof is not a list of hashes.');
  return value.map((entry) => base64(entry, 32));
}

function parseJson(text: string): Fields {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Fields;
  } catch {
    // falls through: not JSON at all
  }
  throw new Unverified('PACK_MALFORMED', 'A line that must be a JSON object is none.');
}

interface VerifierKey {
  readonly name: string;
  readonly hash: Buffer;
  readonly key: ReturnType<typeof createPublicKey>;
}

/** `name+hash+key` of c2sp.org/signed-note. */
export function parseVerifierKey(text: string): VerifierKey {
  const [, name, hex, encoded] = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/.exec(text) ?? [];
  if (name === undefined || hex === undefined) throw new Unverified('KEY_MALFORMED', 'The verifier key is not of the form name+hash+key.');
  const raw = base64(encoded, 33);
  const computed = hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), raw]), 'buffer').subarray(0, 4);
  if (raw[0] !== 1 || computed.toString('hex') !== hex)
    throw new Unverified('KEY_MALFORMED', 'The verifier key does not match its own hash.');
  return {
    name,
    hash: computed,
    key: createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw.subarray(1)]), format: 'der', type: 'spki' }),
  };
}

/** The text of a signed note, if our key signed it. Lines of other signers are allowed and not judged. */
export function openNote(note: unknown, key: VerifierKey): string {
  const at = typeof note === 'string' ? note.lastIndexOf('\n\n') : -1;
  if (typeof note !== 'string' || at < 0 || !note.endsWith('\n')) throw new Unverified('NOTE_MALFORMED', 'A signed note is malformed.');
  const text = note.slice(0, at + 1);
  const lines = note.slice(at + 2, -1).split('\n');
  for (const line of lines) {
    const [, name, encoded] = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/]+=*)$/.exec(line) ?? [];
    const signature = base64(encoded);
    if (name !== key.name || !signature.subarray(0, 4).equals(key.hash)) continue;
    if (verify(null, Buffer.from(text), key.key, signature.subarray(4))) return text;
    break;
  }
  throw new Unverified('SIGNATURE_INVALID', 'The signature was not made by the expected key.');
}

function openCheckpoint(note: unknown, key: VerifierKey): Tree {
  const text = openNote(note, key);
  const [, origin, size, root] = /^([^\n]+)\n(0|[1-9]\d{0,15})\n([^\n]+)\n$/.exec(text) ?? [];
  if (origin !== key.name) throw new Unverified('CHECKPOINT_FOREIGN', 'The signed note is not a checkpoint of this log.');
  return { size: count(Number(size)), root: base64(root, 32) };
}

/** That the tenant's checkpoint is a leaf of the global tree. */
function checkHead(fields: Fields, origin: string, global: Tree): Head {
  const head = { size: count(fields.size), root: base64(fields.root, 32), index: count(fields.index), path: pathOf(fields.path) };
  const text = `${origin}\n${head.size}\n${head.root.toString('base64')}\n`;
  const leaf = hash('sha256', Buffer.from(`\0${text}`), 'buffer');
  if (!includes(leaf, head.index, global.size, head.path, global.root)) {
    throw new Unverified('HEAD_NOT_INCLUDED', 'A tenant checkpoint is not in the signed tree.');
  }
  return head;
}

function openSaved(text: string, key: VerifierKey, tenant: string): Saved {
  if (!text.startsWith('{')) return { global: openCheckpoint(text, key), tenant: null };
  const receipt = parseJson(text);
  if (receipt.format !== 'sallyport-audit-receipt' || receipt.version !== 1) throw new Unverified('SAVED_MALFORMED', 'Not a receipt.');
  if (receipt.tenant !== tenant) throw new Unverified('SAVED_FOREIGN', 'The saved receipt is of another tenant.');
  const global = openCheckpoint(receipt.note, key);
  return { global, tenant: checkHead((receipt.head ?? {}) as Fields, `${key.name}/${tenant}`, global) };
}

interface Lines {
  /** The next line, valid until the call after. Whoever changes its bytes puts them back. */
  next(): Buffer | null;
  /** Lines read so far. */
  readonly read: number;
  /** Whether bytes follow the last newline. */
  readonly isCut: boolean;
  /** Digest of every byte before the line read last. To be asked once. */
  digest(): string;
}

function openLines(path: string): Lines & { close(): void } {
  const file = openSync(path, 'r');
  let buffer: Buffer = Buffer.alloc(0);
  const digest = createHash('sha256');
  let [hashed, start, at, read] = [0, 0, 0, 0];
  return {
    get read() {
      return read;
    },
    get isCut() {
      return buffer.length > at;
    },
    close: () => closeSync(file),
    digest: () => digest.update(buffer.subarray(hashed, start)).digest('base64'),
    next() {
      let scanned = at;
      start = at;
      for (;;) {
        const end = buffer.indexOf(10, scanned);
        if (end >= 0) {
          const line = buffer.subarray(at, end);
          at = end + 1;
          read += 1;
          return line;
        }
        if (buffer.length - at > MAX_LINE_BYTES) throw new Unverified('PACK_MALFORMED', 'A line is longer than any line of a pack.');
        const more = Buffer.allocUnsafe(Math.max(READ_BYTES, buffer.length - at));
        const bytes = readSync(file, more);
        if (bytes === 0) return null;
        scanned = buffer.length - at;
        digest.update(buffer.subarray(hashed, at));
        buffer = Buffer.concat([buffer.subarray(at), more.subarray(0, bytes)]);
        [hashed, start, at] = [0, 0, 0];
      }
    },
  };
}

/** Parses a line that must be exactly what JSON.stringify makes of these members, in this order. */
function fieldsOf(line: Buffer | null, members: readonly string[], kind: string | null): Fields {
  if (line === null) throw new Unverified('PACK_TRUNCATED', 'The pack ends before its last part.');
  const text = line.toString('utf8');
  const fields = parseJson(text);
  const names = kind === null ? members : ['kind', ...members];
  if (Object.keys(fields).join() !== names.join() || JSON.stringify(fields) !== text) {
    throw new Unverified('PACK_MALFORMED', 'A line of the pack does not have the members it must have.');
  }
  if (kind !== null && fields.kind !== kind) throw new Unverified('PACK_MALFORMED', 'The parts of the pack are out of order.');
  return fields;
}

interface Opened {
  readonly key: VerifierKey;
  readonly tenant: string;
  readonly events: number;
  readonly unsealed: number;
  readonly global: Tree;
  readonly note: string;
  /** Sizes at which the tenant's root is known, growing; the last is the whole. */
  readonly heads: readonly Head[];
  readonly saved: Saved | null;
}

const HEADER = ['format', 'version', 'tenant', 'origin', 'publicKey', 'events', 'heads', 'consistency', 'unsealed', 'createdAt'];

/** Everything before the leaves: who signed what, and that each tenant checkpoint is under it. */
function openPack(lines: Lines, options: VerifyOptions): Opened {
  const header = fieldsOf(lines.next(), HEADER, null);
  if (header.format !== 'sallyport-audit-pack' || header.version !== 1) throw new Unverified('PACK_MALFORMED', 'Not a pack of version 1.');
  const key = parseVerifierKey(options.trustedKey ?? String(header.publicKey));
  if (header.origin !== key.name) throw new Unverified('CHECKPOINT_FOREIGN', 'The pack is of another log than the trusted key.');
  const note = fieldsOf(lines.next(), ['note'], 'checkpoint').note as string;
  const global = openCheckpoint(note, key);
  const tenant = String(header.tenant);
  const [heads, consistency, events] = [count(header.heads), count(header.consistency), count(header.events)];
  if (heads < 1 || heads > MAX_HEADS || consistency > MAX_CONSISTENCY) throw new Unverified('PACK_MALFORMED', 'Too many or too few heads.');
  const saved = options.savedCheckpoint === undefined ? null : openSaved(options.savedCheckpoint, key, tenant);
  const known: Head[] = [];
  for (let at = 0; at < heads; at += 1) {
    const head = checkHead(fieldsOf(lines.next(), ['size', 'root', 'index', 'path'], 'head'), `${key.name}/${tenant}`, global);
    if (head.size <= (known.at(-1)?.size ?? 0)) throw new Unverified('PACK_MALFORMED', 'The heads are out of order.');
    known.push(head);
  }
  if (known.at(-1)?.size !== events) throw new Unverified('PACK_MALFORMED', 'The last head is not of the stated size.');
  let linked = saved === null || (saved.global.size === global.size && saved.global.root.equals(global.root));
  for (let at = 0; at < consistency; at += 1) {
    const fields = fieldsOf(lines.next(), ['from', 'root', 'path'], 'consistency');
    const from = { size: count(fields.from), root: base64(fields.root, 32) };
    if (!continues(from, global, pathOf(fields.path))) throw new Unverified('CONSISTENCY_INVALID', 'A consistency proof does not hold.');
    if (saved !== null && from.size === saved.global.size) {
      if (!from.root.equals(saved.global.root)) throw new Unverified('LOG_FORKED', 'The log shows another history than the saved one.');
      linked = true;
    }
  }
  if (saved !== null) checkContinues(saved, { global, events, linked });
  return { key, tenant, events, unsealed: count(header.unsealed), global, note, heads: known, saved };
}

function checkContinues(saved: Saved, pack: { global: Tree; events: number; linked: boolean }): void {
  if (saved.tenant !== null && saved.tenant.size > pack.events) {
    throw new Unverified('LOG_TRUNCATED', 'The pack holds fewer events than were sealed when the receipt was saved.', pack.events);
  }
  if (saved.global.size > pack.global.size) throw new Unverified('LOG_ROLLED_BACK', 'The log is smaller than the saved checkpoint.');
  if (pack.linked) return;
  if (saved.global.size === pack.global.size) throw new Unverified('LOG_FORKED', 'The log shows another root for the saved size.');
  throw new Unverified('CONSISTENCY_MISSING', 'The pack has no proof from the saved checkpoint; export it again and ask for that size.');
}

interface Leaf {
  readonly seq: number;
  readonly tenant: string;
  readonly commit: string | null;
  readonly v: number;
}

/** The leaf within a line `["<44 characters of base64>",<JSON>]`, or null when the line is not of that form. */
function leafOf(line: Buffer): Leaf | null {
  const frame = line.toString('latin1', 0, 2) + line.toString('latin1', 46, LEAF_AT) + line.toString('latin1', line.length - 1);
  if (frame !== '["",]') return null;
  try {
    return JSON.parse(line.toString('utf8', LEAF_AT, line.length - 1)) as Leaf;
  } catch {
    return null;
  }
}

/** Whether the leaf is what its stated hash says. The comma before it becomes the 0x00 of the leaf hash, so that nothing is copied. */
function isAsStated(line: Buffer, stated: string): boolean {
  line[LEAF_AT - 1] = 0;
  const actual = hash('sha256', line.subarray(LEAF_AT - 1, line.length - 1), 'base64');
  line[LEAF_AT - 1] = 0x2c;
  return actual === stated;
}

/** Reads the leaves, one after the other, keeping only the roots of perfect subtrees. */
function checkLeaves(lines: Lines, pack: Opened, progress: { proven: number }): void {
  const subtrees: Buffer[] = [];
  const saved = pack.saved?.tenant ?? null;
  const expected: Tree[] = [...pack.heads, ...(saved === null ? [] : [saved])].sort((a, b) => a.size - b.size);
  let changed: Unverified | null = null;
  const fail = (code: string, message: string, seq: number | null): Unverified => changed ?? new Unverified(code, message, seq);
  let line = lines.next();
  for (let [seq, next] = [0, 0]; seq < pack.events; seq += 1) {
    if (line === null) throw fail('PACK_TRUNCATED', 'The pack ends before its last event.', seq);
    const leaf = leafOf(line);
    if (leaf?.seq !== seq || leaf.tenant !== pack.tenant || leaf.v !== 1) {
      throw fail('LEAF_OUT_OF_PLACE', 'An event is missing, repeated, moved, unreadable or of another log.', seq);
    }
    const stated = line.toString('latin1', 2, 46);
    if (!isAsStated(line, stated)) changed ??= new Unverified('LEAF_CHANGED', 'An event differs from the hash it was sealed with.', seq);
    // The tree is built over the stated hashes: when it proves them, the event that differs from its own is exactly the changed one.
    let subtree: Buffer = Buffer.from(stated, 'base64');
    for (let index = seq; index % 2 === 1; index = (index - 1) / 2) subtree = node(subtrees.pop() as Buffer, subtree);
    subtrees.push(subtree);
    line = lines.next();
    if (line?.toString('latin1', 0, 17) === '{"kind":"opening"') {
      checkOpening(line, leaf, seq);
      line = lines.next();
    }
    for (let tree = expected[next]; tree?.size === seq + 1; tree = expected[next]) {
      const root = subtrees.slice(0, -1).reduceRight((right, left) => node(left, right), subtrees.at(-1) as Buffer);
      if (!root.equals(tree.root)) {
        if (tree === saved) throw fail('LOG_FORKED', 'The events are not those that were sealed when the receipt was saved.', null);
        const range = `Events from ${progress.proven} on and before ${tree.size} were changed and hashed anew.`;
        throw fail('ROOT_MISMATCH', range, progress.proven);
      }
      if (changed === null && tree !== saved) progress.proven = tree.size;
      next += 1;
    }
  }
  if (changed !== null) throw changed;
  if (line === null) throw new Unverified('PACK_TRUNCATED', 'The pack has no end line.', pack.events);
  if (line[0] === 0x5b) throw new Unverified('LEAF_UNSEALED', 'There is an event after the last sealed one.', pack.events);
  const [before, digest, end] = [lines.read - 1, lines.digest(), fieldsOf(line, ['lines', 'note'], 'end')];
  const isWhole = end.lines === before && lines.next() === null && !lines.isCut;
  if (!isWhole || openNote(end.note, pack.key) !== `${pack.key.name}/pack\n${digest}\n`) {
    throw new Unverified('PACK_CHANGED', 'The events are intact, but something else in the pack was changed after it was exported.');
  }
}

function checkOpening(line: Buffer, leaf: Leaf, seq: number): void {
  const fields = fieldsOf(line, ['seq', 'salt', 'payload'], 'opening');
  const opened = hash('sha256', Buffer.concat([base64(fields.salt), base64(fields.payload)]), 'hex');
  // An opening after the wrong event belongs to one that should have come before it.
  if (fields.seq !== seq) throw new Unverified('LEAF_OUT_OF_PLACE', 'A payload stands without its event.', seq + 1);
  if (opened !== leaf.commit) throw new Unverified('PAYLOAD_CHANGED', 'A payload does not match its commitment.', seq);
}

function receiptOf(pack: Opened): string {
  const { size, root, index, path } = pack.heads.at(-1) as Head;
  const last = { size, root: root.toString('base64'), index, path: path.map((entry) => entry.toString('base64')) };
  return `${JSON.stringify({ format: 'sallyport-audit-receipt', version: 1, tenant: pack.tenant, note: pack.note, head: last })}\n`;
}

/** Checks a pack. Throws only when the file can not be read. */
export function verifyPack(path: string, options: VerifyOptions = {}): Verdict {
  const lines = openLines(path);
  const progress = { proven: 0 };
  let pack: Opened | null = null;
  const verdict = (failure: Unverified | null): Verdict => ({
    ok: failure === null,
    code: failure?.code ?? 'VERIFIED',
    message: failure?.message ?? 'Every event is intact, in place and under the signature.',
    firstBad: failure?.seq ?? null,
    provenUpTo: progress.proven,
    keyTrusted: options.trustedKey !== undefined,
    continuesSaved: failure === null && options.savedCheckpoint !== undefined,
    tenant: pack?.tenant ?? null,
    events: pack?.events ?? 0,
    unsealed: pack?.unsealed ?? null,
    globalSize: pack?.global.size ?? null,
    receipt: failure === null && pack !== null ? receiptOf(pack) : null,
  });
  try {
    pack = openPack(lines, options);
    checkLeaves(lines, pack, progress);
    return verdict(null);
  } catch (failure) {
    if (failure instanceof Unverified) return verdict(failure);
    throw failure;
  } finally {
    lines.close();
  }
}

const USAGE = 'usage: sallyport-verify PACK [--key VERIFIER_KEY] [--against RECEIPT_OR_CHECKPOINT] [--save RECEIPT] [--json]\n';

function parseCommand(args: readonly string[]) {
  const text = { type: 'string' } as const;
  try {
    const options = { key: text, against: text, save: text, json: { type: 'boolean' } } as const;
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options });
    return positionals.length === 1 ? { ...values, path: positionals[0] as string } : null;
  } catch {
    return null;
  }
}

/** Exit codes: 0 verified, 1 not verified, 2 bad usage, 3 unreadable input. */
function main(args: readonly string[]): number {
  const command = parseCommand(args);
  if (command === null) {
    stderr.write(USAGE);
    return 2;
  }
  try {
    const verdict = verifyPack(command.path, {
      ...(command.key === undefined ? {} : { trustedKey: command.key }),
      ...(command.against === undefined ? {} : { savedCheckpoint: readFileSync(command.against, 'utf8') }),
    });
    if (command.save !== undefined && verdict.receipt !== null) writeFileSync(command.save, verdict.receipt, { flag: 'wx' });
    stdout.write(command.json === true ? `${JSON.stringify(verdict)}\n` : report(verdict));
    return verdict.ok ? 0 : 1;
  } catch (failure) {
    const { code = 'UNREADABLE' } = failure as NodeJS.ErrnoException;
    stderr.write(`sallyport-verify: ${code}: the pack or a given file can not be read or written.\n`);
    return 3;
  }
}

function report(verdict: Verdict): string {
  const lines = [
    verdict.ok ? `VERIFIED: ${verdict.events} events of ${verdict.tenant}.` : `NOT VERIFIED: ${verdict.code}. ${verdict.message}`,
  ];
  if (verdict.firstBad !== null) lines.push(`First bad sequence number: ${verdict.firstBad}. Proven intact below: ${verdict.provenUpTo}.`);
  if (verdict.unsealed !== null && verdict.unsealed > 0) lines.push(`${verdict.unsealed} events were recorded but not yet sealed.`);
  if (!verdict.keyTrusted)
    lines.push('The key came with the pack: this shows integrity, not who signed. Give the key you trust with --key.');
  if (!verdict.continuesSaved)
    lines.push('Not compared with anything saved: a cut-off end would not be noticed. Give a receipt with --against.');
  return `${lines.join('\n')}\n`;
}

if (argv[1] !== undefined && realpathSync(argv[1]) === import.meta.filename) exit(main(argv.slice(2)));
