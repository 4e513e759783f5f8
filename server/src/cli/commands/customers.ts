// `sallyport customers`: details of one customer, for a case that is open, as a person who may read them.

import { SallyportError } from '#core';
import { text, texts, word } from '../arguments.ts';
import type { Command } from '../command.ts';
import { printAnswer, printRows, rowsOf, visible } from '../print.ts';

export const customerCommands: readonly Command[] = [
  {
    name: 'customers read',
    summary: 'Details of the customer an open case is about, read at the shop now; that they were read stands in the log, with the case.',
    positional: '<integration>',
    options: [
      { name: '--for', value: 'CASE', doc: 'The open case with its kind in front, e.g. ticket:4711.' },
      { name: '--reason', value: 'TEXT', doc: 'Why you read them; kept sealed beside the record of it.' },
      { name: '--class', value: 'CLASS', doc: 'identity, contact or address; may be given more than once.', repeat: true },
    ],
    run: async (context) => {
      const integration = encodeURIComponent(word(context.parsed, 2, 'integration'));
      const forCase = text(context.parsed, '--for');
      if (forCase === null) throw new SallyportError('CLI_USAGE', 'Option --for names the open case, e.g. --for ticket:4711.');
      const classes = texts(context.parsed, '--class');
      const reason = text(context.parsed, '--reason');
      if (reason === null) throw new SallyportError('CLI_USAGE', 'Option --reason says why, e.g. --reason "parcel came back".');
      const body = { for: forCase, classes, reason };
      const answer = await (await context.control()).call('POST', `/api/integrations/${integration}/customer`, body);
      return printAnswer(context, answer, (shown) => {
        const rows = rowsOf(shown.fields).map(({ name, value }) => ({
          field: name ?? null,
          value: visible(typeof value === 'string' ? value : JSON.stringify(value)),
        }));
        printRows(context, rows, ['field', 'value'], 'The shop keeps nothing of that class for this customer.');
      });
    },
  },
];
