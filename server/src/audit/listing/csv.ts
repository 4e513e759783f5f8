// Events as CSV (RFC 4180): a header, CRLF, every field that needs it in quotes. Opened in a spreadsheet, no field is a formula.

import type { JsonObject, JsonValue } from '#core';
import type { ListedLeaf } from './listed-leaf.ts';

export const CSV_COLUMNS = [
  'seq',
  'at',
  'type',
  'actor',
  'by',
  'subject',
  'privileged',
  'decision',
  'code',
  'workflow',
  'run',
  'id',
  'commit',
  'leafHash',
  'public',
] as const;

/** A spreadsheet takes a field that begins so for a formula, and follows its links: an apostrophe before it makes it text. */
const FORMULA = /^[=+\-@\t\r]/;

export function csvField(value: string): string {
  const harmless = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n']/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

export const csvRow = (fields: readonly string[]): string => `${fields.map(csvField).join(',')}\r\n`;

export const csvHeader = (): string => csvRow(CSV_COLUMNS);

const text = (value: JsonValue | undefined): string => (value === null || value === undefined ? '' : String(value));

export function csvEvent({ seq, entry, by, privileged, decision, leafHash }: ListedLeaf): string {
  const facts = entry.public as JsonObject;
  return csvRow([
    String(seq),
    text(entry.at),
    text(entry.type),
    text(entry.actor),
    by ?? '',
    text(entry.subject),
    privileged ? 'yes' : 'no',
    decision ?? '',
    text(facts.code),
    text(facts.workflow),
    text(facts.run),
    text(entry.id),
    text(entry.commit),
    leafHash.toString('base64'),
    JSON.stringify(facts),
  ]);
}
