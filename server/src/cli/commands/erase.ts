// `sallyport erase`: everything sealed for one data subject becomes unreadable, for good.

import { word } from '../arguments.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { printAnswer, printFacts } from '../print.ts';
import { followKeys } from './keys-follow.ts';

export const eraseCommands: readonly Command[] = [
  {
    name: 'erase',
    summary:
      'Erase what is kept of one data subject (a customer id, or person:per_...): its key, payloads and pseudonym. Can not be undone.',
    positional: '<subject>',
    options: [
      { name: '--yes', value: null, doc: 'Do not ask.' },
      { name: '--now', value: null, doc: 'Make it final at once, older copies and backups included, in place of within keyEpochHours.' },
    ],
    run: async (context) => {
      const subject = word(context.parsed, 1, 'subject');
      if (context.parsed.options['--yes'] !== true) {
        const answer = await context.io.ask('Nothing sealed for this subject can be read again. Type the subject once more: ');
        if (answer?.trim() !== subject) {
          context.io.err('Nothing was erased.');
          return EXIT.no;
        }
      }
      const answer = await (await context.control()).call('POST', '/api/erasures', { subject, confirm: subject });
      const code = printAnswer(context, answer, (body) => printFacts(context, body));
      return code === EXIT.done && context.parsed.options['--now'] === true ? followKeys(context, '/api/data-keys/epoch') : code;
    },
  },
];
