// `sallyport workspaces show|rules|budget`: what a department may use and spend, how much of it is used, and trying rules before they hold.

import { isObject, type JsonObject, type JsonValue } from '#core';
import { text, texts, usage, word } from '../arguments.ts';
import type { Command, Context } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { printAnswer, printFacts, printRows, rowsOf } from '../print.ts';

const PARTS = { '--integrations': 'integrations', '--models': 'models', '--effects': 'effects', '--data-classes': 'dataClasses' } as const;
const LIST = 'LIST|any|none';
const LIMIT = /^(calls|tokens|effects|model_cost|money)=([0-9]+(?:\.[0-9]+)?)([A-Z]{3})?\/(hour|day|month)$/;

export const workspaceRuleCommands: readonly Command[] = [
  {
    name: 'workspaces show',
    summary: 'What a workspace may use, and how much of its budget is used.',
    positional: '<name>',
    options: [],
    run: async (context) => {
      const name = word(context.parsed, 2, 'workspace');
      const { status, body } = await (await context.control()).call('GET', '/api/workspaces');
      const found = isObject(body) ? rowsOf(body.workspaces).find((one) => one.name === name) : undefined;
      if (status < 300 && found === undefined) {
        context.io.err(`There is no workspace ${name} that you may see.`);
        return EXIT.no;
      }
      return printAnswer(context, { status, body: found ?? body }, (workspace) => {
        printFacts(context, isObject(workspace.rules) ? saidOf(workspace.rules) : {});
        printRows(
          context,
          rowsOf(workspace.limits).map((limit) => ({ ...limit, currency: limit.currency ?? '' })),
          ['what', 'per', 'used', 'left', 'most', 'currency', 'resetsAt'],
          'It has no budget.',
        );
      });
    },
  },
  {
    name: 'workspaces rules',
    summary: 'Say what a workspace may use; a part that is not said stays as it is. Rules only take away.',
    positional: '<name>',
    options: [
      { name: '--integrations', value: LIST, doc: 'Shops and providers, with commas between; any: not ruled.' },
      { name: '--models', value: LIST, doc: 'Models.' },
      { name: '--effects', value: LIST, doc: 'What operations may do: read, fetch, write, delete, send, money, admin.' },
      {
        name: '--data-classes',
        value: LIST,
        doc: 'Personal data calls may carry or be given: contact, address, payment, identity, order, free_text, secret.',
      },
      { name: '--try', value: null, doc: 'Change nothing: tell which of the last calls would have been refused.' },
    ],
    run: async (context) => {
      const name = word(context.parsed, 2, 'workspace');
      const said = Object.entries(PARTS).flatMap(([option, part]) => {
        const value = text(context.parsed, option);
        return value === null ? [] : [[part, listOf(value)] as const];
      });
      if (said.length === 0) throw usage('Say what: --integrations, --models, --effects or --data-classes.');
      const control = await context.control();
      const { status, body } = await control.call('GET', '/api/workspaces');
      if (status >= 300) return printAnswer(context, { status, body }, () => undefined);
      const standing = isObject(body) ? rowsOf(body.workspaces).find((one) => one.name === name)?.rules : undefined;
      const rules = { ...(isObject(standing) ? standing : {}), ...Object.fromEntries(said) };
      const path = `/api/workspaces/${encodeURIComponent(name)}/rules`;
      if (context.parsed.options['--try'] === true)
        return printAnswer(context, await control.call('POST', `${path}/preview`, rules), (tried) => printTried(context, tried));
      return printAnswer(context, await control.call('PUT', path, rules), (done) =>
        printFacts(context, isObject(done.rules) ? saidOf(done.rules) : {}),
      );
    },
  },
  {
    name: 'workspaces budget',
    summary: 'Set the whole budget of a workspace: what is not said has no limit.',
    positional: '<name>',
    options: [
      {
        name: '--limit',
        value: 'WHAT=MOST/WINDOW',
        doc: 'May be said more than once: calls=1000/hour, tokens=200000/day, effects=50/day, model_cost=20.00EUR/day, money=500.00EUR/month.',
        repeat: true,
      },
      { name: '--none', value: null, doc: 'No budget at all.' },
    ],
    run: async (context) => {
      const name = word(context.parsed, 2, 'workspace');
      const one = text(context.parsed, '--limit');
      const limits = [...texts(context.parsed, '--limit'), ...(one === null ? [] : [one])].map(limitOf);
      if (limits.length === 0 && context.parsed.options['--none'] !== true)
        throw usage('Say the limits with --limit, or --none for no budget.');
      const path = `/api/workspaces/${encodeURIComponent(name)}/budget`;
      const answer = await (await context.control()).call('PUT', path, { limits });
      return printAnswer(context, answer, (body) => context.io.out(`${name} has ${rowsOf(body.limits).length} limits.`));
    },
  },
];

function listOf(value: string): JsonValue {
  if (value === 'any') return null;
  return value === 'none' ? [] : value.split(',').map((name) => name.trim());
}

function limitOf(said: string): JsonObject {
  const [, what, most, currency, per] = LIMIT.exec(said) ?? [];
  if (what === undefined || most === undefined || per === undefined)
    throw usage(`${said} is no limit; say for example calls=1000/hour or money=500.00EUR/month.`);
  return { what, per, most, ...(currency === undefined ? {} : { currency }) };
}

const saidOf = (rules: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(rules).map(([part, list]) => [
      part,
      list === null ? 'not ruled' : Array.isArray(list) ? list.join(', ') || 'none' : list,
    ]),
  );

function printTried(context: Context, { calls, refused, looked, examples }: JsonObject): void {
  context.io.out(
    `Of the last ${String(looked)} calls that left, ${String(calls)} were of this workspace; ${String(refused)} of them would be refused.`,
  );
  const rows = rowsOf(examples).map((one) => ({ ...one, model: one.model ?? '' }));
  printRows(context, rows, ['rule', 'integration', 'operation', 'model', 'times'], '');
}
