// Why a pack does not verify, and the strict parsing that every part of the verifier shares. What can not be parsed is refused.

import { hash } from 'node:crypto';

export interface Where {
  /** First sequence number that is missing, changed or out of place. */
  readonly seq?: number | null;
  /** The file of the pack in which it shows. */
  readonly file?: string;
}

export class Unverified extends Error {
  readonly code: string;
  readonly seq: number | null;
  readonly file: string | null;
  constructor(code: string, message: string, { seq = null, file }: Where = {}) {
    super(message);
    this.code = code;
    this.seq = seq;
    this.file = file ?? null;
  }
}

/** The same failure, with the file it shows in when it names none. */
export function inFile(failure: unknown, file: string): unknown {
  if (!(failure instanceof Unverified) || failure.file !== null) return failure;
  return new Unverified(failure.code, failure.message, { seq: failure.seq, file });
}

export type Fields = Record<string, unknown>;

export function malformed(message: string, file?: string): Unverified {
  return new Unverified('PACK_MALFORMED', message, file === undefined ? {} : { file });
}

export function sha256(...parts: readonly Uint8Array[]): Buffer {
  return hash('sha256', parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts), 'buffer');
}

export function base64(value: unknown, bytes: number | null = null): Buffer {
  if (typeof value !== 'string') throw malformed('A base64 value is missing.');
  const decoded = Buffer.from(value, 'base64');
  if (decoded.toString('base64') !== value || (bytes !== null && decoded.length !== bytes)) {
    throw malformed('A base64 value is not in its one canonical form.');
  }
  return decoded;
}

export function count(value: unknown): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw malformed('A count is not a whole number.');
  return value as number;
}

/** A proof in a tree that fits a 64-bit size has no more steps. */
const MAX_PATH = 64;

export function pathOf(value: unknown): Buffer[] {
  if (!Array.isArray(value) || value.length > MAX_PATH) throw malformed('A proof is not a list of hashes.');
  return value.map((entry) => base64(entry, 32));
}

export function parseObject(text: string): Fields {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  } catch {
    // falls through: not JSON at all
  }
  throw malformed('A text that must be a JSON object is none.');
}

/** Parses a text that must be exactly what JSON.stringify makes of these members, in this order: no second reading is possible. */
export function fieldsOf(text: string, members: readonly string[], indent = 0): Fields {
  const fields = parseObject(text);
  if (Object.keys(fields).join() !== members.join() || textOf(fields, indent) !== text) {
    throw malformed('An object of the pack does not have the members it must have.');
  }
  return fields;
}

/** Null when it is nested deeper than a text can be made of; reading such a text does not fail. */
function textOf(fields: Fields, indent: number): string | null {
  try {
    return JSON.stringify(fields, null, indent);
  } catch (failure) {
    if (failure instanceof RangeError) return null;
    throw failure;
  }
}
