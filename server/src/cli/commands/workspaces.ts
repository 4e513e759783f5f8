// `sallyport workspaces`: the departments of a tenant, and what belongs to each.

import type { JsonObject } from '#core';
import { text, texts, usage, word } from '../arguments.ts';
import type { Command, Context } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { printAnswer, printRows, rowsOf, visible } from '../print.ts';
import { workspaceRuleCommands } from './workspace-rules.ts';

const MEMBERS = [
  { name: '--workflow', value: 'NAME', doc: 'A workflow; may be said more than once.', repeat: true },
  { name: '--integration', value: 'NAME', doc: 'An integration; may be said more than once.', repeat: true },
  { name: '--workload', value: 'ID', doc: 'A workload; may be said more than once.', repeat: true },
];

export const workspaceCommands: readonly Command[] = [
  {
    name: 'workspaces list',
    summary: 'Each workspace with what belongs to it, runs of the last 24 hours, what waits, and what is used of its budget.',
    positional: '',
    options: [],
    run: async (context) => {
      const answer = await (await context.control()).call('GET', '/api/workspaces');
      return printAnswer(context, answer, (body) => {
        const rows = rowsOf(body.workspaces).map((row): JsonObject => {
          const count = (name: string): number => (Array.isArray(row[name]) ? row[name].length : 0);
          return {
            ...row,
            name: row.name ?? '(none)',
            workflows: count('workflows'),
            integrations: count('integrations'),
            workloads: count('workloads'),
            cost: rowsOf(row.cost)
              .map(({ amount, currency }) => `${String(amount)} ${String(currency)}`)
              .join(', '),
            budget: rowsOf(row.limits).map(budgetOf).join(', '),
          };
        });
        printRows(
          context,
          rows,
          ['name', 'workflows', 'integrations', 'workloads', 'runs', 'failed', 'refused', 'waiting', 'cost', 'budget'],
          'There is no workspace.',
        );
      });
    },
  },
  {
    name: 'workspaces create',
    summary: 'Make a workspace for a department.',
    positional: '<name>',
    options: [],
    run: async (context) => {
      const name = word(context.parsed, 2, 'workspace');
      const answer = await (await context.control()).call('POST', '/api/workspaces', { name });
      return printAnswer(context, answer, () => context.io.out(`Made ${name}.`));
    },
  },
  ...workspaceRuleCommands,
  {
    name: 'workspaces move',
    summary: 'Put things into a workspace, out of whichever they were in; with --out they belong to none.',
    positional: '<name>',
    options: [...MEMBERS, { name: '--out', value: null, doc: 'Take them out instead.' }],
    run: async (context) => {
      const isOut = context.parsed.options['--out'] === true;
      const path = `/api/workspaces/${encodeURIComponent(word(context.parsed, 2, 'workspace'))}/members`;
      const answer = await (await context.control()).call(isOut ? 'DELETE' : 'PUT', path, { members: membersOf(context) });
      return printAnswer(context, answer, (body) => {
        context.io.out(`Moved ${String(body.moved ?? 0)}.`);
        for (const { kind, name } of rowsOf(body.unknown))
          context.io.err(`There is no ${String(kind)} ${visible(String(name))} yet; one of that name will belong to it.`);
      });
    },
  },
  {
    name: 'workspaces remove',
    summary: 'Remove a workspace; what belonged to it belongs to none. Refused while access is narrowed to it.',
    positional: '<name>',
    options: [{ name: '--yes', value: null, doc: 'Do not ask.' }],
    run: async (context) => {
      const name = word(context.parsed, 2, 'workspace');
      if (
        context.parsed.options['--yes'] !== true &&
        (await context.io.ask(`Remove ${name}? Type yes: `))?.trim().toLowerCase() !== 'yes'
      ) {
        context.io.err('Nothing was removed.');
        return EXIT.no;
      }
      const answer = await (await context.control()).call('DELETE', `/api/workspaces/${encodeURIComponent(name)}`);
      return printAnswer(context, answer, () => context.io.out(`Removed ${name}.`));
    },
  },
];

/** `money per month: 12.00 of 30.00 USD`. */
const budgetOf = ({ what, per, used, most, currency }: JsonObject): string =>
  `${String(what)} per ${String(per)}: ${String(used)} of ${String(most)}${currency === null ? '' : ` ${String(currency)}`}`;

function membersOf({ parsed }: Context): readonly { kind: string; name: string }[] {
  const members = (['workflow', 'integration', 'workload'] as const).flatMap((kind) => {
    const one = text(parsed, `--${kind}`);
    return [...texts(parsed, `--${kind}`), ...(one === null ? [] : [one])].map((name) => ({ kind, name }));
  });
  if (members.length === 0) throw usage('Say what: --workflow, --integration or --workload.');
  return members;
}
