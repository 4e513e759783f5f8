// The keys that sign this ledger now, and the chain they came by. Follows the chain in the database; the private keys come from files.
// INVARIANT: nothing is signed while the files do not match the chain, or while a key that must sign is missing here.

import type { KeyObject } from 'node:crypto';
import { SallyportError } from '#core';
import { epochOf, epochOrigin, rotationText } from '../ledger-texts.ts';
import {
  encodeVerifierKey,
  formatNote,
  isSignedBy,
  type NoteSigner,
  type ParsedNote,
  parseNote,
  parseVerifierKey,
  rawPublicKey,
  signatureLine,
} from './note.ts';

const ORIGIN_KEY_DIGITS = 16;
/** How long the old key signs beside the new one: time for every auditor and witness to hear of the new one. */
export const OVERLAP_MS = 7 * 24 * 60 * 60 * 1_000;

/** One key of the chain as the database has it. */
export interface KeyLink {
  readonly sequence: number;
  /** Under the name of epoch 1. */
  readonly verifierKey: string;
  /** A note over the rotation text by the key before and by this one; null for the first key. */
  readonly statement: string | null;
  readonly addedAtMs: number;
  /** When it was stopped by hand; null when it was not. */
  readonly endedAtMs: number | null;
}

export interface LedgerKey {
  readonly sequence: number;
  readonly publicKey: Buffer;
  readonly verifierKey: string;
}

/** Signs with every key that is in use; as a plain `NoteSigner` it does so under the name of epoch 1. */
export interface LedgerSigner extends NoteSigner {
  /** Name of the ledger, and of its first epoch. It outlives keys and epochs. */
  readonly origin: string;
  /** The keys that sign now, oldest first: two while a rotation overlaps. */
  readonly keys: readonly LedgerKey[];
  readonly chain: readonly KeyLink[];
  /** Name and key of a ledger that these files would begin; null where the first key is not among them. */
  founding(): { readonly origin: string; readonly verifierKey: string } | null;
  /** The same keys under the name of that epoch's log. */
  inEpoch(epoch: number): NoteSigner;
  /** The note when a key of this ledger signed it, under the name of the epoch whose origin its text begins with; null otherwise. */
  open(note: string): (ParsedNote & { readonly epoch: number; readonly origin: string }) | null;
  /** Takes over the chain as it stands in the database. AUDIT_KEY_FOREIGN or AUDIT_KEY_MISSING when these files can not sign for it. */
  follow(origin: string, chain: readonly KeyLink[], nowMs: number): void;
  /** Makes, or finds, the key file that comes next and states that it follows. The caller stores the statement. */
  prepareNext(): { readonly sequence: number; readonly verifierKey: string; readonly statement: string };
}

export interface KeyFiles {
  /** Every key file there is now, by its sequence. */
  read(): ReadonlyMap<number, KeyObject>;
  create(sequence: number): KeyObject;
}

/** The ledger's name. Derived from its first key, so that two installations never share one and nothing personal is in it. */
export function originOf(publicKey: Uint8Array): string {
  return `sallyport.local/log/${Buffer.from(publicKey).toString('hex').slice(0, ORIGIN_KEY_DIGITS)}`;
}

function foreign(): SallyportError {
  return new SallyportError('AUDIT_KEY_FOREIGN', 'The audit signing keys do not belong to this ledger.');
}

/** When a key stops signing; null while nothing follows it. */
export function endOf(link: KeyLink, next: KeyLink | undefined): number | null {
  if (next === undefined) return null;
  return Math.min(next.addedAtMs + OVERLAP_MS, link.endedAtMs ?? Number.MAX_SAFE_INTEGER);
}

/** The public keys of a chain whose every link was signed by the key before it and by itself. */
function checkChain(origin: string, chain: readonly KeyLink[]): readonly LedgerKey[] {
  const keys: LedgerKey[] = [];
  for (const [index, { sequence, verifierKey, statement }] of chain.entries()) {
    const parsed = parseVerifierKey(verifierKey);
    if (sequence !== index + 1 || parsed === null || parsed.name !== origin) throw foreign();
    const { publicKey } = parsed;
    const before = keys.at(-1);
    if (before === undefined) {
      if (originOf(publicKey) !== origin) throw foreign();
    } else {
      const note = parseNote(statement ?? '');
      const isStated = note !== null && note.text === rotationText(origin, sequence, verifierKey);
      if (!isStated || !isSignedBy(note, origin, before.publicKey) || !isSignedBy(note, origin, publicKey)) throw foreign();
    }
    keys.push({ sequence, publicKey, verifierKey });
  }
  return keys;
}

