// `sallyport alerts`: what was noticed about privileged and suspicious acts, and taking note of it. Nothing here makes an alert go away.

import { isObject, type JsonObject, type JsonValue } from '#core';
import { text, word } from '../arguments.ts';
import type { Command, Context } from '../command.ts';
import { printAnswer, printFacts, printRows, rowsOf, visible } from '../print.ts';

const COLUMNS = ['id', 'severity', 'rule', 'byName', 'type', 'times', 'lastAt', 'state'] as const;

export const alertCommands: readonly Command[] = [
  {
    name: 'alerts list',
    summary: 'Alerts about privileged and suspicious acts, newest first: the open ones unless you ask for others.',
    positional: '',
    options: [
      { name: '--state', value: 'open|acknowledged|all', doc: 'Which ones; open without it.' },
      { name: '--rule', value: 'RULE', doc: 'Of this rule, e.g. self_grant.' },
      { name: '--severity', value: 'notice|warning|critical', doc: 'Of this severity.' },
      { name: '--by', value: 'ID', doc: 'About acts of this person or workload.' },
      { name: '--before', value: 'ALERT', doc: 'Older than this alert: `next` of the page before.' },
      { name: '--limit', value: 'N', doc: 'At most so many, 200 at most; 50 without it.' },
    ],
    run: async (context) => {
      const query = new URLSearchParams();
      for (const name of ['state', 'rule', 'severity', 'by', 'before', 'limit']) {
        const value = text(context.parsed, `--${name}`);
        if (value !== null) query.set(name, value);
      }
      const answer = await (await context.control()).call('GET', `/api/alerts${query.size === 0 ? '' : `?${query}`}`);
      return printAnswer(context, answer, (body) => {
        const rows = rowsOf(body.alerts).map((alert) => ({ ...alert, state: stateOf(alert) }));
        printRows(context, rows, COLUMNS, 'No alert answers to this.');
        if (typeof body.next === 'string') context.io.err(`There are older ones: --before ${body.next}`);
      });
    },
  },
  {
    name: 'alerts flagged',
    summary: 'Who stands out now: people, programs and customers whom open alerts are about. A customer is told by the run it was.',
    positional: '',
    options: [],
    run: async (context) => {
      const answer = await (await context.control()).call('GET', '/api/flagged');
      return printAnswer(context, answer, (body) => {
        const rows = rowsOf(body.flagged).map((one): JsonObject => {
          const about = rowsOf(one.alerts);
          return {
            ...one,
            name: one.name ?? '(erased)',
            rules: about.map(({ rule }) => String(rule)).join(', '),
            alert: about[0]?.id ?? '',
          };
        });
        printRows(context, rows, ['kind', 'name', 'rules', 'since', 'lastAt', 'alert'], 'Nobody stands out.');
        if (body.more === true) context.io.err('There are more open alerts than were looked at.');
      });
    },
  },
  {
    name: 'alerts show',
    summary: 'One alert: who, what changed, from which address and why, as far as it may be shown to you.',
    positional: '<alert id>',
    options: [],
    run: async (context) => {
      const id = word(context.parsed, 2, 'alert id');
      const answer = await (await context.control()).call('GET', `/api/alerts/${encodeURIComponent(id)}`);
      return printAnswer(context, answer, (body) => show(context, body));
    },
  },
  {
    name: 'alerts ack',
    summary: 'Take note of an alert: it stays, with your name. One about yourself is for somebody else.',
    positional: '<alert id>',
    options: [{ name: '--note', value: 'TEXT', doc: 'What you found out, kept with it.' }],
    run: async (context) => {
      const id = word(context.parsed, 2, 'alert id');
      const note = text(context.parsed, '--note');
      const body = note === null ? {} : { note };
      const answer = await (await context.control()).call('POST', `/api/alerts/${encodeURIComponent(id)}/acknowledge`, body);
      return printAnswer(context, answer, (alert) => context.io.out(`Acknowledged ${visible(String(alert.id))}.`));
    },
  },
];

function stateOf({ acknowledged }: JsonObject): JsonValue {
  return isObject(acknowledged) ? `acknowledged by ${String(acknowledged.byName)}` : 'open';
}

function show(context: Context, alert: JsonObject): void {
  const { details, acknowledged: _a, acknowledgeable: _b, facts, ...plain } = alert;
  printFacts(context, { ...plain, state: stateOf(alert), ...(isObject(facts) ? facts : {}) });
  if (isObject(details)) printFacts(context, details);
}
