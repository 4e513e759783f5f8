// Prints results: one JSON document with `--json`, else a small table or a list of facts for people.

import { isObject, type JsonObject, type JsonValue } from '#core';
import type { Context } from './command.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';

/** Control characters in a value would let text from outside rewrite the terminal. */
export function visible(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to make visible.
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|[\u{e0000}-\u{e007f}]/gu, (char) => {
    return `\\u{${(char.codePointAt(0) as number).toString(16)}}`;
  });
}

export function printJson(context: Context, value: JsonValue): void {
  context.io.out(JSON.stringify(value, null, 2));
}

/** Rows with the named columns; `empty` is said instead of an empty table. */
export function printRows(context: Context, rows: readonly JsonObject[], columns: readonly string[], empty: string): void {
  if (rows.length === 0) {
    context.io.out(empty);
    return;
  }
  const cells = [columns.map((column) => column.toUpperCase()), ...rows.map((row) => columns.map((column) => visible(cell(row[column]))))];
  const widths = columns.map((_, index) => Math.max(...cells.map((line) => (line[index] as string).length)));
  for (const line of cells)
    context.io.out(
      line
        .map((text, index) => text.padEnd(widths[index] as number))
        .join('  ')
        .trimEnd(),
    );
}

export function printFacts(context: Context, facts: JsonObject): void {
  const width = Math.max(...Object.keys(facts).map((key) => key.length));
  for (const [key, value] of Object.entries(facts)) context.io.out(`${key.padEnd(width)}  ${visible(cell(value))}`);
}

function cell(value: JsonValue | undefined): string {
  if (value === null || value === undefined) return '-';
  return typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Prints a control plane answer, or the problem it answered with. */
export function printAnswer(context: Context, answer: { status: number; body: JsonValue }, print: (body: JsonObject) => void): ExitCode {
  const body = isObject(answer.body) ? answer.body : {};
  if (answer.status >= 400) {
    context.io.err(`${String(body.code ?? 'CONTROL_FAULT')}: ${visible(String(body.detail ?? 'The control plane refused.'))}`);
    for (const line of reasons(body.evidence)) context.io.err(visible(line));
    // Where a browser can do what this command line can not, e.g. ask for a passkey.
    if (isObject(body.evidence) && typeof body.evidence.open === 'string') context.io.err(`Open ${visible(body.evidence.open)}`);
    if (context.json) printJson(context, body);
    return answer.status === 401 || answer.status === 403 ? EXIT.refused : answer.status >= 500 ? EXIT.unreachable : EXIT.usage;
  }
  if (context.json) printJson(context, body);
  else print(body);
  return EXIT.done;
}

/** What the sentence of a refusal leaves open: which actions, and why not. */
function reasons(evidence: JsonValue | undefined): readonly string[] {
  if (!isObject(evidence) || typeof evidence.why !== 'string' || !Array.isArray(evidence.actions)) return [];
  return [`${evidence.actions.map(String).join(' and ')}: ${evidence.why}`];
}

export function rowsOf(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** Asks the server, and prints what it answers or why it refused. */
export async function answered(
  context: Context,
  method: string,
  path: string,
  body: unknown,
  print: (body: JsonObject) => void,
): Promise<ExitCode> {
  const answer = await (await context.control()).call(method, path, body);
  return printAnswer(context, answer, print);
}
