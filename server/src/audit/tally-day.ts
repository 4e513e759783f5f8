// A window of the log in numbers for the overview: calls step by step and refusals by code in one walk over the index, and the figures of
// the business by their one table.

import type { TenantId } from '#core';
import type { Database } from '#storage';
import type { LedgerSearch } from './query/query.ts';
import { type Amount, countFigures, FIGURES, type FigureKey } from './query/query-business.ts';
import { medianSince } from './store/read-day.ts';

export interface DayWindow {
  readonly sinceMs: number;
  readonly stepMs: number;
  /** The code of a refusal that only asks a person. */
  readonly askedCode: string;
  /** Most refusal codes to tell. */
  readonly maxCodes: number;
}

export interface DayTally {
  /** Calls by the step they ended in; steps without one are left out. */
  readonly steps: readonly { readonly atMs: number; readonly subjects: number; readonly refused: number; readonly tokenised: number }[];
  /** Most frequent first. */
  readonly refusals: readonly { readonly code: string; readonly count: number }[];
  readonly money: { readonly count: number; readonly totals: readonly Amount[]; readonly refused: number };
  readonly runs: {
    readonly done: number;
    readonly stopped: number;
    readonly answered: number;
    /** Median time from a run's start to its answer; null without one. */
    readonly medianMs: number | null;
  };
}

/** How a call ends: exactly one event of these. */
const ENDINGS: ReadonlySet<string> = new Set(
  ['completed', 'refused', 'faulted', 'aborted', 'unresolved'].map((ending) => `enforcement.call.${ending}`),
);
const REFUSED = 'enforcement.call.refused';
const INTENDED = 'enforcement.call.intended';

/** Of these keys the overview tells the numbers. */
const KEYS: readonly FigureKey[] = ['runsDone', 'runsFailed', 'ticketsAnswered', 'refundsPaid', 'refundsStopped'];
/** Newest answers whose time is taken. */
const MAX_TIMED = 500;

interface Step {
  subjects: number;
  refused: number;
  tokenised: number;
}

export async function tallyDay(
  { search, db }: { readonly search: LedgerSearch; readonly db: Pick<Database, 'inTenant'> },
  tenant: TenantId,
  window: DayWindow,
): Promise<DayTally> {
  const { sinceMs, stepMs } = window;
  const steps = new Map<number, Step>();
  const codes = new Map<string, number>();
  await search.visit(tenant, { type: 'enforcement.call.', fromMs: sinceMs }, ({ atMs, get }) => {
    const type = get('type') ?? '';
    const isEnding = ENDINGS.has(type);
    const isReplaced = type === INTENDED && get('tokenised') !== null;
    if (!isEnding && !isReplaced) return;
    const nth = Math.floor((atMs - sinceMs) / stepMs);
    const step = steps.get(nth) ?? { subjects: 0, refused: 0, tokenised: 0 };
    steps.set(nth, step);
    if (isReplaced) step.tokenised += 1;
    if (!isEnding) return;
    step.subjects += 1;
    const code = get('code') ?? '';
    if (type !== REFUSED || code === window.askedCode) return;
    step.refused += 1;
    codes.set(code, (codes.get(code) ?? 0) + 1);
  });
  const figures = new Map((await countFigures(search, tenant, { fromMs: sinceMs, toMs: null }, KEYS)).map((one) => [one.key, one]));
  const eventsOf = (key: FigureKey): number => figures.get(key)?.events ?? 0;
  return {
    steps: [...steps].sort(([one], [two]) => one - two).map(([nth, step]) => ({ atMs: sinceMs + nth * stepMs, ...step })),
    refusals: [...codes]
      .map(([code, count]) => ({ code, count }))
      .sort((one, two) => two.count - one.count || one.code.localeCompare(two.code))
      .slice(0, window.maxCodes),
    money: {
      count: eventsOf('refundsPaid'),
      totals: figures.get('refundsPaid')?.totals ?? [],
      refused: eventsOf('refundsStopped'),
    },
    runs: {
      done: eventsOf('runsDone'),
      stopped: eventsOf('runsFailed'),
      answered: eventsOf('ticketsAnswered'),
      medianMs: await medianAnswer({ search, db }, tenant, sinceMs),
    },
  };
}

async function medianAnswer(
  { search, db }: { readonly search: LedgerSearch; readonly db: Pick<Database, 'inTenant'> },
  tenant: TenantId,
  sinceMs: number,
): Promise<number | null> {
  const { question } = FIGURES.find(({ key }) => key === 'ticketsAnswered') ?? { question: {} };
  const { events } = await search.page(tenant, { ...question, fromMs: sinceMs }, { before: null, limit: MAX_TIMED });
  const answered = events.map(({ entry }) => ({ subject: String(entry.subject), atMs: Date.parse(String(entry.at)) }));
  return answered.length === 0 ? null : db.inTenant(tenant, (tx) => medianSince(tx, tenant, answered));
}
