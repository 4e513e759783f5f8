// What the log says about the business: one table of figures, each a question to the log, so that every number can be opened. The overview,
// the monthly report and the command line count by this table and by no other.

import { formatTime, type JsonObject, type TenantId } from '#core';
import type { LedgerSearch } from './query.ts';
import type { Column } from './query-facts.ts';
import { ANY_EVENT, type EventQuestion } from './query-filter.ts';

/** What is told of the events a figure finds: how many, in how many minutes, or what an amount or a count of theirs adds up to. */
export type FigureUnit = 'events' | 'minutes' | 'values' | 'money' | 'tokens';

export interface Figure {
  readonly key: string;
  readonly group: 'runs' | 'leaks' | 'replies' | 'refunds' | 'service' | 'models';
  readonly meaning: string;
  readonly unit: FigureUnit;
  readonly question: Partial<EventQuestion>;
}

const CALL = 'enforcement.call.';

/** Refusals before anything left: what was asked would have carried data where it must not go. */
const LEAK_CODES = [
  'ENFORCEMENT_CONTENT_LINK',
  'ENFORCEMENT_CONTENT_OTHER_SUBJECT',
  'ENFORCEMENT_PLACEHOLDER_IN_ARGUMENT',
  'POLICY_CROSS_TENANT',
  'POLICY_FOREIGN_OBJECT',
  'POLICY_INTEGRATION_NOT_GRANTED',
] as const;

export const FIGURES = [
  {
    key: 'runsDone',
    group: 'runs',
    meaning: 'Runs of workflows that came to their end.',
    unit: 'events',
    question: { type: 'workflows.run.finished', facts: { state: 'done' } },
  },
  {
    key: 'runsFailed',
    group: 'runs',
    meaning: 'Runs of workflows that were refused, or stopped before their end.',
    unit: 'events',
    question: { type: 'workflows.run.', decision: ['deny', 'fault'] },
  },
  {
    key: 'ticketsAnswered',
    group: 'runs',
    meaning: 'Answers to tickets that a workflow stated.',
    unit: 'events',
    question: { type: 'workflows.run.emitted', facts: { event: 'ticket_answered', 'facts.answered': 'true' } },
  },
  {
    key: 'leaksReplaced',
    group: 'leaks',
    meaning: 'Calls that left with personal values replaced, and how many values.',
    unit: 'values',
    question: { type: `${CALL}intended`, tokenised: true },
  },
  {
    key: 'leaksRefused',
    group: 'leaks',
    meaning: 'Calls refused because they would have carried data to somebody who may not have it.',
    unit: 'events',
    question: { type: `${CALL}refused`, decision: LEAK_CODES },
  },
  {
    key: 'repliesHeld',
    group: 'replies',
    meaning: 'Replies of a model or a shop that were held back by the screening of output.',
    unit: 'events',
    question: { type: `${CALL}refused`, facts: { stage: 'screen_output' } },
  },
  {
    key: 'repliesDenied',
    group: 'replies',
    meaning: 'What an AI proposed and a person denied.',
    unit: 'events',
    question: { type: 'approvals.call.denied' },
  },
  {
    key: 'refundsPaid',
    group: 'refunds',
    meaning: 'Movements of money that the upstream took, and their sums.',
    unit: 'money',
    question: { type: `${CALL}completed`, facts: { effect: 'money', became: 'done' } },
  },
  {
    key: 'refundsStopped',
    group: 'refunds',
    meaning: 'Movements of money that were refused.',
    unit: 'events',
    question: { type: `${CALL}refused`, decision: ['deny'], facts: { effect: 'money' } },
  },
  {
    key: 'effectsToldLater',
    group: 'refunds',
    meaning: 'Effects of unknown outcome that had happened, as a person or the shop said later. They are not among the movements above.',
    unit: 'events',
    question: { type: 'enforcement.effect.resolved', facts: { outcome: 'done' } },
  },
  {
    key: 'degradedMinutes',
    group: 'service',
    meaning: 'Minutes in which a guarded call failed, by the upstream or by this system.',
    unit: 'minutes',
    question: { type: CALL, decision: ['fault'] },
  },
  {
    key: 'modelCalls',
    group: 'models',
    meaning: 'Calls of models that were answered, with the tokens they used and what those cost.',
    unit: 'tokens',
    question: { type: `${CALL}completed`, facts: { effect: 'model' } },
  },
] as const satisfies readonly Figure[];

export type FigureKey = (typeof FIGURES)[number]['key'];

export interface Amount {
  readonly currency: string;
  /** Exact decimal sum. */
  readonly amount: string;
}

