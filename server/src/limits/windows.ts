// Which window of time an instant falls in. Windows are fixed and begin at the full hour or at midnight UTC, so that every
// replica agrees without state; the README says what that means at their edges.

import type { UnixMs } from '#core';

export const WINDOWS = ['hour', 'day'] as const;
export type Window = (typeof WINDOWS)[number];

const LENGTH_MS: Readonly<Record<Window, number>> = { hour: 3_600_000, day: 86_400_000 };

export function windowStart(window: Window, nowMs: UnixMs): UnixMs {
  return Math.floor(nowMs / LENGTH_MS[window]) * LENGTH_MS[window];
}
