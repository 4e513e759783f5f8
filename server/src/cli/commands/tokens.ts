// `sallyport tokens`: random names for values, for declared purposes. Values are read from a file or standard input, never from the command
// line, where other programs and the history of the shell would see them.

import { isObject, type JsonObject, type JsonValue } from '#core';
import { required, text, texts, usage, word } from '../arguments.ts';
import type { Command, Context } from '../command.ts';
import { answered, printAnswer, printFacts, printRows, rowsOf } from '../print.ts';

const MADE_AT_ONCE = 500;
const OPENED_AT_ONCE = 50;

/** Lines that are not empty, so many at a time. */
async function* batches(lines: AsyncIterable<string>, size: number): AsyncGenerator<readonly string[]> {
  let batch: string[] = [];
  for await (const line of lines) {
    if (line.trim() === '') continue;
    batch.push(line);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

const pathOf = (name: string): string => `/api/tokens/purposes/${encodeURIComponent(name)}`;

function showPurpose(context: Context, { name, classes, openers, keepDays, tokens, ended }: JsonObject): void {
  const kinds = rowsOf(classes).map((one) => String(one.class));
  printFacts(context, {
    name: name ?? null,
    classes: kinds,
    openers: openers ?? null,
    keepDays: keepDays ?? null,
    tokens: tokens ?? null,
    ended: ended ?? null,
  });
}

/** Sends a file batch by batch and prints what comes back; a refusal ends it, and what was printed before stands. */
async function sendAll(
  context: Context,
  {
    path,
    size,
    bodyOf,
    rowsFrom,
  }: {
    readonly path: string;
    readonly size: number;
    readonly bodyOf: (batch: readonly string[]) => JsonObject;
    readonly rowsFrom: (body: JsonObject, batch: readonly string[]) => readonly JsonObject[];
  },
) {
  const control = await context.control();
  const rows: JsonObject[] = [];
  for await (const batch of batches(context.io.lines(word(context.parsed, 2, 'file')), size)) {
    const answer = await control.call('POST', path, bodyOf(batch));
    if (answer.status >= 400 || !isObject(answer.body)) {
      if (rows.length > 0) context.io.err(`${rows.length} lines were done before this one was refused.`);
      return printAnswer(context, answer, () => {});
    }
    rows.push(...rowsFrom(answer.body, batch));
    if (!context.json && rows.length > size) context.io.err(`${rows.length} ...`);
  }
  return printAnswer(context, { status: 200, body: { values: rows } }, (body) =>
    printRows(context, rowsOf(body.values), Object.keys(rows[0] ?? {}), 'The file holds no line.'),
  );
}

export const tokenCommands: readonly Command[] = [
  {
    name: 'tokens list',
    summary: 'The purposes tokens are made for: their kinds of data, who opens them, how long they are kept, and how many there are.',
    positional: '',
    options: [],
    run: async (context) =>
      answered(context, 'GET', '/api/tokens/purposes', undefined, (body) =>
        printRows(
          context,
          rowsOf(body.purposes).map((one): JsonObject => ({ ...one, classes: rowsOf(one.classes).map((kind) => String(kind.class)) })),
          ['name', 'tokens', 'ended', 'classes', 'openers', 'keepDays', 'endedAt'],
          'No purpose is declared.',
        ),
      ),
  },
  {
    name: 'tokens declare',
    summary: 'Declare a purpose of tokens, or change one: kinds of data, who opens them, and how many days they are kept.',
    positional: '<purpose>',
    options: [
      { name: '--class', value: 'CLASS', doc: 'A kind of data, e.g. email_address; may be given more than once.', repeat: true },
      { name: '--opener', value: 'WHO', doc: 'role: and a role, or a person’s id; nobody opens them by default.', repeat: true },
      { name: '--keep-days', value: 'N', doc: 'How long a person’s tokens are kept after the newest was made; 365 by default.' },
    ],
    run: async (context) => {
      const { parsed } = context;
      const classes = texts(parsed, '--class');
      if (classes.length === 0) throw usage('Name at least one kind of data with --class.');
      const body = {
        classes: [...classes],
        openers: [...texts(parsed, '--opener')],
        keepDays: Number(text(parsed, '--keep-days') ?? '365'),
      };
      return answered(context, 'PUT', pathOf(word(parsed, 2, 'purpose')), body, (shown) => showPurpose(context, shown));
    },
  },
  {
    name: 'tokens end',
    summary: 'End a purpose: its key and all its tokens are destroyed, and nobody opens one again.',
    positional: '<purpose>',
    options: [{ name: '--yes', value: null, doc: 'Do not ask.' }],
    run: async (context) => {
      const name = word(context.parsed, 2, 'purpose');
      const sure =
        context.parsed.options['--yes'] === true ||
        (await context.io.ask(`End ${name}? No token of it opens again. Type its name: `))?.trim() === name;
      if (!sure) throw usage('Nothing was ended; confirm with its name or --yes.');
      return answered(context, 'DELETE', pathOf(name), undefined, (body) => printFacts(context, body));
    },
  },
  {
    name: 'tokens make',
    summary: 'Have tokens made for the values of a file, one a line, or of standard input (-): equal values, equal tokens.',
    positional: '<file>',
    options: [
      { name: '--purpose', value: 'NAME', doc: 'The declared purpose.' },
      { name: '--class', value: 'CLASS', doc: 'What the values are, e.g. email_address.' },
      { name: '--subject', value: 'CUSTOMER', doc: 'Whose they all are; erasing that customer ends the tokens.' },
      { name: '--format', value: null, doc: 'Stand-ins in the form of the kind: an address, a phone, card or account number of nobody.' },
    ],
    run: async (context) => {
      const { parsed } = context;
      const dataClass = required(parsed, '--class');
      const subject = text(parsed, '--subject');
      const format = parsed.options['--format'] === true;
      const purpose = required(parsed, '--purpose');
      return sendAll(context, {
        path: '/api/tokens',
        size: MADE_AT_ONCE,
        bodyOf: (batch) => ({ purpose, values: batch.map((value) => ({ class: dataClass, value, subject, format })) }),
        // The value is not repeated: the order of lines says which is which.
        rowsFrom: (body) => (Array.isArray(body.tokens) ? body.tokens : []).map((token: JsonValue): JsonObject => ({ token })),
      });
    },
  },
  {
    name: 'tokens open',
    summary: 'Open the tokens of a file, one a line, or of standard input (-), if the purpose was declared for you; it is on record.',
    positional: '<file>',
    options: [
      { name: '--purpose', value: 'NAME', doc: 'The purpose they were made for.' },
      { name: '--reason', value: 'TEXT', doc: 'Why they are opened.' },
    ],
    run: async (context) => {
      const purpose = required(context.parsed, '--purpose');
      const reason = required(context.parsed, '--reason');
      return sendAll(context, {
        path: '/api/tokens/open',
        size: OPENED_AT_ONCE,
        bodyOf: (batch) => ({ purpose, reason, tokens: batch.map((line) => line.trim()) }),
        rowsFrom: (body) => rowsOf(body.values),
      });
    },
  },
];
