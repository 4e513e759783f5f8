// The month in numbers, as the server counts it from the sealed log, and the question of each number as the Audit log takes it. Nothing is
// counted here.

import { queryOptions } from '@tanstack/react-query';
import { EVENT_SEARCH, type EventSearch } from './audit.ts';
import { api, queryOf } from './client.ts';

export interface MonthSearch {
  /** `2026-11`; none: the present one. */
  readonly month?: string;
}

export interface BusinessFigure {
  readonly key: string;
  readonly group: string;
  /** What it counts, in the server's words. */
  readonly meaning: string;
  readonly unit: string;
  readonly value: number;
  /** How many events it was counted from. */
  readonly events: number;
  /** Null: none of the events records an amount. */
  readonly totals: readonly { readonly currency: string; readonly amount: string }[] | null;
  /** Null: none of the events records tokens. */
  readonly tokens: { readonly input: number; readonly output: number; readonly recorded: number } | null;
  /** How many of the events record an amount. */
  readonly priced: number;
  readonly query: Readonly<Record<string, string | readonly string[]>>;
  /** False: older events were not looked at, and every number is at least this. */
  readonly isComplete: boolean;
}

export interface BusinessMonth {
  readonly month: string;
  readonly figures: readonly BusinessFigure[];
}

const STALE_MS = 60_000;

export const businessQuery = (month: string) =>
  queryOptions({
    queryKey: ['business', month],
    queryFn: () => api<BusinessMonth>('GET', `/api/report/business${queryOf({ month })}`),
    staleTime: STALE_MS,
  });

/** Exactly the question of a figure as the address of the Audit log; null when that can not say all of it, because a wider one would lie. */
export function searchOf(query: BusinessFigure['query']): EventSearch | null {
  const members = Object.entries(query);
  if (members.some(([name]) => !EVENT_SEARCH.includes(name as keyof EventSearch))) return null;
  return Object.fromEntries(members.map(([name, value]) => [name, typeof value === 'string' ? value : value.join(',')]));
}

const MONTH = /^20\d\d-(0[1-9]|1[0-2])$/;
const CHOICES = 12;

export const monthAt = (now: Date): string => now.toISOString().slice(0, 7);

/** The month of an address; whatever is none stands for the present one. */
export const chosenMonth = ({ month = '' }: MonthSearch, now: Date): string => (MONTH.test(month) ? month : monthAt(now));

/** The present month of UTC and the eleven before it, newest first, and the chosen one when it is another. */
export function monthsToChoose(now: Date, chosen: string): readonly string[] {
  const months = Array.from({ length: CHOICES }, (_, ago) => monthAt(new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - ago, 1))));
  return months.includes(chosen) ? months : [...months, chosen];
}
