// `sallyport retention`: how long data is kept, the rules of this tenant, and deleting now what is kept no longer.

import { isObject } from '#core';
import { text, usage, word } from '../arguments.ts';
import type { Command } from '../command.ts';
import { printAnswer, printFacts, printRows, rowsOf } from '../print.ts';

const UNITS: Readonly<Record<string, number>> = { m: 1, h: 60, d: 24 * 60, y: 365 * 24 * 60 };

/** `30d`, `12h`, `1m` or `default`, which takes a rule back. */
export function minutesOf(written: string): number | null {
  if (written === 'default') return null;
  const [, number, unit] = /^([1-9]\d{0,7})([mhdy])$/.exec(written) ?? [];
  if (number === undefined || unit === undefined) throw usage('A time is e.g. 1m, 12h, 30d or 2y, or `default` to take the rule back.');
  return Number(number) * (UNITS[unit] as number);
}

export const retentionCommands: readonly Command[] = [
  {
    name: 'retention show',
    summary: 'How long each kind of data is kept, the rules of this tenant, and the last runs.',
    positional: '',
    options: [],
    run: async (context) => {
      const answer = await (await context.control()).call('GET', '/api/retention');
      return printAnswer(context, answer, (body) => {
        printRows(context, rowsOf(body.classes), ['dataClass', 'days', 'meaning'], '');
        printRows(context, rowsOf(body.rules), ['dataClass', 'place', 'purpose', 'minutes', 'setAt', 'setBy'], 'No rule of this tenant.');
        printRows(context, rowsOf(body.runs), ['run', 'finishedAt', 'items', 'keys', 'held', 'canary'], 'Nothing was deleted yet.');
        printFacts(context, { version: body.version ?? null, nextAt: body.nextAt ?? null, staleSince: body.staleSince ?? null });
      });
    },
  },
  {
    name: 'retention set',
    summary: 'Set how long data is kept after its purpose ended: 1m, 12h, 30d, 2y, or `default`.',
    positional: '<time>',
    options: [
      { name: '--class', value: 'CLASS', doc: 'A kind of data, e.g. email_address.' },
      { name: '--place', value: 'PLACE', doc: 'runs, known_values, approvals, effects, deliveries, datasets or backups.' },
      { name: '--purpose', value: 'NAME', doc: 'A workflow, or an integration and its operation.' },
    ],
    run: async (context) => {
      const body = {
        dataClass: text(context.parsed, '--class'),
        place: text(context.parsed, '--place'),
        purpose: text(context.parsed, '--purpose'),
        minutes: minutesOf(word(context.parsed, 2, 'time')),
      };
      const answer = await (await context.control()).call('PUT', '/api/retention/rules', body);
      return printAnswer(context, answer, ({ rules }) =>
        printRows(context, rowsOf(rules), ['dataClass', 'place', 'purpose', 'minutes'], 'No rule of this tenant.'),
      );
    },
  },
  {
    name: 'retention run',
    summary: 'Delete now what is kept no longer, and print the receipt; or only count it.',
    positional: '',
    options: [{ name: '--dry-run', value: null, doc: 'Delete nothing.' }],
    run: async (context) => {
      const dryRun = context.parsed.options['--dry-run'] === true;
      const answer = await (await context.control()).call('POST', '/api/retention/runs', { dryRun });
      return printAnswer(context, answer, ({ receipt }) => printFacts(context, isObject(receipt) ? receipt : {}));
    },
  },
];
