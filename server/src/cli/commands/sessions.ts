// `sallyport sessions` and `passkeys`: where somebody is signed in and by what, and its end. The way out for whoever lost a passkey.

import { isObject } from '#core';
import { text, word } from '../arguments.ts';
import type { Command, Context } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { printAnswer, printFacts, printRows, rowsOf } from '../print.ts';

const OF = { name: '--of', value: 'PERSON', doc: 'Of this person, by id.' } as const;
const YES = { name: '--yes', value: null, doc: 'Do not ask.' } as const;

async function isSure(context: Context, question: string): Promise<boolean> {
  if (context.parsed.options['--yes'] === true) return true;
  return (await context.io.ask(`${question} Type yes: `))?.trim().toLowerCase() === 'yes';
}

export const sessionCommands: readonly Command[] = [
  {
    name: 'sessions list',
    summary: 'Open sessions: your own, those of one person, or everybody’s.',
    positional: '',
    options: [OF, { name: '--all', value: null, doc: 'Everybody’s.' }],
    run: async (context) => {
      const of = context.parsed.options['--all'] === true ? 'everybody' : text(context.parsed, '--of');
      const path = of === null ? '/api/sessions' : `/api/sessions?of=${encodeURIComponent(of)}`;
      return printAnswer(context, await (await context.control()).call('GET', path), (body) =>
        printRows(
          context,
          rowsOf(body.sessions),
          ['id', 'personName', 'label', 'method', 'isBound', 'openedAt', 'seenAt'],
          'No open session.',
        ),
      );
    },
  },
  {
    name: 'sessions end',
    summary: 'End an open session, in every process at once.',
    positional: '<session id>',
    options: [YES],
    run: async (context) => {
      const id = word(context.parsed, 2, 'session id');
      if (!(await isSure(context, `End ${id}?`))) {
        context.io.err('Nothing was ended.');
        return EXIT.no;
      }
      const answer = await (await context.control()).call('DELETE', `/api/sessions/${encodeURIComponent(id)}`);
      return printAnswer(context, answer, () => context.io.out(`Ended ${id}.`));
    },
  },
  {
    name: 'passkeys list',
    summary: 'The passkeys of the owner of this machine, or of somebody else, and how many recovery codes are left.',
    positional: '',
    options: [OF],
    run: async (context) => {
      const of = text(context.parsed, '--of');
      const path = of === null ? '/api/passkeys' : `/api/people/${encodeURIComponent(of)}/passkeys`;
      return printAnswer(context, await (await context.control()).call('GET', path), (body) => {
        printRows(context, rowsOf(body.passkeys), ['id', 'name', 'createdAt', 'usedAt', 'isSynced'], 'No passkey yet.');
        if (isObject(body) && typeof body.recoveryCodesLeft === 'number') {
          context.io.err(`Recovery codes left: ${body.recoveryCodesLeft}.`);
        }
      });
    },
  },
  {
    name: 'passkeys remove',
    summary: 'Remove a passkey that was lost or is in other hands; here even the last one, for `sallyport sign-in` lets its owner in.',
    positional: '<passkey id>',
    options: [OF, YES],
    run: async (context) => {
      const id = word(context.parsed, 2, 'passkey id');
      if (!(await isSure(context, `Remove ${id}? Approvals signed with it that have not run will not run.`))) {
        context.io.err('Nothing was removed.');
        return EXIT.no;
      }
      const of = text(context.parsed, '--of');
      const own = `/api/passkeys/${encodeURIComponent(id)}`;
      const path = of === null ? own : `/api/people/${encodeURIComponent(of)}/passkeys/${encodeURIComponent(id)}`;
      const answer = await (await context.control()).call('DELETE', path);
      return printAnswer(context, answer, () => context.io.out(`Removed ${id}.`));
    },
  },
  {
    name: 'people reset',
    summary: 'For somebody who lost everything: removes their passkeys, recovery codes and sessions, and prints a one-time link for them.',
    positional: '<person id>',
    options: [YES],
    run: async (context) => {
      const id = word(context.parsed, 2, 'person id');
      if (!(await isSure(context, `Take away whatever ${id} signs in with?`))) {
        context.io.err('Nothing was changed.');
        return EXIT.no;
      }
      const answer = await (await context.control()).call('POST', `/api/people/${encodeURIComponent(id)}/reset`);
      return printAnswer(context, answer, (body) => {
        printFacts(context, body);
        context.io.err('Hand the link to this person only; it signs them in once.');
      });
    },
  },
];
