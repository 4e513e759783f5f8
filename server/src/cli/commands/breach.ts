// `sallyport breach`: breaches of personal data, the clock of Article 33, whom they are about, every step, and the draft for the authority.

import { isArray, isObject, type JsonObject, type JsonValue } from '#core';
import { draftHtml } from '#governance';
import { type OptionSpec, required, text, usage, word } from '../arguments.ts';
import type { Command, Context } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { answered, printAnswer, printFacts, printRows, rowsOf } from '../print.ts';

const ID = '<breach>';
const TEXT: OptionSpec = { name: '--text', value: 'TEXT', doc: 'In words. It is sealed, and no event holds it.' };
const REASON: OptionSpec = { name: '--reason', value: 'TEXT', doc: 'Why somebody was aware of it before now.' };
const HOUR_MS = 60 * 60_000;

const pathOf = (context: Context, rest = ''): string => `/api/breaches/${encodeURIComponent(word(context.parsed, 2, 'breach id'))}${rest}`;
const momentOf = (context: Context, name: string): string | null => {
  const value = text(context.parsed, name);
  if (value === null) return null;
  if (Number.isNaN(Date.parse(value))) throw usage(`Option ${name} is a moment such as 2026-03-01T09:00:00Z.`);
  return new Date(Date.parse(value)).toISOString();
};

/** How long the clock runs yet by the server's time, in words. */
function clockOf({ isRunning, isLate, leftMs, state }: JsonObject): string {
  if (state === 'closed') return isLate === true ? 'closed, told late' : 'closed';
  if (isRunning !== true) return isLate === true ? 'told late' : 'told';
  const hours = Math.floor(Math.abs(Number(leftMs)) / HOUR_MS);
  return Number(leftMs) >= 0 ? `${String(hours)} h left` : `${String(hours)} h OVERDUE`;
}

function printBreach(context: Context, breach: JsonObject): void {
  const { steps, scope, missing, ...facts } = breach;
  printFacts(context, { ...facts, clock: clockOf(breach), missing: listed(missing) });
  if (isObject(scope)) {
    const { from, to, people, unknown, calls, returned, openings, complete } = scope;
    context.io.out('');
    printFacts(context, { from, to, people, unknown, calls, returned, openings, complete } as JsonObject);
  }
  if (isArray(steps) && steps.length > 0) {
    context.io.out('');
    printRows(context, rowsOf(steps), ['number', 'kind', 'at', 'byName', 'text'], '');
  }
}
const listed = (value: JsonValue | undefined): string => (isArray(value) && value.length > 0 ? value.map(String).join(', ') : 'nothing');

const post = (context: Context, path: string, body: JsonObject): Promise<ExitCode> =>
  answered(context, 'POST', path, body, (breach) => printBreach(context, breach));

