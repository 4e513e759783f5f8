// `sallyport canaries`: invented persons and credentials, planted where data is kept, watched for wherever it crosses.

import { isObject, type JsonObject, SallyportError } from '#core';
import { required, text, usage, word } from '../arguments.ts';
import type { Command, Context } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { answered, printAnswer, printFacts, printRows, rowsOf } from '../print.ts';

const COLUMNS = ['id', 'kind', 'place', 'state', 'protectedTimes', 'lastProtectedAt', 'findings', 'plantedAt'];
const FINDINGS = ['value', 'kind', 'way', 'at', 'refused', 'count', 'firstAt', 'lastAt', 'closedAt'];
const pathOf = (context: Context): string => `/api/canaries/${encodeURIComponent(word(context.parsed, 2, 'id'))}`;

/** A row of the list: where it is planted in one word, and how many findings are open. */
function shown(one: JsonObject): JsonObject {
  const place = isObject(one.place) ? `${String(one.place.kind)}:${String(one.place.name)}` : '';
  return { ...one, place, findings: rowsOf(one.findings).filter(({ closedAt }) => closedAt === null).length };
}

const placeOf = (written: string): JsonObject => {
  const [kind = '', ...name] = written.split(':');
  if (name.length === 0) throw usage('Say where: --in integration:shop, workflow:NAME, dataset:NAME, or other:"a spreadsheet".');
  return { kind, name: name.join(':') };
};

export const canaryCommands: readonly Command[] = [
  {
    name: 'canaries plant',
    summary: 'Invent a person or a credential to put somewhere, and watch for it from now on. Its values are shown this once.',
    positional: '[person|credential]',
    options: [
      { name: '--in', value: 'KIND:NAME', doc: 'Where you put it: integration:shop, workflow:NAME, dataset:NAME, other:"a spreadsheet".' },
      { name: '--customer', value: 'ID', doc: 'Id of the customer whose record it becomes, to tell messages to others apart.' },
      { name: '--domain', value: 'DOMAIN', doc: 'Domain of the person’s address: one of yours to see mail to it; default example.com.' },
      { name: '--mailbox', value: 'NAME', doc: 'A mailbox of yours: the address becomes NAME+chance@DOMAIN.' },
      { name: '--on-leak', value: 'WHAT', doc: 'refuse (default) or tell: what happens when a value would leave in clear.' },
      { name: '--stale-days', value: 'N', doc: 'After so many days unseen it says so; 14 by default.' },
    ],
    run: async (context) => {
      const { parsed, io } = context;
      const staleDays = text(parsed, '--stale-days');
      const optional = { domain: text(parsed, '--domain'), mailbox: text(parsed, '--mailbox'), onLeak: text(parsed, '--on-leak') };
      const body = {
        kind: parsed.words[2] ?? 'person',
        place: { ...placeOf(required(parsed, '--in')), customer: text(parsed, '--customer') },
        ...(staleDays === null ? {} : { staleDays: Number(staleDays) }),
        ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== null)),
      };
      return answered(context, 'POST', '/api/canaries', body, (answer) => {
        const canary = isObject(answer.canary) ? answer.canary : {};
        printFacts(context, { id: canary.id ?? '', ...(isObject(answer.values) ? answer.values : {}) });
        for (const line of Array.isArray(answer.todo) ? answer.todo : []) io.err(String(line));
      });
    },
  },
  {
    name: 'canaries list',
    summary: 'What is planted where, when each was last seen protected, and what was found. No value is shown.',
    positional: '',
    options: [],
    run: async (context) => answered(context, 'GET', '/api/canaries', undefined, (body) => printList(context, body)),
  },
  {
    name: 'canaries show',
    summary: 'One canary: where it was seen, and every finding.',
    positional: '<id>',
    options: [],
    run: async (context) =>
      answered(context, 'GET', pathOf(context), undefined, (body) => {
        const { seen, findings, ...facts } = body;
        printFacts(context, { ...shown(body), knownAt: facts.knownAt ?? [] });
        printRows(context, rowsOf(seen), ['what', 'at', 'count', 'lastAt'], 'Not seen yet.');
        printRows(context, rowsOf(findings), FINDINGS, 'Nothing found.');
      }),
  },
  {
    name: 'canaries known-at',
    summary: 'Say at which other integrations a canary may be, such as one that your shop copies customers to. None takes that back.',
    positional: '<id>',
    options: [{ name: '--integrations', value: 'LIST', doc: 'Names, separated by commas; empty for none.' }],
    run: async (context) => {
      const list = (text(context.parsed, '--integrations') ?? '').split(',').filter((name) => name !== '');
      return answered(context, 'PUT', `${pathOf(context)}/known-at`, { integrations: list }, (body) =>
        printRows(context, [shown(body)], COLUMNS, ''),
      );
    },
  },
  {
    name: 'canaries close',
    summary: 'Close what was found of a canary, with the reason; the same again opens it again.',
    positional: '<id>',
    options: [{ name: '--reason', value: 'TEXT', doc: 'What it was.' }],
    run: async (context) =>
      answered(context, 'POST', `${pathOf(context)}/close`, { reason: required(context.parsed, '--reason') }, (body) =>
        context.io.err(`Closed ${String(body.closed)} findings.`),
      ),
  },
  {
    name: 'canaries retire',
    summary: 'Watch for a canary no longer, and forget its values. Take it out of where you put it.',
    positional: '<id>',
    options: [{ name: '--yes', value: null, doc: 'Do not ask.' }],
    run: async (context) => {
      const id = word(context.parsed, 2, 'id');
      if (context.parsed.options['--yes'] !== true && (await context.io.ask(`Retire ${id}? Type its id: `))?.trim() !== id)
        throw new SallyportError('CLI_USAGE', 'Nothing was changed; confirm with the id or --yes.');
      return answered(context, 'DELETE', pathOf(context), undefined, () => context.io.err(`Retired ${id}.`));
    },
  },
  {
    name: 'canaries check',
    summary:
      'Whether the leak test holds: ends with 1 when something was found or leaks unseen. With files: whether they hold planted values.',
    positional: '[file ...]',
    options: [{ name: '--note', value: null, doc: 'With files: keep what is found as a finding, with an alert.' }],
    run: async (context) => {
      const [, , ...files] = context.parsed.words;
      return files.length === 0 ? checkAll(context) : checkFiles(context, files);
    },
  },
];

