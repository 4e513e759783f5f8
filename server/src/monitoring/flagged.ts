// Who stands out now: staff, customers and programs in one list, each with the open alerts about them. Pure.
// INVARIANT: nobody is flagged by hand and nobody unflags: an alert does both, by being open.

import type { UnixMs } from '#core';
import { FLAGGED_KINDS, type FlaggedKind, flaggedBy, type RuleName } from './rules.ts';
import type { AlertRow } from './store/alerts.ts';

export interface Flagged {
  readonly kind: FlaggedKind;
  /** A person or workload; of a customer the run it was, which tells who to whoever may see what it was about. Null once that was erased. */
  readonly subject: string | null;
  readonly sinceMs: UnixMs;
  readonly lastAtMs: UnixMs;
  /** Newest first. */
  readonly alerts: readonly FlaggingAlert[];
}

export type FlaggingAlert = Pick<AlertRow, 'id' | 'rule' | 'severity' | 'facts' | 'subject' | 'times' | 'occurredAtMs' | 'lastAtMs'> & {
  readonly by: string | null;
};

export function flaggedOf(alerts: readonly FlaggingAlert[]): readonly Flagged[] {
  const groups = new Map<string, Flagged>();
  for (const alert of alerts) {
    const kind = flaggedBy(alert.rule as RuleName);
    if (kind === null) continue;
    const subject = kind === 'customer' ? alert.subject : alert.by;
    // Whoever was erased is nobody in particular: their alerts are not put together.
    const key = `${kind} ${subject ?? alert.id}`;
    const known = groups.get(key) ?? { kind, subject, sinceMs: alert.occurredAtMs, lastAtMs: alert.lastAtMs, alerts: [] };
    groups.set(key, {
      ...known,
      sinceMs: Math.min(known.sinceMs, alert.occurredAtMs),
      lastAtMs: Math.max(known.lastAtMs, alert.lastAtMs),
      alerts: [...known.alerts, alert],
    });
  }
  const order = (kind: FlaggedKind): number => FLAGGED_KINDS.indexOf(kind);
  return [...groups.values()].sort((left, right) => order(left.kind) - order(right.kind) || right.lastAtMs - left.lastAtMs);
}
