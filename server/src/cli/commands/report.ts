// `sallyport report business`: a month in numbers, and for each number the command that shows its events.

import { isObject, type JsonObject, type JsonValue } from '#core';
import { required } from '../arguments.ts';
import type { Command } from '../command.ts';
import { printAnswer, printRows, rowsOf } from '../print.ts';

export const reportCommands: readonly Command[] = [
  {
    name: 'report business',
    summary: 'A month in numbers: runs, leaks prevented, replies held, refunds, minutes of degraded service, cost of models.',
    positional: '',
    options: [{ name: '--month', value: 'YYYY-MM', doc: 'A month of UTC, e.g. 2026-11.' }],
    run: async (context) => {
      const month = encodeURIComponent(required(context.parsed, '--month'));
      const answer = await (await context.control()).call('GET', `/api/report/business?month=${month}`);
      return printAnswer(context, answer, (body) => {
        const figures = rowsOf(body.figures);
        const columns = ['group', 'figure', 'value', 'events', 'detail'];
        printRows(context, figures.map(rowOf), columns, 'Nothing to tell.');
        context.io.out('');
        for (const figure of figures) {
          context.io.out(`${String(figure.key)}: ${String(figure.meaning)}`);
          context.io.out(`  ${commandOf(figure.query)}`);
        }
        if (figures.some(({ isComplete }) => isComplete === false))
          context.io.err('Too many events for one count: the numbers are at least these.');
      });
    },
  },
];

function rowOf(figure: JsonObject): JsonObject {
  const { group, key, value, unit, events } = figure;
  return {
    group: group ?? null,
    figure: key ?? null,
    value: `${String(value)} ${String(unit)}`,
    events: events ?? 0,
    detail: detailOf(figure),
  };
}

/** Sums and tokens; what the events do not record is said so, and is not zero. */
function detailOf({ unit, totals, tokens, priced, events }: JsonObject): string | null {
  if (unit !== 'money' && unit !== 'tokens') return null;
  const sums = rowsOf(totals).map(({ amount, currency }) => `${String(amount)} ${String(currency)}`);
  const cost = sums.length === 0 ? 'amount not recorded' : `${sums.join(', ')}${priced === events ? '' : ` (of ${String(priced)})`}`;
  if (unit === 'money') return events === 0 ? null : cost;
  if (events === 0) return null;
  const used = isObject(tokens)
    ? `${String(tokens.input)} tokens in, ${String(tokens.output)} out${tokens.recorded === events ? '' : ` (of ${String(tokens.recorded)})`}`
    : 'tokens not recorded';
  return `${used}; ${sums.length === 0 ? 'cost not recorded' : cost}`;
}

/** The command whose total is the number of events. */
export function commandOf(query: JsonValue | undefined): string {
  const members = isObject(query) ? Object.entries(query as JsonObject) : [];
  const words = members.flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map((one) => `--${name} ${String(one)}`));
  return ['sallyport event query', ...words, '--count'].join(' ');
}
