// Working hours in a time zone, and whether a moment lies in them. Pure: the moment is handed in; the zone's rules are the platform's.

import type { UnixMs } from '#core';

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Day = (typeof DAYS)[number];

/** Wall-clock times `HH:MM`; `24:00` is the end of the day. Over midnight when the second is not the later one. */
export interface Span {
  readonly from: string;
  readonly to: string;
}

export interface Hours {
  readonly timeZone: string;
  /** A day that is not there has no working hours. */
  readonly days: Readonly<Partial<Record<Day, Span | undefined>>>;
}

const TIME = /^(?:([01]\d|2[0-3]):([0-5]\d)|24:00)$/;
const DAY_MINUTES = 24 * 60;
const formats = new Map<string, Intl.DateTimeFormat>();

export function isTimeOfDay(text: string): boolean {
  return TIME.test(text);
}

export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function formatIn(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-US', { timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  if (formats.size > 1_000) formats.clear();
  formats.set(timeZone, format);
  return format;
}

export interface LocalTime {
  readonly day: Day;
  readonly minute: number;
}

export function localTime(atMs: UnixMs, timeZone: string): LocalTime {
  const parts = Object.fromEntries(
    formatIn(timeZone)
      .formatToParts(new Date(atMs))
      .map(({ type, value }) => [type, value]),
  );
  const day = (parts.weekday ?? '').toLowerCase() as Day;
  return { day, minute: Number(parts.hour) * 60 + Number(parts.minute) };
}

const minuteOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));

function holds({ from, to }: Span, minute: number): boolean {
  return minute >= minuteOf(from) && minute < minuteOf(to);
}

export function isInHours({ timeZone, days }: Hours, atMs: UnixMs): boolean {
  const { day, minute } = localTime(atMs, timeZone);
  const today = days[day];
  if (today !== undefined) {
    if (minuteOf(today.from) < minuteOf(today.to) ? holds(today, minute) : minute >= minuteOf(today.from)) return true;
  }
  const before = days[DAYS[(DAYS.indexOf(day) + DAYS.length - 1) % DAYS.length] as Day];
  const isOvernight = before !== undefined && minuteOf(before.from) >= minuteOf(before.to);
  return isOvernight && minute < minuteOf(before.to) % DAY_MINUTES;
}
