// `sallyport data matrix`: who may see which class of data, how often each cell decided, and rules of one's own, on trial or in force.

import { isObject, type JsonObject, SallyportError } from '#core';
import { text, usage, word } from '../arguments.ts';
import type { Command, Context } from '../command.ts';
import type { ExitCode } from '../exit-codes.ts';
import { printAnswer, printRows, rowsOf } from '../print.ts';

const COLUMNS = ['class', 'destination', 'handling', 'from', 'trial', 'hits', 'trialHits', 'asIs', 'isLocked'];
const YES = { name: '--yes', value: null, doc: 'Do not ask.' } as const;
const MODE = {
  name: '--mode',
  value: 'monitor|enforce|asked',
  doc: '`monitor`: only count what the rule would do. `asked`, of models, clear or mask: whether a person who is asked about a doubtful find may send it as it is. Default: enforce.',
} as const;

export const dataMatrixCommands: readonly Command[] = [
  {
    name: 'data guesses',
    summary:
      'Whether names, streets and places that nobody named are guessed at in calls to models. Off leaves them to the model; asks first.',
    positional: '[on|off]',
    options: [YES],
    run: async (context) => {
      const wanted = context.parsed.words[2];
      if (wanted !== undefined && wanted !== 'on' && wanted !== 'off') throw usage('data guesses takes on or off, or nothing to show it.');
      if (wanted === 'off') await sure(context, 'Let models see names and addresses that nobody named? Type guesses: ', 'guesses');
      const control = await context.control();
      const answer =
        wanted === undefined
          ? await control.call('GET', '/api/data/guesses')
          : await control.call('PUT', '/api/data/guesses', { isOn: wanted === 'on' });
      return printAnswer(context, answer, ({ isOn, model }) => {
        const more = isObject(model) ? `, with a model of names for ${(model.types as readonly string[]).join(', ')}` : '';
        context.io.out(
          isOn === true
            ? `Guesses in calls are on${more}.`
            : 'Guesses in calls are off: only what has a form, is known or has a pattern is found.',
        );
      });
    },
  },
  {
    name: 'data matrix show',
    summary: 'Who may see which class of data, by kind of destination and by integration, with how often each cell decided in 30 days.',
    positional: '',
    options: [
      { name: '--class', value: 'CLASS', doc: 'Only this class, e.g. email_address.' },
      { name: '--destination', value: 'NAME', doc: 'Only model, tool, customer, web, or integration:NAME.' },
      { name: '--own', value: null, doc: 'Only cells with a rule of your own.' },
    ],
    run: async (context) => {
      const answer = await (await context.control()).call('GET', '/api/data/matrix');
      const body = answer.status >= 400 ? answer.body : narrowed(context, isObject(answer.body) ? answer.body : {});
      return printAnswer(context, { ...answer, body }, (shown) => print(context, shown));
    },
  },
  {
    name: 'data matrix set',
    summary: 'Say what is done with a class of data towards a destination. A rule that shows more than before asks first.',
    positional: '<destination> <class> <clear|tokenise|mask|refuse>',
    options: [MODE, YES],
    run: async (context) => {
      const [destination, name] = [word(context.parsed, 3, 'destination'), word(context.parsed, 4, 'class')];
      const handling = word(context.parsed, 5, 'handling');
      const mode = text(context.parsed, '--mode') ?? 'enforce';
      if (mode !== 'monitor' && handling === 'clear') {
        const what =
          mode === 'asked' ? `Let approvers send ${destination} doubtful ${name} as it is` : `Let ${destination} see ${name} in the clear`;
        await sure(context, `${what}? Type the class: `, name);
      }
      return changed(context, 'PUT', pathOf(destination, name), { handling, mode }, name);
    },
  },
  {
    name: 'data matrix reset',
    summary: 'Take a rule of your own back; what is in force without it holds again.',
    positional: '<destination> <class>',
    options: [MODE, YES],
    run: async (context) => {
      const [destination, name] = [word(context.parsed, 3, 'destination'), word(context.parsed, 4, 'class')];
      const mode = text(context.parsed, '--mode') ?? 'enforce';
      await sure(context, `Take the rule for ${name} towards ${destination} back? Type the class: `, name);
      return changed(context, 'DELETE', `${pathOf(destination, name)}?mode=${encodeURIComponent(mode)}`, undefined, name);
    },
  },
  {
    name: 'data unsure set',
    summary: 'Say what happens with a guess that is not sure to be of a class: leave it, mask it, ask a person, or refuse the call.',
    positional: '<class> <leave|mask|ask|refuse|default>',
    options: [],
    run: async (context) => {
      const [name, unsure] = [word(context.parsed, 3, 'class'), word(context.parsed, 4, 'handling')];
      const path = `/api/data/unsure/${encodeURIComponent(name)}`;
      return unsure === 'default' ? changed(context, 'DELETE', path, undefined, name) : changed(context, 'PUT', path, { unsure }, name);
    },
  },
];

const pathOf = (destination: string, name: string): string =>
  `/api/data/matrix/${encodeURIComponent(destination)}/${encodeURIComponent(name)}`;

function narrowed({ parsed }: Context, body: JsonObject): JsonObject {
  const [name, destination] = [text(parsed, '--class'), text(parsed, '--destination')];
  const isOwn = parsed.options['--own'] === true;
  const cells = rowsOf(body.cells).filter(
    (cell) =>
      (name === null || cell.class === name) &&
      (destination === null || cell.destination === destination) &&
      (!isOwn || cell.from !== 'default' || cell.trial !== null),
  );
  return { ...body, cells };
}

function print(context: Context, body: JsonObject): void {
  printRows(context, rowsOf(body.cells), COLUMNS, 'No such cell.');
}

async function sure(context: Context, question: string, name: string): Promise<void> {
  if (context.parsed.options['--yes'] === true) return;
  if ((await context.io.ask(question))?.trim() !== name)
    throw new SallyportError('CLI_USAGE', 'Nothing was changed; confirm with that word or --yes.');
}

async function changed(context: Context, method: string, path: string, body: unknown, name: string): Promise<ExitCode> {
  const answer = await (await context.control()).call(method, path, body);
  return printAnswer(context, answer, (shown) => {
    const cells = rowsOf(shown.cells).filter((cell) => cell.class === name);
    printRows(context, cells, COLUMNS, 'No such class.');
  });
}
