// `sallyport conditions`: what access depends on beside roles. Set from a file, so that what is asked of everybody can be reviewed first.

import { isJsonFault, isObject, type JsonObject, type JsonValue, parseStrictJson } from '#core';
import { required, texts, usage, word } from '../arguments.ts';
import type { Command, Context } from '../command.ts';
import type { ExitCode } from '../exit-codes.ts';
import { answered, printAnswer, printFacts, printRows, rowsOf } from '../print.ts';

export const conditionCommands: readonly Command[] = [
  {
    name: 'conditions show',
    summary: 'Working hours, networks, countries, devices and training that access depends on; freezes; sessions that are unusual.',
    positional: '',
    options: [],
    run: async (context) => told(context, 'GET', '/api/conditions'),
  },
  {
    name: 'conditions set',
    summary: 'Set the conditions from a JSON file, in the form `conditions show --json` prints under `settings`.',
    positional: '<file>',
    options: [],
    run: async (context) => {
      const settings = parse(await context.io.readFile(word(context.parsed, 2, 'file')));
      return told(context, 'PUT', '/api/conditions', settings);
    },
  },
  {
    name: 'conditions freeze',
    summary: 'Declare a change freeze: nothing it stops can be changed in its time, and only an owner lifts it.',
    positional: '',
    options: [
      { name: '--from', value: 'TIME', doc: 'When it begins, RFC 3339.' },
      { name: '--to', value: 'TIME', doc: 'When it ends by itself.' },
      { name: '--stops', value: 'publishing|policy|access', doc: 'What it stops; may be given more than once.', repeat: true },
      { name: '--reason', value: 'TEXT', doc: 'What people who meet it are told.' },
    ],
    run: async (context) => {
      const { parsed } = context;
      const stops = texts(parsed, '--stops');
      if (stops.length === 0) throw usage('Option --stops is missing: publishing, policy or access.');
      const body = {
        from: required(parsed, '--from'),
        to: required(parsed, '--to'),
        stops: [...stops],
        reason: required(parsed, '--reason'),
      };
      return told(context, 'POST', '/api/conditions/freezes', body);
    },
  },
  {
    name: 'conditions lift',
    summary: 'Lift a change freeze before its time, as an owner and with a reason; an alert tells the others.',
    positional: '<freeze id>',
    options: [{ name: '--reason', value: 'TEXT', doc: 'Why.' }],
    run: async (context) => {
      const id = word(context.parsed, 2, 'freeze id');
      const body = { reason: required(context.parsed, '--reason') };
      return told(context, 'POST', `/api/conditions/freezes/${encodeURIComponent(id)}/lift`, body);
    },
  },
  {
    name: 'conditions trained',
    summary: 'Record that somebody did a training or acknowledged a policy, and until when that counts.',
    positional: '<person id> <course>',
    options: [{ name: '--until', value: 'TIME', doc: 'When it runs out, RFC 3339.' }],
    run: async (context) => {
      const [person, course] = [word(context.parsed, 2, 'person id'), word(context.parsed, 3, 'course')];
      const body = { person, course, expiresAt: required(context.parsed, '--until') };
      return told(context, 'POST', '/api/conditions/acknowledgements', body);
    },
  },
  {
    name: 'conditions clear-risk',
    summary: 'Say that an unusual session is in order: what mattered was stopped until then.',
    positional: '<session id>',
    options: [],
    run: async (context) => {
      const id = word(context.parsed, 2, 'session id');
      const answer = await (await context.control()).call('POST', `/api/sessions/${encodeURIComponent(id)}/clear-risk`, {});
      return printAnswer(context, answer, () => context.io.out(`Cleared ${id}.`));
    },
  },
];

function parse(source: string): JsonValue {
  const value = parseStrictJson(source);
  if (isJsonFault(value)) throw usage('The file is not JSON.');
  return value;
}

const told = (context: Context, method: string, path: string, body?: unknown): Promise<ExitCode> =>
  answered(context, method, path, body, (shown) => show(context, shown));

function show(context: Context, shown: JsonObject): void {
  const { settings } = shown;
  printFacts(context, isObject(settings) ? settings : {});
  printRows(context, rowsOf(shown.freezes), ['id', 'from', 'to', 'stops', 'reason', 'active', 'liftedAt'], 'No change freeze.');
  printRows(context, rowsOf(shown.risks), ['session', 'name', 'level', 'signals', 'raisedAt', 'clearedAt'], 'No unusual session.');
  if (rowsOf(shown.acknowledgements).length > 0)
    printRows(context, rowsOf(shown.acknowledgements), ['name', 'course', 'recordedAt', 'expiresAt'], '');
}