interface Followed {
  readonly origin: string;
  readonly chain: readonly KeyLink[];
  /** Every key of the chain. */
  readonly all: readonly LedgerKey[];
  /** Those that sign now. */
  readonly active: readonly LedgerKey[];
}

/** Before the database was asked: the first key alone, as if nothing had ever followed it. */
function firstAlone(files: ReadonlyMap<number, KeyObject>): Followed | null {
  const first = files.get(1);
  if (first === undefined) return null;
  const publicKey = rawPublicKey(first);
  const origin = originOf(publicKey);
  const key = { sequence: 1, publicKey, verifierKey: encodeVerifierKey(origin, publicKey) };
  const link = { sequence: 1, verifierKey: key.verifierKey, statement: null, addedAtMs: 0, endedAtMs: null };
  return { origin, chain: [link], all: [key], active: [key] };
}

export function createLedgerSigner(keyFiles: KeyFiles): LedgerSigner {
  let files = keyFiles.read();
  let followed = firstAlone(files);

  function known(): Followed {
    if (followed === null) throw missing(1);
    return followed;
  }

  const fits = (key: LedgerKey): boolean => {
    const file = files.get(key.sequence);
    return file === undefined || rawPublicKey(file).equals(key.publicKey);
  };

  function linesOf(name: string, text: string): readonly string[] {
    return known().active.map(({ sequence }) => {
      const file = files.get(sequence);
      if (file === undefined) throw missing(sequence);
      return signatureLine(name, file, text);
    });
  }

  function inEpoch(epoch: number): NoteSigner {
    const name = epochOrigin(known().origin, epoch);
    return {
      name,
      get verifierKey() {
        return encodeVerifierKey(name, (known().active.at(-1) as LedgerKey).publicKey);
      },
      sign: (text) => formatNote(text, linesOf(name, text)),
    };
  }

  return {
    get origin() {
      return known().origin;
    },
    get name() {
      return known().origin;
    },
    get verifierKey() {
      return (known().active.at(-1) as LedgerKey).verifierKey;
    },
    get keys() {
      return known().active;
    },
    get chain() {
      return known().chain;
    },
    founding() {
      const first = firstAlone(files);
      return first === null ? null : { origin: first.origin, verifierKey: (first.all[0] as LedgerKey).verifierKey };
    },
    inEpoch,
    sign: (text) => inEpoch(1).sign(text),
    open(note) {
      const parsed = parseNote(note);
      const { origin, all } = known();
      // The first line is the origin, alone or with `/` and what the note is about.
      const named = parsed?.text.split('\n')[0]?.replace(/\/(epoch|keys|pack)$/, '') ?? '';
      const epoch = epochOf(origin, named);
      if (parsed === null || epoch === null || !all.some((key) => isSignedBy(parsed, named, key.publicKey))) return null;
      return { ...parsed, epoch, origin: named };
    },
    follow(origin, chain, nowMs) {
      const all = checkChain(origin, chain);
      const active = all.filter((_, index) => {
        const end = endOf(chain[index] as KeyLink, chain[index + 1]);
        return end === null || nowMs < end;
      });
      // Another process may have made the next key since these files were read.
      if (active.some(({ sequence }) => !files.has(sequence))) files = keyFiles.read();
      if (!all.every(fits) || !all.some(({ sequence }) => files.has(sequence))) throw foreign();
      followed = { origin, chain, all, active };
      const gone = active.find(({ sequence }) => !files.has(sequence));
      if (gone !== undefined) throw missing(gone.sequence);
    },
    prepareNext() {
      const { origin, all, active } = known();
      const last = all.at(-1) as LedgerKey;
      const sequence = last.sequence + 1;
      const old = files.get(last.sequence);
      if (old === undefined || active.at(-1) !== last) throw missing(last.sequence);
      const next = keyFiles.create(sequence);
      files = new Map([...files, [sequence, next]]);
      const verifierKey = encodeVerifierKey(origin, rawPublicKey(next));
      const text = rotationText(origin, sequence, verifierKey);
      return {
        sequence,
        verifierKey,
        statement: formatNote(
          text,
          [old, next].map((key) => signatureLine(origin, key, text)),
        ),
      };
    },
  };
}

function missing(sequence: number): SallyportError {
  return new SallyportError(
    'AUDIT_KEY_MISSING',
    `The audit signing key ${sequence} of this ledger is not in this server\u2019s secrets folder; copy it from the server that made it.`,
    { retryable: true },
  );
}
