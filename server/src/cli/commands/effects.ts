// `sallyport effects`: effects that were sent and whose outcome nobody knows.

import { word } from '../arguments.ts';
import type { Command } from '../command.ts';
import { printAnswer, printRows, rowsOf } from '../print.ts';

export const effectCommands: readonly Command[] = [
  {
    name: 'effects list',
    summary: 'Effects that were sent and whose outcome nobody knows.',
    positional: '',
    options: [],
    run: async (context) => {
      const answer = await (await context.control()).call('GET', '/api/effects/unresolved');
      return printAnswer(context, answer, (body) =>
        printRows(context, rowsOf(body.effects), ['effectKey', 'integration', 'operation', 'sentAt'], 'Every effect has a known outcome.'),
      );
    },
  },
  {
    name: 'effects resolve',
    summary: 'Say what a look at the shop showed: the effect happened (done) or did not (failed).',
    positional: '<effect key> <done|failed>',
    options: [],
    run: async (context) => {
      const body = { effectKey: word(context.parsed, 2, 'effect key'), outcome: word(context.parsed, 3, 'outcome') };
      const answer = await (await context.control()).call('POST', '/api/effects/resolve', body);
      return printAnswer(context, answer, () => context.io.out('Recorded.'));
    },
  },
];
