// The figures of a month as lines in plain words, in their groups. Pure: it words what the server counted and adds nothing up.

import type { EventSearch } from '../../api/audit.ts';
import { type BusinessFigure, searchOf } from '../../api/business.ts';
import { strings } from '../../strings/en.ts';
import { formatCost, formatCount, formatMoney } from '../../ui/format.ts';

const text = strings.month;

export interface MonthRow {
  readonly key: string;
  readonly name: string;
  readonly value: string;
  readonly note: string | null;
  /** Nothing of it happened, or nothing of it is recorded. */
  readonly isFaint: boolean;
  readonly search: EventSearch | null;
}

export interface MonthGroup {
  readonly key: string;
  readonly name: string;
  readonly rows: readonly MonthRow[];
}

/** In the order of the server. */
export function groupsOf(figures: readonly BusinessFigure[]): readonly MonthGroup[] {
  return [...new Set(figures.map(({ group }) => group))].map((key) => ({
    key,
    name: text.groups[key] ?? key,
    rows: figures.filter(({ group }) => group === key).flatMap(rowsOf),
  }));
}

function rowsOf(figure: BusinessFigure): readonly MonthRow[] {
  const count = { ...rowOf(figure, figure.key, atLeast(figure, formatCount(figure.value))), note: noteOf(figure) };
  return figure.unit === 'tokens' ? [costOf(figure), count] : [count];
}

const rowOf = ({ meaning, events, query }: BusinessFigure, key: string, value: string): MonthRow => ({
  key,
  name: text.figures[key] ?? meaning,
  value,
  note: null,
  isFaint: events === 0,
  search: searchOf(query),
});

const atLeast = ({ isComplete }: BusinessFigure, value: string): string => (isComplete ? value : text.atLeast(value));

const sumOf = ({ totals }: BusinessFigure, format: (money: string) => string): string | null =>
  totals === null || totals.length === 0 ? null : totals.map(({ amount, currency }) => format(`${amount} ${currency}`)).join(', ');

/** What the models cost is a number of its own, counted from the same events. */
function costOf(figure: BusinessFigure): MonthRow {
  const { events, priced } = figure;
  const sum = sumOf(figure, formatCost);
  const value = events === 0 ? formatCount(0) : sum === null ? text.notRecorded : atLeast(figure, sum);
  const isPart = sum !== null && priced < events;
  return {
    ...rowOf(figure, 'modelCost', value),
    isFaint: sum === null,
    note: isPart ? text.costPart(formatCount(priced), formatCount(events)) : null,
  };
}

function noteOf(figure: BusinessFigure): string | null {
  const { unit, events, priced, tokens } = figure;
  if (events === 0) return null;
  const all = formatCount(events);
  if (unit === 'values') return text.inCalls(all);
  if (unit === 'minutes') return text.failedCalls(all);
  if (unit === 'money') {
    const sum = sumOf(figure, formatMoney);
    return sum === null ? text.sumNone : priced < events ? text.sumPart(sum, formatCount(priced), all) : text.sum(sum);
  }
  if (unit !== 'tokens') return null;
  if (tokens === null) return text.tokensNone;
  const [input, output] = [formatCount(tokens.input), formatCount(tokens.output)];
  return tokens.recorded < events ? text.tokensPart(input, output, formatCount(tokens.recorded), all) : text.tokens(input, output);
}
