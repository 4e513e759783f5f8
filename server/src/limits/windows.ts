// Which window of time an instant falls in. Windows are fixed and begin at the full hour, at midnight UTC or on the first of a month UTC,
// so that every replica agrees without state; the README says what that means at their edges.

import type { UnixMs } from '#core';

export const WINDOWS = ['hour', 'day', 'month'] as const;
export type Window = (typeof WINDOWS)[number];

const LENGTH_MS: Readonly<Record<Exclude<Window, 'month'>, number>> = { hour: 3_600_000, day: 86_400_000 };

export function windowStart(window: Window, nowMs: UnixMs): UnixMs {
  if (window === 'month') return monthOf(nowMs, 0);
  return Math.floor(nowMs / LENGTH_MS[window]) * LENGTH_MS[window];
}

/** When the window an instant falls in ends, and the next one begins. */
export function windowEnd(window: Window, nowMs: UnixMs): UnixMs {
  return window === 'month' ? monthOf(nowMs, 1) : windowStart(window, nowMs) + LENGTH_MS[window];
}

function monthOf(nowMs: UnixMs, later: 0 | 1): UnixMs {
  const at = new Date(nowMs);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + later, 1);
}
