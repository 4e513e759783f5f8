// `sallyport runs`: which runs there are, what each step of one did and where the arguments of its calls came from, and, redacted, what
// its steps asked and were given.

import { isObject, type JsonObject, type JsonValue } from '#core';
import { text, word } from '../arguments.ts';
import type { Command } from '../command.ts';
import { printAnswer, printFacts, printRows, rowsOf } from '../print.ts';

const FILTERS = [
  ['--kind', 'KIND', 'Only `workflow`, or only `outside`: runs of callers elsewhere, by their calls.'],
  ['--workflow', 'NAME', 'Only runs of this workflow.'],
  ['--state', 'STATE', 'Only running, waiting, done, stopped, refused or seen ones.'],
  ['--since', 'WINDOW', 'Only those begun in the last 1h, 24h or 7d.'],
  ['--before', 'SEQ', 'The next page: `next` of the one before.'],
  ['--limit', 'COUNT', 'How many; 50 by default, at most 200.'],
] as const;

export const runCommands: readonly Command[] = [
  {
    name: 'runs list',
    summary: 'Runs, newest first: of workflows, and of callers elsewhere that name their run.',
    positional: '',
    options: FILTERS.map(([name, value, doc]) => ({ name, value, doc })),
    run: async (context) => {
      const query = new URLSearchParams();
      for (const [name] of FILTERS) {
        const given = text(context.parsed, name);
        if (given !== null) query.set(name.slice(2), given);
      }
      const answer = await (await context.control()).call('GET', `/api/runs${query.size === 0 ? '' : `?${query}`}`);
      return printAnswer(context, answer, (body) => {
        const columns = ['id', 'kind', 'workflow', 'state', 'step', 'code', 'calls', 'refused', 'waitingFor', 'startedAt'];
        printRows(context, rowsOf(body.runs), columns, 'No run: sallyport workflows run <name>.');
        if (typeof body.next === 'number') context.io.out(`More: --before ${body.next}`);
      });
    },
  },
  {
    name: 'runs show',
    summary: 'What became of each step of a run, and where the arguments of its calls came from.',
    positional: '<id>',
    options: [],
    run: async (context) => {
      const id = encodeURIComponent(word(context.parsed, 2, 'run'));
      return printAnswer(context, await (await context.control()).call('GET', `/api/runs/${id}`), (body) => {
        printFacts(
          context,
          pick(body, ['id', 'kind', 'workflow', 'hash', 'trigger', 'state', 'step', 'code', 'startedBy', 'startedAt', 'finishedAt']),
        );
        const phases = rowsOf(body.phases);
        printRows(
          context,
          phases,
          ['step', 'phase', 'kind', 'operation', 'outcome', 'code', 'approval', 'integrity', 'call', 'at'],
          'Its steps are not ours to tell; its calls are.',
        );
        printRows(context, phases.flatMap(originsOf), ['step', 'argument', 'integrity', 'from', 'how', 'sources'], 'No argument to trace.');
        if (phases.length === 0)
          printRows(context, rowsOf(body.callViews), ['call', 'integration', 'operation', 'outcome', 'code', 'at'], 'No call yet.');
      });
    },
  },
  {
    name: 'runs content',
    summary: 'What the steps of a run asked and were given, personal values replaced; that you read it is recorded.',
    positional: '<id>',
    options: [{ name: '--for', value: 'CASE', doc: 'The ticket, case or order you read it for, e.g. ticket:4711; support must name one.' }],
    run: async (context) => {
      const id = encodeURIComponent(word(context.parsed, 2, 'run'));
      const forCase = text(context.parsed, '--for');
      const query = forCase === null ? '' : `?${new URLSearchParams({ for: forCase })}`;
      return printAnswer(context, await (await context.control()).call('GET', `/api/runs/${id}/content${query}`), (body) => {
        for (const row of rowsOf(body.contents)) {
          context.io.out(`\n--- ${String(row.step)}/${String(row.phase)}${row.truncated === true ? ' (cut)' : ''}`);
          for (const [name, value] of [
            ['asked', row.asked],
            ['gave', row.gave],
          ] as const)
            if (typeof value === 'string') for (const line of `${name}: ${value}`.split('\n')) printFacts(context, { '': line });
        }
      });
    },
  },
];

function originsOf(phase: JsonObject): readonly JsonObject[] {
  return rowsOf(phase.origins).map(({ argument, from, integrity, how, sources }) => ({
    step: `${String(phase.step)}/${String(phase.phase)}`,
    argument: argument ?? null,
    integrity: integrity ?? null,
    from: placeOf(from),
    how: how ?? null,
    sources: Array.isArray(sources) ? sources.join(' ') : '',
  }));
}

function placeOf(from: JsonValue | undefined): string {
  return isObject(from) ? `${String(from.step)}/${String(from.phase)} ${String(from.field)}` : 'constant or input';
}

function pick(body: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(names.map((name) => [name, body[name] ?? null]));
}
