// Parses JSON so that no two readers can understand it differently: what is ambiguous is refused, everything else is what the
// text says. One linear scan for structure, then the native parser for the value (our own reader where keys hold escapes). Sources: RFC 8259, RFC 7493 (I-JSON).
// Never repeats the input in a fault.

import type { jsonCodes } from './errors.ts';
import type { JsonValue } from './json.ts';
import { type JsonReading, readJson } from './json-reader.ts';

export interface JsonLimits {
  /** Bytes of the input, or UTF-16 units when it is a string already. */
  readonly maxBytes: number;
  readonly maxDepth: number;
  /** Members of all objects and items of all arrays together. */
  readonly maxMembers: number;
}

export const JSON_LIMITS: JsonLimits = Object.freeze({ maxBytes: 8 * 1024 * 1024, maxDepth: 64, maxMembers: 200_000 });

export type JsonCode = keyof typeof jsonCodes;

export interface JsonFault {
  readonly kind: 'json_fault';
  readonly code: JsonCode;
  /** Offset in UTF-16 units where it was noticed; 0 when it concerns the whole. */
  readonly at: number;
}

const faults = new WeakSet<object>();

/** True only for what `parseStrictJson` refused, never for a parsed value that looks like a fault. */
export function isJsonFault(value: unknown): value is JsonFault {
  return typeof value === 'object' && value !== null && faults.has(value);
}

function fault(code: JsonCode, at = 0): JsonFault {
  const made: JsonFault = Object.freeze({ kind: 'json_fault', code, at });
  faults.add(made);
  return made;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const QUOTE = 34;
/** Every decimal of so many characters without an exponent survives a double (15 significant digits do). */
const SAFE_NUMBER_LENGTH = 15;

/** `12.50e1` -> `125e0`: one spelling for each decimal value. */
function decimalForm(literal: string): string {
  const [mantissa = '', exponent = '0'] = literal.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.');
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  let end = digits.length;
  while (end > 0 && digits.charCodeAt(end - 1) === 48) end -= 1;
  if (end === 0) return '0';
  return `${digits.slice(0, end)}e${Number(exponent) - fraction.length + (digits.length - end)}`;
}

function survivesDouble(literal: string): boolean {
  const value = Number(literal);
  if (Number.isNaN(value)) return true; // No number at all: the parser says so.
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER) return false;
  const shortest = String(value);
  return literal === shortest || decimalForm(literal) === decimalForm(shortest);
}

function isNumberUnit(unit: number): boolean {
  return (unit >= 48 && unit <= 57) || unit === 43 || unit === 45 || unit === 46 || unit === 69 || unit === 101;
}

interface Scan {
  /** Members of objects by count of colons outside strings. */
  readonly keys: number;
  /** True when a key is spelled with an escape: V8's JSON.parse may take it for another key. */
  readonly escapedKey: boolean;
  /** True when a string escapes a surrogate, so that the parsed strings have to be looked at. */
  readonly escapedSurrogate: boolean;
}

/** Depth, members, numbers, escapes. What is no JSON passes through here and fails in the parser. */
function scan(text: string, limits: JsonLimits): Scan | JsonFault {
  const length = text.length;
  let depth = 0;
  let keys = 0;
  let items = 0;
  let escapedSurrogate = false;
  let escapedKey = false;
  let escapedString = false;
  let backslash = text.indexOf('\\');
  for (let at = 0; at < length; ) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) {
      let close = text.indexOf('"', at + 1);
      escapedString = backslash !== -1 && backslash < close;
      while (backslash !== -1 && backslash < close) {
        const escaped = backslash + 1;
        if (text.charCodeAt(escaped) === 117 && (text.charCodeAt(escaped + 1) | 0x20) === 100) escapedSurrogate = true;
        if (escaped === close) close = text.indexOf('"', close + 1);
        backslash = text.indexOf('\\', escaped + 1);
      }
      at = close === -1 ? length : close + 1;
      continue;
    }
    if (unit === 45 || (unit >= 48 && unit <= 57)) {
      const start = at;
      let exponent = false;
      for (at += 1; at < length; at += 1) {
        const next = text.charCodeAt(at);
        if (!isNumberUnit(next)) break;
        if (next === 69 || next === 101) exponent = true;
      }
      if ((exponent || at - start > SAFE_NUMBER_LENGTH) && !survivesDouble(text.slice(start, at)))
        return fault('JSON_UNSAFE_NUMBER', start);
      continue;
    }
    if (unit === 58) {
      keys += 1;
      if (escapedString) escapedKey = true;
    } else if (unit === 44) items += 1;
    else if (unit === 123 || unit === 91) {
      depth += 1;
      items += 1;
      if (depth > limits.maxDepth) return fault('JSON_TOO_DEEP', at);
    } else if (unit === 125 || unit === 93) depth -= 1;
    if (items > limits.maxMembers) return fault('JSON_TOO_MANY_MEMBERS', at);
    at += 1;
  }
  return { keys, escapedKey, escapedSurrogate };
}

