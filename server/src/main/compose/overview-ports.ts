// The numbers of the overview: a day of the ledger, and whether what protects the tenant is in order. Counts and codes only.

import type { DayTally } from '#audit';
import type { ControlPorts, OverviewView } from '#control';
import { formatTime, isObject, type TenantId } from '#core';
import { countWaitingRuns } from '#workflows';
import { systemClock } from '../world.ts';
import { ASKED } from './call-ports.ts';
import type { Rooms } from './rooms.ts';

const HOUR_MS = 60 * 60 * 1000;
const HOURS = 24;
const SOON_MS = 14 * 24 * HOUR_MS;
/** More codes than fit a chart are of no help there; the list of calls has them all. */
const MAX_CODES = 12;
const VERIFIED = 'audit.ledger.verified';

/** Counting a day may take at most this part of the time: what is older than so many times its cost is counted anew. */
const COST_SHARE = 10;

interface CountedDay {
  readonly sinceMs: number;
  readonly day: Promise<DayTally>;
  /** Zero until it is counted: whoever asks meanwhile waits for the same count. */
  freshUntilMs: number;
}

export function overviewPorts(rooms: Rooms): Pick<ControlPorts, 'overview'> {
  const counted = new Map<TenantId, CountedDay>();
  function dayOf(tenant: TenantId, sinceMs: number): Promise<DayTally> {
    const known = counted.get(tenant);
    const startedMs = systemClock.now();
    if (known?.sinceMs === sinceMs && (known.freshUntilMs === 0 || startedMs < known.freshUntilMs)) return known.day;
    const day = rooms.ledger.day(tenant, { sinceMs, stepMs: HOUR_MS, askedCode: ASKED, maxCodes: MAX_CODES });
    const next: CountedDay = { sinceMs, day, freshUntilMs: 0 };
    counted.set(tenant, next);
    day.then(
      () => {
        const nowMs = systemClock.now();
        next.freshUntilMs = nowMs + COST_SHARE * (nowMs - startedMs);
      },
      () => counted.delete(tenant),
    );
    return day;
  }
  return {
    overview: async (tenant) => {
      const nowMs = systemClock.now();
      // Whole hours, the present one last.
      const sinceMs = Math.floor(nowMs / HOUR_MS) * HOUR_MS - (HOURS - 1) * HOUR_MS;
      const [day, posture] = await Promise.all([dayOf(tenant, sinceMs), postureOf(rooms, tenant, nowMs)]);
      const sum = (name: 'subjects' | 'refused' | 'tokenised'): number => day.steps.reduce((total, step) => total + step[name], 0);
      const { waiting, waitingRuns, ...inOrder } = posture;
      return {
        since: formatTime(sinceMs),
        now: formatTime(nowMs),
        calls: {
          guarded: sum('subjects'),
          refused: sum('refused'),
          tokenised: sum('tokenised'),
          waiting,
        },
        series: Array.from({ length: HOURS }, (_, hour) => {
          const atMs = sinceMs + hour * HOUR_MS;
          const step = day.steps.find((one) => one.atMs === atMs);
          return { at: formatTime(atMs), guarded: step?.subjects ?? 0, refused: step?.refused ?? 0, tokenised: step?.tokenised ?? 0 };
        }),
        refusals: day.refusals,
        business: {
          ticketsAnswered: day.runs.answered,
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
