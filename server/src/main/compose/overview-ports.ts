// The numbers of the overview: a day of the ledger, and whether what protects the tenant is in order. Counts and codes only.

import type { ControlPorts, OverviewView } from '#control';
import { formatTime, isObject, type TenantId } from '#core';
import { countWaitingRuns } from '#workflows';
import { systemClock } from '../world.ts';
import { ASKED, CALLS } from './call-ports.ts';
import type { Rooms } from './rooms.ts';

const HOUR_MS = 60 * 60 * 1000;
const HOURS = 24;
const SOON_MS = 14 * 24 * HOUR_MS;
/** More codes than fit a chart are of no help there; the list of calls has them all. */
const MAX_CODES = 12;
/** What a workflow that answers tickets states when it did. */
const ANSWERED = { event: 'ticket_answered', fact: 'answered' } as const;
const VERIFIED = 'audit.ledger.verified';

export function overviewPorts(rooms: Rooms): Pick<ControlPorts, 'overview'> {
  return {
    overview: async (tenant) => {
      const nowMs = systemClock.now();
      // Whole hours, the present one last.
      const sinceMs = Math.floor(nowMs / HOUR_MS) * HOUR_MS - (HOURS - 1) * HOUR_MS;
      const [calls, day, posture] = await Promise.all([
        rooms.ledger.tally(tenant, { ...CALLS, sinceMs: nowMs - HOURS * HOUR_MS }),
        rooms.ledger.day(tenant, { sinceMs, stepMs: HOUR_MS, askedCode: ASKED, maxCodes: MAX_CODES, stated: ANSWERED }),
        postureOf(rooms, tenant, nowMs),
      ]);
      const sum = (count: (row: (typeof calls)[number]) => number): number => calls.reduce((total, row) => total + count(row), 0);
      const { waiting, waitingRuns, ...inOrder } = posture;
      return {
        since: formatTime(nowMs - HOURS * HOUR_MS),
        now: formatTime(nowMs),
        calls: {
          guarded: sum((row) => row.subjects),
          refused: sum((row) => (row.type === 'enforcement.call.refused' && row.code !== ASKED ? row.subjects : 0)),
          tokenised: sum((row) => row.tokenised),
          waiting,
        },
        series: Array.from({ length: HOURS }, (_, hour) => {
          const atMs = sinceMs + hour * HOUR_MS;
          const step = day.steps.find((one) => one.atMs === atMs);
          return { at: formatTime(atMs), guarded: step?.subjects ?? 0, refused: step?.refused ?? 0, tokenised: step?.tokenised ?? 0 };
        }),
        refusals: day.refusals,
        business: {
          ticketsAnswered: day.runs.stated,
          refunds: { count: day.money.count, totals: day.money.totals },
          refundsStopped: day.money.refused,
          runs: { done: day.runs.done, waiting: waitingRuns, stopped: day.runs.stopped },
          medianAnswerMs: day.runs.medianMs,
        },
        ...inOrder,
      };
    },
  };
}

type Posture = Pick<OverviewView, 'unresolved' | 'integrations' | 'keys' | 'ledger' | 'lastVerified'> & {
  readonly waiting: number;
  readonly waitingRuns: number;
};

async function postureOf(rooms: Rooms, tenant: TenantId, nowMs: number): Promise<Posture> {
  const { database } = rooms.guard;
  const [pending, [unresolved, waitingRuns], integrations, keys, newest, head, verified] = await Promise.all([
    rooms.approvals.list(tenant, 'pending'),
    database.inTenant(tenant, async (tx) => [await rooms.effects.listUnresolved(tx, tenant), await countWaitingRuns(tx, tenant)] as const),
    rooms.catalogue.list(tenant),
    rooms.identity.listKeys(tenant),
    rooms.ledger.list(tenant, { limit: 1 }),
    rooms.ledger.head(tenant),
    rooms.ledger.list(tenant, { type: VERIFIED, limit: 1 }),
  ]);
  const active = keys.filter((key) => key.revokedAt === null && key.expiresAt.getTime() > nowMs);
  const expiries = active.map((key) => key.expiresAt.getTime()).sort((left, right) => left - right);
  const seq = newest[0]?.seq;
  const verdict = verified[0]?.entry;
  const facts = isObject(verdict?.public) ? verdict.public : {};
  return {
    waiting: pending.length,
    waitingRuns,
    unresolved: unresolved.length,
    integrations: {
      total: integrations.length,
      models: integrations.filter((one) => one.kind === 'model').length,
      shops: integrations.filter((one) => one.kind !== 'model').length,
      operationsToReview: integrations.reduce(
        (total, one) => total + (one.manifest?.operations.filter((operation) => operation.needsReview).length ?? 0),
        0,
      ),
    },
    keys: {
      active: active.length,
      expiringSoon: expiries.filter((at) => at < nowMs + SOON_MS).length,
      nextExpiry: expiries[0] === undefined ? null : formatTime(expiries[0]),
    },
    ledger: { sealedEvents: seq === undefined ? 0 : seq + 1, checkpointAt: head === null ? null : formatTime(head.signedAtMs) },
    lastVerified:
      verdict === undefined
        ? null
        : { at: String(verdict.at), ok: facts.ok === true, events: typeof facts.events === 'number' ? facts.events : 0 },
  };
}
