// Computes the proof of one event anew: from its bytes up to the root that is signed. Says what it found at each step and stops at the first
// that does not fit. Pure but for the two functions handed in; believes nothing the server says about the result.

import type { EventProof, SealedEvent } from '../../api/audit.ts';
import { base64Of, bytesOf, climb, hashLeaf, hashOf, joined, type Rung, type Sha256 } from './merkle.ts';

export type Verify = (
  key: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
  text: Uint8Array<ArrayBuffer>,
) => Promise<boolean | null>;

export type Step = 'leaf' | 'tenant' | 'global' | 'checkpoint' | 'signature';

export interface NoteSignature {
  readonly name: string;
  /** `log`: by the key this installation names. `other`: by a key that is not known here, such as a witness. */
  readonly by: 'log' | 'other';
  /** `null`: could not be checked here. */
  readonly isValid: boolean | null;
  /** When a witness says it saw it. */
  readonly seenAt: string | null;
}

export interface Recomputed {
  /** The first step that does not fit; `null` when all do. */
  readonly broken: Step | null;
  readonly leafHash: Uint8Array<ArrayBuffer>;
  /** Empty from the broken step on. */
  readonly tenant: readonly Rung[];
  /** The line that joins the two trees: the tenant's checkpoint as a leaf of the tree of the installation. */
  readonly headHash: Uint8Array<ArrayBuffer> | null;
  readonly global: readonly Rung[];
  readonly signatures: readonly NoteSignature[];
}

interface Deps {
  readonly sha256: Sha256;
  readonly verify: Verify;
}

/** An event that came with its proof. */
export type ProvedEvent = SealedEvent & { readonly proof: EventProof };

export async function recompute(event: ProvedEvent, verifierKey: string | null, { sha256, verify }: Deps): Promise<Recomputed> {
  const { proof } = event;
  const bytes = new TextEncoder().encode(event.leaf);
  const leafHash = await hashLeaf(sha256, bytes);
  const found = { leafHash, tenant: [], headHash: null, global: [], signatures: [] } satisfies Partial<Recomputed>;
  if (base64Of(leafHash) !== proof.leafHash || numberOf(event.leaf) !== event.seq) return { ...found, broken: 'leaf' };

  const tenant = await climbed(sha256, leafHash, { index: event.seq, size: proof.head.size, path: proof.path });
  if (tenant === null || base64Of(tenant.at(-1)?.result ?? leafHash) !== proof.head.root) return { ...found, broken: 'tenant' };

  const note = parseNote(proof.note);
  const head = `${note?.origin ?? ''}/${tenantOf(event.leaf)}\n${proof.head.size}\n${proof.head.root}\n`;
  const headHash = await hashLeaf(sha256, new TextEncoder().encode(head));
  const global = await climbed(sha256, headHash, { index: proof.head.index, size: proof.globalSize, path: proof.head.path });
  if (global === null || base64Of(global.at(-1)?.result ?? headHash) !== proof.globalRoot)
    return { ...found, tenant, headHash, broken: 'global' };

  const reached = { ...found, tenant, headHash, global };
  if (note === null || note.size !== String(proof.globalSize) || note.root !== proof.globalRoot)
    return { ...reached, broken: 'checkpoint' };
  const signatures = await Promise.all(note.lines.map((line) => judged(line, note, verifierKey, { sha256, verify })));
  const byLog = signatures.filter(({ by }) => by === 'log');
  const isBroken = byLog.some(({ isValid }) => isValid === false) || (verifierKey !== null && byLog.length === 0);
  return { ...reached, signatures, broken: isBroken ? 'signature' : null };
}

async function climbed(
  sha256: Sha256,
  leaf: Uint8Array<ArrayBuffer>,
  { path, ...tree }: { readonly index: number; readonly size: number; readonly path: readonly string[] },
): Promise<readonly Rung[] | null> {
  const hashes = path.map(hashOf);
  return hashes.includes(null) ? null : climb(sha256, leaf, { ...tree, path: hashes.filter((hash) => hash !== null) });
}

interface NoteLine {
  readonly name: string;
  /** Four bytes that tell the key, then the signature. */
  readonly blob: Uint8Array<ArrayBuffer>;
}
interface Note {
  /** What is signed, with its last newline. */
  readonly text: string;
  readonly origin: string;
  readonly size: string;
  readonly root: string;
  readonly lines: readonly NoteLine[];
}

