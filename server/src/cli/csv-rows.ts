// The rows of a CSV file as records of its header, one at a time (RFC 4180; comma, semicolon or tab, told from the header).

import { type JsonObject, SallyportError } from '#core';
import type { NumberedLine } from './json-values.ts';

const MAX_CELLS = 2_000;
const MAX_CELL_CHARS = 1024 * 1024;

function unreadable(path: string, line: number, what: string): SallyportError {
  return new SallyportError('CLI_INPUT_UNREADABLE', `${path === '-' ? 'standard input' : path} line ${line}: ${what}`);
}

/** The character that stands most often outside quotes in the header. */
function separatorOf(header: string): string {
  const plain = header.replace(/"[^"]*"/g, '');
  const count = (separator: string): number => plain.split(separator).length;
  return [',', ';', '\t'].sort((left, right) => count(right) - count(left))[0] as string;
}

export async function* csvRows(lines: AsyncIterable<NumberedLine>, path: string): AsyncGenerator<JsonObject> {
  let header: readonly string[] | null = null;
  let separator: string | null = null;
  let cells: string[] = [];
  let cell = '';
  let inQuotes = false;
  let begun = 0;
  let last = 0;

  const record = (): JsonObject | null => {
    const row = [...cells, cell];
    cells = [];
    cell = '';
    if (header === null) {
      header = row.map((name, index) => (name.trim() === '' ? `column_${index + 1}` : name.trim()));
      if (header.length > MAX_CELLS) throw unreadable(path, begun, `has more than ${MAX_CELLS} columns.`);
      if (new Set(header).size < header.length) throw unreadable(path, begun, 'two columns have the same name.');
      return null;
    }
    if (row.length === 1 && row[0] === '') return null;
    if (row.length > header.length) throw unreadable(path, begun, 'has more cells than the header has columns.');
    return Object.fromEntries(header.map((name, index) => [name, row[index] ?? '']));
  };

  for await (const { number, text } of lines) {
    last = number;
    const line = number === 1 ? text.replace(/^\ufeff/, '') : text;
    if (separator === null) {
      if (line.trim() === '') continue;
      separator = separatorOf(line);
    }
    if (!inQuotes) begun = number;
    for (let at = 0; at < line.length; at += 1) {
      const char = line[at] as string;
      if (inQuotes) {
        if (char !== '"') cell += char;
        else if (line[at + 1] === '"') {
          cell += '"';
          at += 1;
        } else inQuotes = false;
      } else if (char === '"' && cell === '') inQuotes = true;
      else if (char === separator) {
        cells.push(cell);
        cell = '';
      } else cell += char;
    }
    if (cell.length > MAX_CELL_CHARS || cells.length > MAX_CELLS)
      throw unreadable(path, begun, 'is longer than a row can be; is a quote open?');
    if (inQuotes) cell += '\n';
    else {
      const row = record();
      if (row !== null) yield row;
    }
  }
  if (inQuotes) throw unreadable(path, begun === 0 ? last : begun, 'a quote is not closed.');
}
