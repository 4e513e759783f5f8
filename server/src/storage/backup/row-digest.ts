// One number for all rows of a table, whatever their order: the sum of the SHA-256 of each row as COPY writes it, modulo 2^256.
// It tells two honest copies apart. That a backup was not tampered with is told by its chunks and its manifest, never by this.

import { hash } from 'node:crypto';

const LIMBS = 8;
const LIMB_BYTES = 4;
const BASE = 2 ** 32;

export interface RowDigest {
  readonly rows: number;
  add(row: Uint8Array): void;
  /** 64 hex digits. */
  value(): string;
}

export interface RowDigestState {
  readonly rows: number;
  readonly digest: string;
}

export const EMPTY_DIGEST: RowDigestState = { rows: 0, digest: '0'.repeat(64) };

export function createRowDigest(from: RowDigestState = EMPTY_DIGEST): RowDigest {
  const start = Buffer.from(from.digest, 'hex');
  const sum = Array.from({ length: LIMBS }, (_, limb) => start.readUInt32BE(start.length - LIMB_BYTES * (limb + 1)));
  let rows = from.rows;
  return {
    get rows() {
      return rows;
    },
    add(row) {
      const hashed = hash('sha256', row, 'buffer');
      let carry = 0;
      for (let limb = 0; limb < LIMBS; limb += 1) {
        const total = (sum[limb] as number) + hashed.readUInt32BE(hashed.length - LIMB_BYTES * (limb + 1)) + carry;
        carry = total >= BASE ? 1 : 0;
        sum[limb] = total % BASE;
      }
      rows += 1;
    },
    value: () =>
      sum
        .toReversed()
        .map((limb) => limb.toString(16).padStart(8, '0'))
        .join(''),
  };
}

const NEWLINE = 0x0a;

/** The rows of a piece of COPY text: a newline inside a value is written as two other characters, so each 0x0a ends a row. */
export function* rowsOf(piece: Buffer): Generator<Buffer> {
  for (let start = 0; start < piece.length; ) {
    const end = piece.indexOf(NEWLINE, start);
    const next = end === -1 ? piece.length : end + 1;
    yield piece.subarray(start, next);
    start = next;
  }
}
