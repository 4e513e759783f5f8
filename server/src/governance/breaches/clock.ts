// The clock of Article 33 GDPR: when the authority must know, and which marks on the way are told. Pure; what time it is is handed in.

import type { UnixMs } from '#core';

const HOUR_MS = 60 * 60_000;

/** How long an authority may be kept waiting, by the law as it is dated. A later version of the law is a further row, never an edit. */
const NOTIFY_WITHIN: readonly { readonly fromMs: UnixMs; readonly hours: number; readonly law: string }[] = [
  { fromMs: Date.UTC(2018, 4, 25), hours: 72, law: 'Regulation (EU) 2016/679, Article 33(1)' },
];

export interface Deadline {
  readonly dueAtMs: UnixMs;
  readonly hours: number;
  readonly law: string;
}

/** By the law that held when somebody became aware. */
export function deadlineOf(awareAtMs: UnixMs): Deadline {
  const rule = NOTIFY_WITHIN.findLast(({ fromMs }) => fromMs <= awareAtMs) ?? NOTIFY_WITHIN[0];
  const { hours, law } = rule as (typeof NOTIFY_WITHIN)[number];
  return { dueAtMs: awareAtMs + hours * HOUR_MS, hours, law };
}

/** Marks that raise an alert, each once; the last is the deadline itself. */
export const MARKS = ['24h', '48h', '66h', 'overdue'] as const;
export type Mark = (typeof MARKS)[number];
const HOURS: Readonly<Record<Exclude<Mark, 'overdue'>, number>> = { '24h': 24, '48h': 48, '66h': 66 };

const markAtMs = (mark: Mark, awareAtMs: UnixMs): UnixMs =>
  mark === 'overdue' ? deadlineOf(awareAtMs).dueAtMs : awareAtMs + HOURS[mark] * HOUR_MS;

/** Marks that were passed and not told yet, oldest first. */
export function marksDue(awareAtMs: UnixMs, nowMs: UnixMs, told: readonly string[]): readonly Mark[] {
  return MARKS.filter((mark) => nowMs >= markAtMs(mark, awareAtMs) && !told.includes(mark));
}
