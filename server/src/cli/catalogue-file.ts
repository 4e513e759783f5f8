// What a shop sells, from the file a user has at hand: a list of titles, JSON Lines, or the shop's own JSON of products.

import { isJsonFault, isObject, type JsonValue, parseStrictJson } from '#core';
import type { Io } from './command.ts';

/** Members of products and variants that name something sold. */
const NAMES: ReadonlySet<string> = new Set([
  'title',
  'name',
  'product_title',
  'vendor',
  'brand',
  'sku',
  'barcode',
  'ean',
  'gtin',
  'handle',
  'product_type',
]);
const LIMITS = { maxBytes: 64 * 1024 * 1024, maxDepth: 32, maxMembers: 5_000_000 };

function collect(value: JsonValue, into: string[]): void {
  const open: JsonValue[] = [value];
  for (let here = open.pop(); here !== undefined; here = open.pop()) {
    if (typeof here === 'string') into.push(here);
    else if (Array.isArray(here)) open.push(...here.filter((item) => typeof item !== 'string' || item !== ''));
    else if (isObject(here)) {
      for (const [key, member] of Object.entries(here)) {
        if (typeof member === 'string' ? NAMES.has(key.toLowerCase()) : typeof member === 'object' && member !== null) open.push(member);
      }
    }
  }
}

/** Names in the text of a catalogue file; plain lines where it is no JSON. */
export function catalogueEntries(text: string): readonly string[] {
  const entries: string[] = [];
  const whole = /^\s*[[{]/.test(text) ? parseStrictJson(text, LIMITS) : null;
  if (whole !== null && !isJsonFault(whole)) {
    collect(whole, entries);
    return entries;
  }
  for (const line of text.split(/\r?\n/)) {
    const value = /^\s*[{["]/.test(line) ? parseStrictJson(line, LIMITS) : null;
    if (value === null || isJsonFault(value)) entries.push(line.trim());
    else collect(value, entries);
  }
  return entries.filter((entry) => entry !== '');
}

/** Entries of a file of any length where each line stands for itself; a file that is one JSON document is read whole. */
export async function readCatalogue(io: Pick<Io, 'lines' | 'readFile'>, path: string): Promise<readonly string[]> {
  const entries: string[] = [];
  let isFirst = true;
  for await (const line of io.lines(path)) {
    if (line.trim() === '') continue;
    if (isFirst && /^\s*[[{]/.test(line) && isJsonFault(parseStrictJson(line, LIMITS))) return catalogueEntries(await io.readFile(path));
    isFirst = false;
    for (const entry of catalogueEntries(line)) entries.push(entry);
  }
  return entries;
}