export interface CountedFigure extends Figure {
  readonly key: FigureKey;
  /** Events that answer the question: the total of `event query` with the same filter. */
  readonly events: number;
  /** By the unit. */
  readonly value: number;
  /** Sums of the amounts of those events; null where the figure is about none, or none of them records one. */
  readonly totals: readonly Amount[] | null;
  /** Tokens of those events that record them; null when none does. */
  readonly tokens: { readonly input: number; readonly output: number; readonly recorded: number } | null;
  /** How many of the events record an amount. */
  readonly priced: number;
  readonly isComplete: boolean;
}

export interface Window {
  readonly fromMs: number;
  /** Null: until now. */
  readonly toMs: number | null;
}

/** Adds decimals as they are written, without a rounding. */
export function addDecimals(one: string, two: string): string {
  const places = Math.max(...[one, two].map((text) => text.split('.')[1]?.length ?? 0));
  const units = (text: string): bigint => {
    const [whole = '0', part = ''] = text.split('.');
    return BigInt(`${whole}${part.padEnd(places, '0')}`);
  };
  const sum = units(one) + units(two);
  const digits = String(sum < 0n ? -sum : sum).padStart(places + 1, '0');
  const text = places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`;
  return sum < 0n ? `-${text}` : text;
}

const AMOUNT = /^(-?\d+(?:\.\d+)?) ([A-Z]{3})$/;

async function countFigure(
  search: LedgerSearch,
  tenant: TenantId,
  figure: Figure & { key: FigureKey },
  at: Window,
): Promise<CountedFigure> {
  const amountColumn: Column | null = figure.unit === 'money' ? 'amount' : figure.unit === 'tokens' ? 'cost' : null;
  const sums = new Map<string, string>();
  const minutes = new Set<number>();
  let [events, values, input, output, recorded, priced] = [0, 0, 0, 0, 0, 0];
  const { isComplete } = await search.visit(tenant, { ...figure.question, ...at }, (event) => {
    events += 1;
    if (figure.unit === 'minutes') minutes.add(Math.floor(event.atMs / 60_000));
    if (figure.unit === 'values') values += Number(event.get('tokenised') ?? 0);
    if (figure.unit === 'tokens') {
      const [tokensIn, tokensOut] = [event.get('inputTokens'), event.get('outputTokens')];
      if (tokensIn !== null && tokensOut !== null) {
        recorded += 1;
        input += Number(tokensIn);
        output += Number(tokensOut);
      }
    }
    const [, amount, currency] = AMOUNT.exec(amountColumn === null ? '' : (event.get(amountColumn) ?? '')) ?? [];
    if (amount !== undefined && currency !== undefined) {
      priced += 1;
      sums.set(currency, addDecimals(sums.get(currency) ?? '0', amount));
    }
  });
  const value = { events, minutes: minutes.size, values, money: events, tokens: events }[figure.unit];
  const totals = [...sums].map(([currency, amount]) => ({ currency, amount })).sort((a, b) => a.currency.localeCompare(b.currency));
  return {
    ...figure,
    events,
    value,
    totals: amountColumn === null || totals.length === 0 ? null : totals,
    tokens: recorded === 0 ? null : { input, output, recorded },
    priced,
    isComplete,
  };
}

/** The figures of a window, in the order of the table; `keys`: only these. */
export async function countFigures(
  search: LedgerSearch,
  tenant: TenantId,
  window: Window,
  keys: readonly FigureKey[] | null = null,
): Promise<readonly CountedFigure[]> {
  const counted: CountedFigure[] = [];
  // One after the other: they share one connection's worth of work, and calls come first.
  for (const figure of FIGURES)
    if (keys === null || keys.includes(figure.key)) counted.push(await countFigure(search, tenant, figure, window));
  return counted;
}

/** The question of a figure as the members of an address: what `GET /api/events` and `sallyport event query` take. */
export function queryOf(question: Partial<EventQuestion>): JsonObject {
  const { type, subject, actor, resource, workflow, run, decision, privileged, tokenised, facts, text, fromMs, toMs } = {
    ...ANY_EVENT,
    ...question,
  };
  const yesNo = (flag: boolean | null): string | null => (flag === null ? null : flag ? 'yes' : 'no');
  const named = Object.entries(facts).map(([name, value]) => `${name}:${value}`);
  const members = {
    type,
    subject,
    actor,
    resource,
    workflow,
    run,
    decision: decision === null ? null : decision.join(','),
    privileged: yesNo(privileged),
    tokenised: yesNo(tokenised),
    fact: named.length === 0 ? null : named,
    q: text,
    from: fromMs === null ? null : formatTime(fromMs),
    to: toMs === null ? null : formatTime(toMs),
  };
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null)) as JsonObject;
}