function printList(context: Context, body: JsonObject): void {
  printRows(context, rowsOf(body.canaries).map(shown), COLUMNS, 'Nothing is planted: sallyport canaries plant --in integration:NAME');
  const scan = isObject(body.scan) ? body.scan : null;
  context.io.err(
    scan === null
      ? 'What this installation wrote was not searched yet.'
      : `What this installation wrote was searched at ${String(scan.at)}: ${scan.ok === true ? 'nothing found.' : 'something was found, or could not be read.'}`,
  );
}

/** What needs somebody: a finding, a canary nobody sees, a daily search that saw something. */
async function checkAll(context: Context): Promise<ExitCode> {
  const answer = await (await context.control()).call('GET', '/api/canaries');
  const code = printAnswer(context, answer, (body) => printList(context, body));
  if (code !== EXIT.done || !isObject(answer.body)) return code;
  const living = rowsOf(answer.body.canaries).filter(({ state }) => state !== 'retired');
  const scan = isObject(answer.body.scan) ? answer.body.scan : null;
  const isWell =
    living.length > 0 &&
    living.every(({ state }) => state === 'protected' || state === 'waiting') &&
    answer.body.isLost !== true &&
    scan?.ok !== false;
  return isWell ? EXIT.done : EXIT.no;
}

/** As many characters as one question to the server may have, with some room: pieces overlap, so that no value is cut. */
const PIECE_CHARS = 400_000;
const OVERLAP_CHARS = 1_000;

async function checkFiles(context: Context, files: readonly string[]): Promise<ExitCode> {
  const control = await context.control();
  const note = context.parsed.options['--note'] === true;
  const found: JsonObject[] = [];
  for (const file of files) {
    const content = await context.io.readFile(file);
    const seen = new Set<string>();
    for (let at = 0; at === 0 || at < content.length; at += PIECE_CHARS) {
      const piece = content.slice(Math.max(0, at - OVERLAP_CHARS), at + PIECE_CHARS);
      const answer = await control.call('POST', '/api/canaries/check', { text: piece, note });
      if (answer.status >= 400) return printAnswer(context, answer, () => undefined);
      for (const one of isObject(answer.body) ? rowsOf(answer.body.found) : []) {
        const key = `${String(one.canary)} ${String(one.value)}`;
        if (!seen.has(key)) found.push({ file, ...one });
        seen.add(key);
      }
    }
  }
  return printFound(context, found);
}

function printFound(context: Context, found: readonly JsonObject[]): ExitCode {
  printAnswer(context, { status: 200, body: { found: [...found] } }, () =>
    printRows(context, found, ['file', 'value', 'place', 'canary'], 'No planted value is in there.'),
  );
  return found.length === 0 ? EXIT.done : EXIT.no;
}
