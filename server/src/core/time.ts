// Time is integer milliseconds in code and RFC 3339 in UTC on wires.

import type { UnixMs } from './ports.ts';

const RFC3339 = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;

export function formatTime(timeMs: UnixMs): string {
  return new Date(timeMs).toISOString();
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** The instant, or null when the text is not an RFC 3339 date-time. Date.parse alone would take 30 February and hour 24. */
export function parseTime(text: string): UnixMs | null {
  const match = RFC3339.exec(text);
  if (match === null) return null;
  const [year, month, day, hour] = match.slice(1).map(Number) as [number, number, number, number];
  if (day > daysInMonth(year, month) || hour > 23) return null;
  const timeMs = Date.parse(text);
  return Number.isNaN(timeMs) ? null : timeMs;
}