interface Walk {
  keys: number;
  forbidden: boolean;
  wellFormed: boolean;
}

/** Counts the keys that survived parsing. Depth is already bounded. */
function walk(value: JsonValue, seen: Walk, strings: boolean): void {
  if (typeof value === 'string') {
    if (strings && !value.isWellFormed()) seen.wellFormed = false;
  } else if (Array.isArray(value)) {
    for (const item of value) if (strings || (typeof item === 'object' && item !== null)) walk(item, seen, strings);
  } else if (typeof value === 'object' && value !== null) {
    const entries = value as Readonly<Record<string, JsonValue>>;
    for (const key of Object.keys(entries)) {
      seen.keys += 1;
      if (key === '__proto__') seen.forbidden = true;
      if (strings && !key.isWellFormed()) seen.wellFormed = false;
      const member = entries[key] as JsonValue;
      if (strings || (typeof member === 'object' && member !== null)) walk(member, seen, strings);
    }
  }
}

function decode(input: Uint8Array): string | null {
  try {
    return decoder.decode(input);
  } catch {
    return null;
  }
}

function parseNative(text: string): JsonReading {
  try {
    return { kind: 'value', value: JSON.parse(text) as JsonValue };
  } catch {
    return readJson(text);
  }
}

const READING_CODES = { syntax: 'JSON_SYNTAX', duplicate_key: 'JSON_DUPLICATE_KEY', forbidden_key: 'JSON_FORBIDDEN_KEY' } as const;

/** The value, or a fault with a code. INVARIANT: whatever is accepted is valid JSON with that value and no other. */
export function parseStrictJson(input: Uint8Array | string, limits?: Partial<JsonLimits>): JsonValue | JsonFault {
  const bounds = limits === undefined ? JSON_LIMITS : { ...JSON_LIMITS, ...limits };
  if (input.length > bounds.maxBytes) return fault('JSON_TOO_LARGE', bounds.maxBytes);
  const text = typeof input === 'string' ? input : decode(input);
  if (text === null) return fault('JSON_INVALID_UTF8');
  if (text.charCodeAt(0) === 0xfeff) return fault('JSON_BYTE_ORDER_MARK');
  if (typeof input === 'string' && !text.isWellFormed()) return fault('JSON_LONE_SURROGATE');
  const scanned = scan(text, bounds);
  if ('code' in scanned) return scanned;
  const parsed = scanned.escapedKey ? readJson(text) : parseNative(text);
  if (parsed.kind !== 'value') return fault(READING_CODES[parsed.kind], parsed.at);
  const seen: Walk = { keys: 0, forbidden: false, wellFormed: true };
  walk(parsed.value, seen, scanned.escapedSurrogate);
  // The native parser keeps the last of two equal keys: then fewer keys came out than stood in the text.
  if (seen.keys !== scanned.keys || seen.forbidden) {
    const where = readJson(text);
    return where.kind === 'value' ? fault('JSON_DUPLICATE_KEY') : fault(READING_CODES[where.kind], where.at);
  }
  return seen.wellFormed ? parsed.value : fault('JSON_LONE_SURROGATE');
}