/** A C2SP signed note over a checkpoint; `null` for anything else. */
export function parseNote(note: string): Note | null {
  const end = note.indexOf('\n\n');
  if (end < 0) return null;
  const text = note.slice(0, end + 1);
  const [origin, size, root] = text.split('\n');
  if (origin === undefined || size === undefined || root === undefined) return null;
  const lines = note
    .slice(end + 2)
    .split('\n')
    .flatMap((line) => {
      const [, name, base64] = /^\u2014 (\S+) (\S+)$/.exec(line) ?? [];
      const blob = base64 === undefined ? null : bytesOf(base64);
      return name === undefined || blob === null ? [] : [{ name, blob }];
    });
  return { text, origin, size, root, lines };
}

const KEY_HASH_BYTES = 4;
const ED25519_TYPE = 1;
/** Eight bytes of seconds before the signature of a witness (C2SP tlog-cosignature). */
const TIME_BYTES = 8;
const ED25519_SIGNATURE_BYTES = 64;

async function judged({ name, blob }: NoteLine, note: Note, verifierKey: string | null, { sha256, verify }: Deps): Promise<NoteSignature> {
  const key = verifierKey === null ? null : parseVerifierKey(verifierKey);
  if (key !== null && name === note.origin && isEpochOf(key.name, name)) {
    // One key has another hash in each epoch of the ledger, because it signs under another name.
    const named = new TextEncoder().encode(`${name}\n`);
    const hash = (await sha256(joined(named, [ED25519_TYPE], key.key))).subarray(0, KEY_HASH_BYTES);
    if (base64Of(hash) === base64Of(blob.subarray(0, KEY_HASH_BYTES))) {
      const isValid = await verify(key.key, blob.slice(KEY_HASH_BYTES), new TextEncoder().encode(note.text));
      return { name, by: 'log', isValid, seenAt: null };
    }
  }
  const hasTime = blob.length === KEY_HASH_BYTES + TIME_BYTES + ED25519_SIGNATURE_BYTES;
  const seconds = hasTime ? Number(new DataView(blob.buffer).getBigUint64(KEY_HASH_BYTES)) : Number.NaN;
  const seen = new Date(seconds * 1_000);
  return { name, by: 'other', isValid: null, seenAt: Number.isNaN(seen.getTime()) ? null : seen.toISOString() };
}

/** The ledger's name in its first epoch; the name, a point and the number in each later one. */
const isEpochOf = (ledger: string, origin: string): boolean =>
  origin === ledger || (origin.startsWith(`${ledger}.`) && /^\d+$/.test(origin.slice(ledger.length + 1)));

/** `<name>+<hash in hex>+<base64 of a type and the key>`; the hash is made anew from the other two. */
function parseVerifierKey(text: string): { name: string; key: Uint8Array<ArrayBuffer> } | null {
  const [, name, base64] = /^([^+]+)\+[0-9a-f]{8}\+(.+)$/.exec(text) ?? [];
  const typed = base64 === undefined ? null : bytesOf(base64);
  return name === undefined || typed?.[0] !== ED25519_TYPE ? null : { name, key: typed.slice(1) };
}

const partsOf = (leaf: string): { readonly seq?: unknown; readonly tenant?: unknown } => JSON.parse(leaf) as object;
const numberOf = (leaf: string): unknown => partsOf(leaf).seq;
const tenantOf = (leaf: string): string => String(partsOf(leaf).tenant);

/** The line an auditor keeps, in the form of the ledger's format: a later pack must continue it. */
export function receiptOf({ leaf, proof }: ProvedEvent): string {
  const { size, root, index, path } = proof.head;
  const head = { size, root, index, path };
  return `${JSON.stringify({ format: 'sallyport-audit-receipt', version: 1, tenant: tenantOf(leaf), note: proof.note, head })}\n`;
}

/** The hash and signatures of the reader's own browser; `null` where it has none for this page, as over plain http from another machine. */
export function browserCrypto(): Deps | null {
  const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined;
  if (subtle === undefined) return null;
  return {
    sha256: async (bytes) => new Uint8Array(await subtle.digest('SHA-256', bytes)),
    verify: async (key, signature, text) => {
      const imported = await subtle.importKey('raw', key, { name: 'Ed25519' }, false, ['verify']).catch(() => null);
      return imported === null ? null : subtle.verify({ name: 'Ed25519' }, imported, signature, text);
    },
  };
}
