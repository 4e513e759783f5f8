// Sends alerts to the operator's webhook, each until it was taken: with pauses that grow, for a week.
// It decides nothing about an alert; one that can not be sent stands in the list all the same, with the code of what failed.

import { type Clock, formatTime, type JsonObject, type JsonValue, type TenantId, type UnixMs } from '#core';
import type { Database } from '#storage';
import type { Alert } from './alerts.ts';
import { RULES } from './rules.ts';
import { type AlertId, listUndelivered, noteDelivery } from './store/alerts.ts';

/** What is sealed beside the event that raised the alert, opened for its delivery. */
export interface AlertDetails {
  readonly before: JsonValue;
  readonly after: JsonValue;
  readonly address: string | null;
  readonly device: string | null;
  readonly reason: string | null;
}

export interface DeliverDeps {
  readonly db: Pick<Database, 'asSystem' | 'inTenant'>;
  readonly clock: Clock;
  /** Posts a signed message; throws a coded fault when it was not taken. */
  post(message: { readonly id: string; readonly body: Uint8Array }): Promise<void>;
  find(tenant: TenantId, id: AlertId): Promise<Alert | null>;
  /** Of the event with this number; null when it had none, or when they were erased. */
  details(tenant: TenantId, seq: number): Promise<AlertDetails | null>;
}

export interface Deliver {
  /** Sends what is due; resolves to how many were taken. */
  runOnce(): Promise<number>;
}

const AT_ONCE = 20;
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 15 * 60_000;
const GIVE_UP_MS = 7 * 24 * 60 * 60_000;

export function createDeliver(deps: DeliverDeps): Deliver {
  const { db, clock } = deps;

  async function deliver(tenant: TenantId, id: AlertId, attempts: number): Promise<boolean> {
    const alert = await deps.find(tenant, id);
    if (alert === null) return false;
    // What can not be opened is left out: the alert itself is what has to arrive.
    const details = await deps.details(tenant, alert.seq).catch(() => null);
    const fault = await deps.post({ id: `msg_${id}`, body: Buffer.from(JSON.stringify(messageOf(tenant, alert, details))) }).then(
      () => null,
      (thrown: unknown) => codeOf(thrown),
    );
    const atMs = clock.now();
    const nextTryAtMs = fault === null ? null : atMs + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempts, 10));
    await db.inTenant(tenant, (tx) => noteDelivery(tx, tenant, { id, atMs, fault, nextTryAtMs }));
    return fault === null;
  }

  return {
    async runOnce() {
      const atMs = clock.now();
      const due = await db.asSystem('watcher', (tx) => listUndelivered(tx, { sinceMs: atMs - GIVE_UP_MS, atMs, limit: AT_ONCE }));
      let taken = 0;
      for (const { tenant, id, attempts } of due) {
        // A receiver that is away is not waited for twenty times: the others are due in the next rounds, and the log is considered meanwhile.
        if (!(await deliver(tenant, id, attempts))) break;
        taken += 1;
      }
      return taken;
    },
  };
}

/** As Standard Webhooks wants it: a type, a moment and data. */
export function messageOf(tenant: TenantId, alert: Alert, details: AlertDetails | null): JsonObject {
  const time = (atMs: UnixMs): string => formatTime(atMs);
  return {
    type: 'monitoring.alert.raised',
    timestamp: time(alert.raisedAtMs),
    data: {
      id: alert.id,
      tenant,
      rule: alert.rule,
      severity: alert.severity,
      meaning: RULES[alert.rule].meaning,
      actor: alert.by,
      event: { seq: alert.seq, type: alert.type, subject: alert.subject, at: time(alert.occurredAtMs) },
      facts: alert.facts,
      address: details?.address ?? null,
      device: details?.device ?? null,
      reason: details?.reason ?? null,
      change: details === null ? null : { before: details.before, after: details.after },
    },
  };
}

function codeOf(fault: unknown): string {
  const code = (fault as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,79}$/.test(code) ? code : 'MONITORING_WEBHOOK_REFUSED';
}
