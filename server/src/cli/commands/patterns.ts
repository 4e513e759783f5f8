// `sallyport patterns`: patterns of one's own for finding a class of data, with examples they are held against.

import { isObject, type JsonObject, SallyportError } from '#core';
import { text, texts, usage, word } from '../arguments.ts';
import type { Command } from '../command.ts';
import { printAnswer, printRows, rowsOf } from '../print.ts';

const COLUMNS = ['name', 'class', 'pattern', 'matches', 'differs'];
const pathOf = (name: string): string => `/api/data/patterns/${encodeURIComponent(name)}`;

export const patternCommands: readonly Command[] = [
  {
    name: 'patterns list',
    summary: 'Your own patterns for finding values in texts, with the class of data they count as and their examples.',
    positional: '',
    options: [],
    run: async (context) => {
      const answer = await (await context.control()).call('GET', '/api/data/patterns');
      return printAnswer(context, answer, (shown) => printRows(context, rowsOf(shown.patterns), COLUMNS, 'No patterns of your own.'));
    },
  },
  {
    name: 'patterns add',
    summary: 'Add or replace a pattern (RE2 syntax). It is refused when it does not do what its examples say.',
    positional: '<name> <class> <pattern>',
    options: [
      {
        name: '--match',
        value: 'TEXT',
        doc: 'An invented text it has to find something in; at least one, may be given again.',
        repeat: true,
      },
      { name: '--differ', value: 'TEXT', doc: 'A text it has to leave alone; may be given again.', repeat: true },
    ],
    run: async (context) => {
      const [name, dataClass] = [word(context.parsed, 2, 'name'), word(context.parsed, 3, 'class')];
      const pattern = word(context.parsed, 4, 'pattern');
      const [matches, differs] = [texts(context.parsed, '--match'), texts(context.parsed, '--differ')];
      if (matches.length === 0) throw usage('Give at least one --match: an invented text it has to find something in.');
      const answer = await (await context.control()).call('PUT', pathOf(name), { class: dataClass, pattern, matches, differs });
      return printAnswer(context, answer, (shown) => printRows(context, [shown], COLUMNS, ''));
    },
  },
  {
    name: 'patterns remove',
    summary: 'Remove a pattern; what only it found is no longer masked.',
    positional: '<name>',
    options: [{ name: '--yes', value: null, doc: 'Do not ask.' }],
    run: async (context) => {
      const name = word(context.parsed, 2, 'name');
      if (
        context.parsed.options['--yes'] !== true &&
        (await context.io.ask(`Remove the pattern ${name}? Type its name: `))?.trim() !== name
      )
        throw new SallyportError('CLI_USAGE', 'Nothing was changed; confirm with the name or --yes.');
      const answer = await (await context.control()).call('DELETE', pathOf(name));
      return printAnswer(context, answer, () => context.io.err(`Removed ${name}.`));
    },
  },
  {
    name: 'patterns try',
    summary: 'Where a pattern finds something in a text of yours. Stores neither.',
    positional: '<pattern> <text>',
    options: [{ name: '--class', value: 'CLASS', doc: 'The class of data; default customer_number.' }],
    run: async (context) => {
      const dataClass = text(context.parsed, '--class');
      const tried = { pattern: word(context.parsed, 2, 'pattern'), text: word(context.parsed, 3, 'text') };
      const answer = await (await context.control()).call('POST', '/api/data/patterns/try', {
        ...tried,
        ...(dataClass === null ? {} : { class: dataClass }),
      });
      return printAnswer(context, answer, (shown) =>
        printRows(context, findsOf(shown, tried.text), ['start', 'end', 'text'], 'Nothing found.'),
      );
    },
  },
];

function findsOf(shown: JsonObject, tried: string): readonly JsonObject[] {
  return rowsOf(shown.finds)
    .filter(isObject)
    .map((find) => ({ ...find, text: tried.slice(Number(find.start), Number(find.end)) }));
}
