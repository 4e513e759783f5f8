// Rows of texts for the commands that check detectors on a user's own data: parsed strictly, faults named by file and line.

import { isJsonFault, isObject, type JsonObject, parseStrictJson, SallyportError } from '#core';
import type { Io } from './command.ts';
import { MAX_LINE_CHARS } from './read-lines.ts';

export interface ScanRow {
  readonly id: string | number | null;
  readonly text: string;
  readonly lang: string | null;
  /** The record of the customer the text is about, when the caller has it. */
  readonly customer: JsonObject | null;
}

const LIMITS = { maxBytes: 4 * MAX_LINE_CHARS, maxDepth: 64, maxMembers: 200_000 };

/** What is wrong with a row, or the row. Other members may stand in it: labels of a data set, for one. */
function rowOf(value: JsonObject): ScanRow | string {
  const { id = null, text, lang = null, context = null } = value;
  if (typeof text !== 'string') return 'has no text, or one that is not a string.';
  if (id !== null && typeof id !== 'string' && typeof id !== 'number') return 'has an id that is neither a string nor a number.';
  if (lang !== null && typeof lang !== 'string') return 'has a lang that is not a string.';
  if (context !== null && !isObject(context)) return 'has a context that is not an object.';
  const customer = context?.customer ?? null;
  if (customer !== null && !isObject(customer)) return 'has a context.customer that is not an object.';
  return { id, text, lang, customer };
}

/** A row that can not be used ends the command, naming file and line. */
export function unreadableRow(path: string, number: number, what: string): SallyportError {
  return new SallyportError('CLI_INPUT_UNREADABLE', `${path === '-' ? 'standard input' : path} line ${number}: ${what}`);
}

/** The objects of a file of JSON Lines, with the numbers of their lines. */
export async function* objectRows(
  io: Pick<Io, 'lines'>,
  path: string,
): AsyncGenerator<{ readonly row: JsonObject; readonly number: number }> {
  let number = 0;
  for await (const line of io.lines(path)) {
    number += 1;
    if (line.trim() === '') continue;
    const row = parseStrictJson(line, LIMITS);
    if (isJsonFault(row))
      throw unreadableRow(path, number, `is not JSON that can be read one way only (${row.code}, character ${row.at + 1}).`);
    if (!isObject(row)) throw unreadableRow(path, number, 'is not a JSON object.');
    yield { row, number };
  }
}

export async function* scanRows(io: Pick<Io, 'lines'>, path: string): AsyncGenerator<ScanRow> {
  for await (const { row: value, number } of objectRows(io, path)) {
    const row = rowOf(value);
    if (typeof row === 'string') throw unreadableRow(path, number, row);
    yield row;
  }
}
