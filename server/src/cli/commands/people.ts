// `sallyport people`: who may decide beside the owner. Links are printed once and never stored.

import { word } from '../arguments.ts';
import type { Command, Context } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { printAnswer, printFacts, printRows, rowsOf } from '../print.ts';

export const peopleCommands: readonly Command[] = [
  {
    name: 'people list',
    summary: 'The people of this tenant, their roles, and when they last signed in.',
    positional: '',
    options: [],
    run: async (context) => {
      const answer = await (await context.control()).call('GET', '/api/people');
      return printAnswer(context, answer, (body) =>
        printRows(
          context,
          rowsOf(body.people).map(({ roles, role, ...person }) => ({
            ...person,
            roles: Array.isArray(roles) ? roles.join(', ') : (role ?? null),
          })),
          ['id', 'name', 'roles', 'signedInAt'],
          'There is nobody.',
        ),
      );
    },
  },
  {
    name: 'people add',
    summary: 'Add somebody who decides, or with the roles you name, and print the one-time link to hand to them.',
    positional: '<name>',
    options: [
      { name: '--role', value: 'role[,role]', doc: 'What they may do, e.g. auditor; list the roles with `sallyport access roles`.' },
      { name: '--until', value: 'moment', doc: 'When that ends by itself, e.g. 2026-12-01T00:00:00Z.' },
    ],
    run: async (context) => {
      const name = [word(context.parsed, 2, 'name'), ...context.parsed.words.slice(3)].join(' ');
      const { '--role': role, '--until': until } = context.parsed.options;
      return invite(context, 'POST', '/api/people', {
        name,
        ...(typeof role === 'string' ? { roles: role.split(',') } : {}),
        ...(typeof until === 'string' ? { expiresAt: until } : {}),
      });
    },
  },
  {
    name: 'people link',
    summary: 'Print a fresh sign-in link for somebody; earlier unused ones become void.',
    positional: '<person id>',
    options: [],
    run: async (context) => invite(context, 'POST', `/api/people/${encodeURIComponent(word(context.parsed, 2, 'person id'))}/link`),
  },
  {
    name: 'people remove',
    summary: 'Remove somebody: their sessions end at once, and yeses of theirs that wait for a second one do not count any more.',
    positional: '<person id>',
    options: [{ name: '--yes', value: null, doc: 'Do not ask.' }],
    run: async (context) => {
      const id = word(context.parsed, 2, 'person id');
      if (context.parsed.options['--yes'] !== true) {
        const answer = await context.io.ask(`Remove ${id}? Type yes: `);
        if (answer?.trim().toLowerCase() !== 'yes') {
          context.io.err('Nobody was removed.');
          return EXIT.no;
        }
      }
      const answer = await (await context.control()).call('DELETE', `/api/people/${encodeURIComponent(id)}`);
      return printAnswer(context, answer, () => context.io.out(`Removed ${id}.`));
    },
  },
];

async function invite(context: Context, method: string, path: string, body?: object): Promise<ExitCode> {
  const control = await context.control();
  const answer = await control.call(method, path, body);
  return printAnswer(context, answer, (person) => {
    printFacts(context, person);
    context.io.err('Hand the link to this person only; it signs them in once. Open it yourself and you are both people.');
  });
}
