// Runs of our own runtime beside those of callers elsewhere, which are known by the calls in the ledger that name them.

import type { LedgerRun } from '#audit';
import type { ControlPorts, RunListFilter, RunView } from '#control';
import { formatTime, isRefusal, type PersonPrincipal, parseId, type Refusal, type RunId, refuse, type TenantId } from '#core';
import type { RunLine, Runs } from '#workflows';
import { systemClock } from '../world.ts';
import { ASKED, CALLS } from './call-ports.ts';
import type { Rooms } from './rooms.ts';

/** Runs of callers elsewhere are counted from the ledger; this far back, so that its size does not matter. */
const OUTSIDE_WINDOW_MS = 30 * 24 * 60 * 60 * 1000;
/** Calls of one run that are told with it. */
const MAX_CALLS = 200;
/** The tier of callers that run elsewhere and name their run. */
const OUTSIDE = 'bound' as const;

export function runPorts(rooms: Rooms, runs: Runs, calls: ControlPorts['calls']): ControlPorts['runs'] {
  const outside = async (tenant: TenantId, filter: Pick<RunListFilter, 'sinceMs' | 'before' | 'limit'>, run: string | null) => {
    const sinceMs = filter.sinceMs ?? (filter.before ?? systemClock.now()) - OUTSIDE_WINDOW_MS;
    const window = { sinceMs, beforeMs: filter.before, limit: filter.limit, run };
    return rooms.ledger.runs(tenant, { typePrefix: CALLS.typePrefix, tier: OUTSIDE, askedCode: ASKED, ...window });
  };
  // A caller elsewhere may name a run of ours; its calls are no part of it.
  const callsOf = (tenant: TenantId, run: string, tier: 'native' | 'bound') =>
    calls.list(tenant, { ...ANY_CALL, run, tier, limit: MAX_CALLS });
  return {
    list: async (tenant, filter) => {
      const { kind, workflow, state, sinceMs, before, limit } = filter;
      const wantsOwn = kind !== 'outside' && state !== 'seen';
      const wantsOutside = kind !== 'workflow' && workflow === null && (state === null || state === 'seen');
      const own = wantsOwn ? await runs.lines(tenant, { workflow, state, sinceMs, beforeMs: before, limit, run: null }) : [];
      const seen = wantsOutside ? await outside(tenant, filter, null) : [];
      const all = [...own.map(ownView), ...seen.map(outsideView)].sort((left, right) => right.seq - left.seq);
      // What began at the same moment stays on one page: the next one begins strictly before it.
      const last = all[limit - 1]?.seq;
      const page = last === undefined ? all : all.filter((run) => run.seq >= last);
      return { runs: page, next: all.length < limit ? null : (page.at(-1)?.seq ?? null) };
    },
    show: async (tenant, id) => {
      const run = parseId('run', id);
      const own = run === null ? unknown() : await runs.explain(tenant, run);
      if (!isRefusal(own)) {
        const phases = own.phases.map(({ recordedAtMs, sealedValue: _sealed, nth: _nth, ...phase }) => ({
          ...phase,
          at: formatTime(recordedAtMs),
        }));
        return { ...ownView(own.run), startedBy: own.run.startedBy, phases, callViews: await callsOf(tenant, id, 'native') };
      }
      const [seen] = await outside(tenant, { sinceMs: null, before: null, limit: 1 }, id);
      if (seen === undefined) return own;
      return { ...outsideView(seen), startedBy: seen.workload, phases: [], callViews: await callsOf(tenant, id, OUTSIDE) };
    },
    content: async (person, id, purpose) => {
      const run = parseId('run', id);
      const isOwn = run !== null && !isRefusal(await runs.show(person.tenant, run));
      if (isOwn) {
        const { known } = await rooms.guard.runs.open(person.tenant, run);
        const contents = await runs.content(person, run, known, { stated: purpose, isRequired: mustNameCase(rooms, person) });
        if (!isRefusal(contents)) rooms.surroundings.risk.read(person, contents.length);
        return contents;
      }
      const [seen] = await outside(person.tenant, { sinceMs: null, before: null, limit: 1 }, id);
      if (seen === undefined) return unknown();
      return refuse('CONTROL_RUN_CONTENT_NOT_KEPT', 'The content of a run that runs elsewhere is not kept here; only its calls are.', {
        run: id,
      });
    },
  };
}

/** Whoever reads by the role of support, or by one made in the tenant, reads for a case; the tenant may ask it of everybody. */
function mustNameCase(rooms: Rooms, { tenant, grants }: PersonPrincipal): boolean {
  const giving = grants.filter((grant) => grant.actions.has('runs.content'));
  return (
    rooms.surroundings.conditions.of(tenant).cases === 'everybody' ||
    giving.every(({ role }) => role === 'support' || role.startsWith('custom:'))
  );
}

const ANY_CALL = {
  outcome: null,
  integration: null,
  tokenised: null,
  effect: null,
  code: null,
  sinceMs: null,
  before: null,
  workload: null,
} as const;

function unknown(): Refusal {
  return refuse('WORKFLOWS_UNKNOWN', 'There is no such run.');
}

function ownView(run: RunLine): RunView {
  return {
    id: run.id,
    seq: run.startedAtMs,
    kind: 'workflow',
    tier: 'native',
    workflow: run.workflow,
    hash: run.hash,
    trigger: run.trigger,
    state: run.state,
    step: run.step,
    code: run.code,
    startedAt: formatTime(run.startedAtMs),
    finishedAt: run.finishedAtMs === null ? null : formatTime(run.finishedAtMs),
    calls: run.calls,
    refused: run.refused,
    waitingFor: run.waitingFor,
    sample: run.isSample,
  };
}

function outsideView(run: LedgerRun): RunView {
  return {
    id: run.run as RunId,
    seq: run.firstMs,
    kind: 'outside',
    tier: 'bound',
    workflow: null,
    hash: null,
    trigger: null,
    state: 'seen',
    step: null,
    code: null,
    startedAt: formatTime(run.firstMs),
    finishedAt: formatTime(run.lastMs),
    calls: run.calls,
    refused: run.refused,
    waitingFor: null,
    sample: false,
  };
}
