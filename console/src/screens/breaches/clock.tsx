// How long the authority may be kept waiting yet, counting down; and what became of it when it does not run any more.

import type { ReactNode } from 'react';
import type { Breach } from '../../api/breaches.ts';
import { strings } from '../../strings/en.ts';
import { Badge, type Tone } from '../../ui/badge.tsx';
import { useNow } from '../../ui/use-now.ts';

const text = strings.breaches;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Hours and minutes: a deadline in hours is read in hours. */
function hoursOf(ms: number): string {
  const minutes = Math.floor(Math.abs(ms) / MINUTE_MS);
  const hours = Math.floor(minutes / 60);
  return hours === 0 ? `${minutes} min` : `${hours} h ${minutes % 60} min`;
}

export function Clock({ breach }: { breach: Pick<Breach, 'dueAt' | 'isRunning' | 'isLate' | 'state'> }): ReactNode {
  const now = useNow(MINUTE_MS / 2);
  const { dueAt, isRunning, isLate, state } = breach;
  if (!isRunning) {
    const word = isLate ? text.toldLate : state === 'closed' ? text.closed : text.toldInTime;
    return <Badge tone={isLate ? 'warn' : 'good'}>{word}</Badge>;
  }
  const leftMs = Date.parse(dueAt) - now;
  const tone: Tone = leftMs < 6 * HOUR_MS ? 'bad' : leftMs < 24 * HOUR_MS ? 'warn' : 'info';
  return <Badge tone={tone}>{leftMs >= 0 ? text.left(hoursOf(leftMs)) : text.overdue(hoursOf(leftMs))}</Badge>;
}
