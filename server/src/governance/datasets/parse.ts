// Reads CSV (RFC 4180) and JSON lines into rows of text, one at a time. Pure. It decides what a table is, and never what its values mean.
// INVARIANT: every row has exactly the columns of the first; what does not fit stops the reading with the line it stands in.

import { isJsonFault, isObject, type JsonValue, parseStrictJson, type Refusal } from '#core';
import { refusal } from '../errors.ts';

export const DATASET_FORMATS = ['csv', 'jsonl'] as const;
export type DatasetFormat = (typeof DATASET_FORMATS)[number];

export const MAX_COLUMNS = 200;
export const MAX_DATASET_ROWS = 50_000;
export const MAX_DATASET_BYTES = 32 * 1024 * 1024;
/** Longest single value: a long note, not a file. */
export const MAX_CELL = 32 * 1024;
const COLUMN = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/;

export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const broken = (line: number, why: string): Refusal => refusal('GOVERNANCE_DATASET_UNREADABLE', { line, why });

export function parseDataset(format: DatasetFormat, text: string): Table | Refusal {
  // A byte order mark is no part of the first column's name.
  const plain = text.startsWith('\ufeff') ? text.slice(1) : text;
  return format === 'csv' ? parseCsv(plain) : parseJsonLines(plain);
}

function checkColumns(columns: readonly string[]): Refusal | null {
  if (columns.length === 0 || columns.length > MAX_COLUMNS) return broken(1, 'columns');
  if (columns.some((name) => !COLUMN.test(name) || name === '__proto__')) return broken(1, 'column_name');
  return new Set(columns).size === columns.length ? null : broken(1, 'column_twice');
}

function parseCsv(text: string): Table | Refusal {
  const rows: string[][] = [];
  let columns: readonly string[] | null = null;
  let row: string[] = [];
  let cell = '';
  let line = 1;
  let isQuoted = false;
  let wasQuoted = false;
  const endRow = (): Refusal | null => {
    row.push(cell);
    const done = row;
    row = [];
    cell = '';
    wasQuoted = false;
    if (done.length === 1 && done[0] === '') return null;
    if (columns === null) {
      columns = done.map((name) => name.trim());
      return checkColumns(columns);
    }
    if (done.length !== columns.length) return broken(line, 'cells');
    if (rows.length >= MAX_DATASET_ROWS) return broken(line, 'rows');
    rows.push(done);
    return null;
  };
  for (let at = 0; at < text.length; at++) {
    const char = text[at] as string;
    if (isQuoted) {
      if (char !== '"') cell += char;
      else if (text[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else isQuoted = false;
      if (char === '\n') line += 1;
    } else if (char === '"') {
      if (cell !== '' || wasQuoted) return broken(line, 'quote');
      isQuoted = true;
      wasQuoted = true;
    } else if (char === ',') {
      row.push(cell);
      cell = '';
      wasQuoted = false;
    } else if (char === '\n' || (char === '\r' && text[at + 1] === '\n')) {
      if (char === '\r') at += 1;
      const refused = endRow();
      if (refused !== null) return refused;
      line += 1;
    } else if (wasQuoted) return broken(line, 'quote');
    else cell += char;
    if (cell.length > MAX_CELL) return broken(line, 'cell');
  }
  if (isQuoted) return broken(line, 'quote');
  if (cell !== '' || row.length > 0) {
    const refused = endRow();
    if (refused !== null) return refused;
  }
  return columns === null ? broken(1, 'empty') : { columns, rows };
}

function parseJsonLines(text: string): Table | Refusal {
  const rows: string[][] = [];
  let columns: readonly string[] | null = null;
  for (const [index, source] of text.split('\n').entries()) {
    if (source.trim() === '') continue;
    const value = parseStrictJson(source);
    if (isJsonFault(value) || !isObject(value)) return broken(index + 1, 'json');
    if (columns === null) {
      columns = Object.keys(value);
      const refused = checkColumns(columns);
      if (refused !== null) return refused;
    }
    const known: readonly string[] = columns;
    // A record may leave a column out; one that nobody knows would be lost.
    if (Object.keys(value).some((name) => !known.includes(name))) return broken(index + 1, 'cells');
    if (rows.length >= MAX_DATASET_ROWS) return broken(index + 1, 'rows');
    const row = known.map((name) => textOf(Object.hasOwn(value, name) ? (value[name] as JsonValue) : null));
    if (row.some((cell) => cell.length > MAX_CELL)) return broken(index + 1, 'cell');
    rows.push(row);
  }
  return columns === null ? broken(1, 'empty') : { columns, rows };
}

function textOf(value: JsonValue): string {
  if (value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