export const breachCommands: readonly Command[] = [
  {
    name: 'breach open',
    summary: 'Open a breach of personal data: the 72 hours run from now, or from when somebody was aware of it.',
    positional: '',
    options: [
      { name: '--what', value: 'TEXT', doc: 'What happened. It is sealed; name no customer in it.' },
      { name: '--aware-at', value: 'TIME', doc: 'When somebody was aware of it; never in the future.' },
      REASON,
      { name: '--alert', value: 'ALERT', doc: 'The alert it is opened for.' },
    ],
    run: async (context) =>
      post(context, '/api/breaches', {
        what: required(context.parsed, '--what'),
        awareAt: momentOf(context, '--aware-at'),
        reason: text(context.parsed, '--reason'),
        alert: text(context.parsed, '--alert'),
      }),
  },
  {
    name: 'breach list',
    summary: 'Breaches with their clocks, and alerts that may be one.',
    positional: '',
    options: [],
    run: async (context) =>
      answered(context, 'GET', '/api/breaches', undefined, (body) => {
        const rows = rowsOf(body.breaches).map((one) => ({ ...one, clock: clockOf(one), missing: listed(one.missing) }));
        printRows(context, rows, ['id', 'state', 'clock', 'dueAt', 'risk', 'missing', 'openedByName'], 'No breach was opened.');
        const proposals = rowsOf(body.proposals);
        if (proposals.length === 0) return;
        context.io.out('');
        context.io.out('These alerts may be one; open it with `sallyport breach open --alert ALERT`:');
        printRows(context, proposals, ['alert', 'rule', 'at', 'byName', 'integration'], '');
      }),
  },
  {
    name: 'breach show',
    summary: 'One breach: clock, whom it is about, every step.',
    positional: ID,
    options: [],
    run: async (context) => answered(context, 'GET', pathOf(context), undefined, (breach) => printBreach(context, breach)),
  },
  {
    name: 'breach aware',
    summary: 'Set the clock back: somebody had been aware of it earlier. It is never set forward.',
    positional: ID,
    options: [{ name: '--at', value: 'TIME', doc: 'Since when.' }, REASON],
    run: async (context) => {
      required(context.parsed, '--at');
      return post(context, pathOf(context, '/aware'), {
        awareAt: momentOf(context, '--at'),
        reason: required(context.parsed, '--reason'),
      });
    },
  },
  {
    name: 'breach scope',
    summary: 'Compute from the log whose data it is about: what was sent, given back and opened, by whom, through what.',
    positional: ID,
    options: [
      { name: '--from', value: 'TIME', doc: 'From this moment on.' },
      { name: '--to', value: 'TIME', doc: 'Until then; now without it.' },
      { name: '--actor', value: 'ID', doc: 'Only this person or workload.' },
      { name: '--integration', value: 'NAME', doc: 'Only through this integration.' },
    ],
    run: async (context) => {
      required(context.parsed, '--from');
      return post(context, pathOf(context, '/scope'), {
        from: momentOf(context, '--from'),
        to: momentOf(context, '--to'),
        actor: text(context.parsed, '--actor'),
        integration: text(context.parsed, '--integration'),
      });
    },
  },
  {
    name: 'breach people',
    summary: 'Who is affected, by name as far as it is still held. Looking is an event.',
    positional: ID,
    options: [],
    run: async (context) =>
      answered(context, 'POST', pathOf(context, '/people'), {}, (body) => {
        const rows = rowsOf(body.people).map(({ name, how, by, integrations, classes, ...one }) => ({
          ...one,
          customer: isObject(name) ? (name.customer ?? null) : null,
          addresses: isObject(name) ? listed(name.addresses) : 'nothing',
          ...{ how: listed(how), by: listed(by), integrations: listed(integrations), classes: listed(classes) },
        }));
        printRows(context, rows, ['customer', 'addresses', 'how', 'by', 'integrations', 'classes', 'first', 'last'], 'Nobody was found.');
        if (Number(body.total) > rows.length) context.io.out(`${String(rows.length)} of ${String(body.total)} are shown.`);
      }),
  },
  {
    name: 'breach note',
    summary: 'Record a step: a note, what contained it, or how high the risk for the people is.',
    positional: ID,
    options: [
      { name: '--step', value: 'note|contained|risk', doc: 'note without it.' },
      { name: '--risk', value: 'unlikely|risk|high', doc: 'With --step risk: how high.' },
      TEXT,
    ],
    run: async (context) =>
      post(context, pathOf(context, '/steps'), {
        kind: text(context.parsed, '--step') ?? 'note',
        risk: text(context.parsed, '--risk'),
        text: required(context.parsed, '--text'),
      }),
  },
  {
    name: 'breach notify',
    summary:
      'Record that the authority or the people were told, or why they need not be. Without --whom: print the draft for the authority.',
    positional: ID,
    options: [
      { name: '--whom', value: 'authority|persons', doc: 'Who was told.' },
      { name: '--at', value: 'TIME', doc: 'When; now without it.' },
      { name: '--not-needed', value: null, doc: 'Nobody needs to be told, for the reason in --text.' },
      { name: '--delay-reason', value: 'TEXT', doc: 'Why it was later than the law allows.' },
      TEXT,
      { name: '--html', value: 'FILE', doc: 'Write the draft as a page that can be printed.' },
    ],
    run: async (context) => {
      const whom = text(context.parsed, '--whom');
      if (whom === null) return draft(context);
      return post(context, pathOf(context, '/notify'), {
        whom,
        needed: context.parsed.options['--not-needed'] !== true,
        text: required(context.parsed, '--text'),
        at: momentOf(context, '--at'),
        delayReason: text(context.parsed, '--delay-reason'),
      });
    },
  },
  {
    name: 'breach close',
    summary: 'Close a breach; somebody else than who opened it does, unless there is nobody else.',
    positional: ID,
    options: [TEXT],
    run: async (context) => post(context, pathOf(context, '/close'), { text: required(context.parsed, '--text') }),
  },
];

async function draft(context: Context): Promise<ExitCode> {
  const answer = await (await context.control()).call('GET', pathOf(context, '/draft'));
  const file = text(context.parsed, '--html');
  if (file !== null && answer.status < 400 && isObject(answer.body)) {
    await context.io.writeFile(file, draftHtml(answer.body));
    context.io.err(`Wrote ${file}.`);
    if (!context.json) return EXIT.done;
  }
  return printAnswer(context, answer, (body) => {
    for (const { article, label, text: said } of rowsOf(body.items)) {
      context.io.out(`${String(label)} (Art. ${String(article)})`);
      context.io.out(`  ${said === null ? 'MISSING' : String(said).replaceAll('\n', '\n  ')}`);
    }
  });
}
