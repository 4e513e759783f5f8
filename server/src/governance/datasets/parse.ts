// Reads CSV (RFC 4180) and JSON lines into rows of text, piece by piece: it holds one row, whatever the length of the file. Pure. It decides
// what a table is, and never what its values mean. INVARIANT: every row has exactly the columns of the first; what does not fit stops the
// reading with the line it stands in; how a file is cut into pieces changes nothing.

import { isJsonFault, isObject, isRefusal, type JsonValue, parseStrictJson, type Refusal } from '#core';
import { refusal } from '../errors.ts';

export const DATASET_FORMATS = ['csv', 'jsonl'] as const;
export type DatasetFormat = (typeof DATASET_FORMATS)[number];

export const MAX_COLUMNS = 200;
/** Longest single value: a long note, not a file. */
export const MAX_CELL = 32 * 1024;
/** Longest line of JSON: a whole record. */
const MAX_LINE = 1024 * 1024;
const COLUMN = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/;

export type Cells = readonly string[];

export interface TableReader {
  /** The rows that end in this piece. */
  push(text: string): readonly Cells[] | Refusal;
  /** The last row, where no line end stands after it. */
  end(): readonly Cells[] | Refusal;
  /** Known after the first row. */
  columns(): readonly string[] | null;
}

const broken = (line: number, why: string): Refusal => refusal('GOVERNANCE_DATASET_UNREADABLE', { line, why });

export function createTableReader(format: DatasetFormat): TableReader {
  const reader = format === 'csv' ? csvReader() : jsonLinesReader();
  let isFirst = true;
  return {
    ...reader,
    push: (text) => {
      // A byte order mark is no part of the first column's name.
      const plain = isFirst && text.startsWith('\ufeff') ? text.slice(1) : text;
      isFirst = isFirst && text === '';
      return reader.push(plain);
    },
  };
}

function checkColumns(columns: readonly string[]): Refusal | null {
  if (columns.length === 0 || columns.length > MAX_COLUMNS) return broken(1, 'columns');
  if (columns.some((name) => !COLUMN.test(name) || name === '__proto__')) return broken(1, 'column_name');
  return new Set(columns).size === columns.length ? null : broken(1, 'column_twice');
}

/** `quote`: a quote inside of quotes, which ends them unless another one follows. `return`: a CR that may belong to a line end. */
type CsvState = 'plain' | 'quoted' | 'quote' | 'return';

function csvReader(): TableReader {
  let columns: readonly string[] | null = null;
  let row: string[] = [];
  let cell = '';
  let line = 1;
  let state: CsvState = 'plain';
  let wasQuoted = false;

  const endCell = (): void => {
    row.push(cell);
    cell = '';
    wasQuoted = false;
  };
  const endRow = (into: Cells[]): Refusal | null => {
    endCell();
    const done = row;
    row = [];
    if (done.length === 1 && done[0] === '') return null;
    if (columns === null) {
      columns = done.map((name) => name.trim());
      return checkColumns(columns);
    }
    if (done.length !== columns.length) return broken(line, 'cells');
    into.push(done);
    return null;
  };
  /** Outside of quotes. */
  const plain = (char: string, into: Cells[]): Refusal | null => {
    if (char === ',') endCell();
    else if (char === '\n') {
      const refused = endRow(into);
      line += 1;
      return refused;
    } else if (char === '\r') state = 'return';
    else if (char === '"') {
      if (cell !== '' || wasQuoted) return broken(line, 'quote');
      state = 'quoted';
      wasQuoted = true;
    } else if (wasQuoted) return broken(line, 'quote');
    else cell += char;
    return row.length > MAX_COLUMNS ? broken(line, 'columns') : null;
  };
  const take = (char: string, into: Cells[]): Refusal | null => {
    if (state === 'quoted') {
      if (char === '"') state = 'quote';
      else {
        cell += char;
        if (char === '\n') line += 1;
      }
      return null;
    }
    const before = state;
    state = 'plain';
    if (before === 'quote' && char === '"') {
      cell += '"';
      state = 'quoted';
      return null;
    }
    if (before === 'return' && char !== '\n') {
      // A CR alone is part of a value.
      if (wasQuoted) return broken(line, 'quote');
      cell += '\r';
    }
    return plain(char, into);
  };

  return {
    columns: () => columns,
    push: (text) => {
      const rows: Cells[] = [];
      for (let at = 0; at < text.length; at += 1) {
        const refused = take(text[at] as string, rows);
        if (refused !== null) return refused;
        if (cell.length > MAX_CELL) return broken(line, 'cell');
      }
      return rows;
    },
    end: () => {
      const rows: Cells[] = [];
      if (state === 'quoted') return broken(line, 'quote');
      if (state === 'return') cell += '\r';
      if (cell !== '' || row.length > 0) {
        const refused = endRow(rows);
        if (refused !== null) return refused;
      }
      return columns === null ? broken(1, 'empty') : rows;
    },
  };
}

function jsonLinesReader(): TableReader {
  let columns: readonly string[] | null = null;
  let open: string[] = [];
  let held = 0;
  let line = 0;

  const read = (source: string): Cells | Refusal | null => {
    line += 1;
    if (source.trim() === '') return null;
    const value = parseStrictJson(source);
    if (isJsonFault(value) || !isObject(value)) return broken(line, 'json');
    if (columns === null) {
      columns = Object.keys(value);
      const refused = checkColumns(columns);
      if (refused !== null) return refused;
    }
    const known: readonly string[] = columns;
    // A record may leave a column out; one that nobody knows would be lost.
    if (Object.keys(value).some((name) => !known.includes(name))) return broken(line, 'cells');
    const row = known.map((name) => textOf(Object.hasOwn(value, name) ? (value[name] as JsonValue) : null));
    return row.some((one) => one.length > MAX_CELL) ? broken(line, 'cell') : row;
  };
  const readAll = (sources: readonly string[]): readonly Cells[] | Refusal => {
    const rows: Cells[] = [];
    for (const source of sources) {
      const row = read(source);
      if (isRefusal(row)) return row;
      if (row !== null) rows.push(row);
    }
    return rows;
  };

  return {
    columns: () => columns,
    push: (text) => {
      const pieces = text.split('\n');
      const last = pieces.pop() as string;
      const sources = pieces.length === 0 ? [] : [open.join('') + (pieces[0] as string), ...pieces.slice(1)];
      if (sources.length > 0) {
        open = [];
        held = 0;
      }
      open.push(last);
      held += last.length;
      if (held > MAX_LINE || sources.some((source) => source.length > MAX_LINE)) return broken(line + 1, 'line');
      return readAll(sources);
    },
    end: () => {
      const rows = readAll([open.join('')]);
      if (isRefusal(rows)) return rows;
      return columns === null ? broken(1, 'empty') : rows;
    },
  };
}

function textOf(value: JsonValue): string {
  if (value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
