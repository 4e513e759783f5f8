// Finds calls whose process died between intent and outcome. Nobody knows what became of them at the upstream, so they are never
// repeated and never guessed: an effect becomes `unknown`, every intent gets its event, and a person or the caller goes on from there.

import { type ApprovalId, type Clock, makeEvent, type Random, type TenantId, type Tx, type UnixMs } from '#core';
import type { InstanceProof } from '#identity';
import { type Database, outsideTransaction } from '#storage';
import type { ExecutionPort } from './execute-approved.ts';
import type { EventsPort } from './ports.ts';
import type { EffectRow, EffectStore } from './store/effects.ts';
import { beatInstance, type DeadInstance, forgetInstance, livingInstances, takeDeadInstance } from './store/instances.ts';
import { findOpenIntents, type OpenIntent } from './store/open-intents.ts';

export interface RecoveryTiming {
  /** A process that did not say it is alive for this long is dead. */
  readonly deadAfterMs: number;
  readonly beatMs: number;
}

const TIMING: RecoveryTiming = Object.freeze({ deadAfterMs: 10_000, beatMs: 2_000 });
/** Longer than any call may take, a model's answer included. */
const LONGEST_CALL_MS = 30 * 60_000;
/** Dead processes handled in one round, and intents closed in one transaction. */
const MAX_INSTANCES = 20;
const MAX_INTENTS = 500;
/** Effects decided at the same time: a few connections, never the whole pool, however many calls a dead process left. */
const DECIDED_AT_ONCE = 4;

export interface Recovery {
  /** Says that this process is alive. */
  beat(): Promise<void>;
  /** Decides effects and closes intents of dead processes; returns how many. */
  runOnce(): Promise<number>;
  /** `beat`: only says that it is alive, and leaves what dead ones left to others. */
  start(jobs?: 'all' | 'beat'): void;
  stop(): Promise<void>;
}

export interface RecoveryDeps {
  readonly database: Database;
  readonly effects: EffectStore;
  readonly events: Pick<EventsPort, 'appendIn'>;
  readonly execution: Pick<ExecutionPort, 'finish'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly instance: string;
  /** Marks the rows of this installation's processes; a row without one counts for nobody. */
  readonly proof: InstanceProof;
  /** Asks the upstreams about effects of unknown outcome; how many got theirs. */
  readonly ask: () => Promise<number>;
  readonly onFault: (fault: unknown) => void;
  /** Absent: ten seconds, and a beat every two. */
  readonly timing?: RecoveryTiming;
}

export function createRecovery(deps: RecoveryDeps): Recovery {
  const { database, effects, clock } = deps;
  const { deadAfterMs, beatMs } = deps.timing ?? TIMING;
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> = Promise.resolve();

  const beat = (): Promise<void> =>
    database.asSystem('resolver', (tx) => beatInstance(tx, deps.instance, { mark: deps.proof.prove(deps.instance), nowMs: clock.now() }));

  const decideStranded = async (tx: Tx): Promise<number> => {
    let decided = 0;
    const living = await livingInstances(tx, clock.now() - deadAfterMs);
    const alive = living.filter(({ instance, mark }) => deps.proof.isProven(instance, mark)).map(({ instance }) => instance);
    for (;;) {
      const stranded = await effects.strandedIn(tx, [...alive, deps.instance]);
      const settled: boolean[] = [];
      for (let from = 0; from < stranded.length; from += DECIDED_AT_ONCE) {
        settled.push(...(await Promise.all(stranded.slice(from, from + DECIDED_AT_ONCE).map(decide))));
      }
      decided += settled.filter(Boolean).length;
      if (!settled.includes(true)) break;
    }
    return decided;
  };

  /** In the tenant's own transaction, beside the one that holds a dead instance. */
  const inTenant = <T>(tenant: TenantId, work: (tx: Tx) => Promise<T>): Promise<T> =>
    outsideTransaction(() => database.inTenant(tenant, work));

  const decide = (effect: EffectRow): Promise<boolean> =>
    inTenant(effect.tenant, async (tx) => {
      const { tenant, effectKey, call, integration, operation, approval, instance } = effect;
      if (!(await effects.settle(tx, { tenant, effectKey, call, state: 'unknown', result: null }))) return false;
      await unresolved(tx, tenant, call, { integration, operation, approval, instance });
      return true;
    });

  const unresolved = (tx: Tx, tenant: TenantId, call: string, facts: Readonly<Record<string, string | null>>): Promise<void> =>
    deps.events.appendIn(tx, [
      makeEvent(deps, { tenant, type: 'enforcement.call.unresolved', actor: 'system:recovery', subject: call, public: facts }),
    ]);

  const close = async (tx: Tx, { instance, seenAtMs }: DeadInstance): Promise<number> => {
    const sinceMs: UnixMs = seenAtMs - LONGEST_CALL_MS;
    // The executor died after the effect was settled or decided: what the row says is what became of the approval.
    for (const effect of await effects.approvedBy(tx, instance, sinceMs)) await finishApproval(effect);
    let closed = 0;
    for (let more = true; more; ) {
      const open = await findOpenIntents(tx, { instance, sinceMs, limit: MAX_INTENTS });
      for (const [tenant, intents] of Map.groupBy(open, (intent: OpenIntent) => intent.tenant)) {
        await inTenant(tenant, async (own) => {
          for (const { call, integration, operation } of intents) {
            await unresolved(own, tenant, call, { integration, operation, approval: null, instance });
          }
        });
      }
      closed += open.length;
      more = open.length === MAX_INTENTS;
    }
    return closed;
  };

  const finishApproval = async (effect: EffectRow): Promise<void> => {
    const { tenant, state, approval } = effect;
    if (state === 'sent' || approval === null) return;
    const code = { done: null, failed: 'ENFORCEMENT_UPSTREAM_FAULT', unknown: 'ENFORCEMENT_OUTCOME_UNKNOWN' }[state];
    await inTenant(tenant, (tx) =>
      deps.execution.finish(tx, { tenant, approval: approval as ApprovalId, outcome: state, code, sealedResult: null }),
    );
  };

  /** INVARIANT: an instance is forgotten only after everything it left open is closed, and by the process that closed it. */
  const closeOne = (): Promise<number | null> =>
    database.asSystem('resolver', async (tx) => {
      const dead = await takeDeadInstance(tx, clock.now() - deadAfterMs, deps.instance);
      if (dead === null) return null;
      const closed = (await decideStranded(tx)) + (await close(tx, dead));
      await forgetInstance(tx, dead.instance);
      return closed;
    });

  const runOnce = async (): Promise<number> => {
    let decided = await database.asSystem('resolver', decideStranded);
    for (let handled = 0; handled < MAX_INSTANCES; handled += 1) {
      const closed = await closeOne();
      if (closed === null) break;
      decided += closed;
    }
    return decided + (await deps.ask());
  };

  return {
    beat,
    runOnce,
    start: (jobs = 'all') => {
      timer = setInterval(() => {
        running = running
          .then(async () => {
            await beat();
            if (jobs === 'all') await runOnce();
          })
          .catch(deps.onFault);
      }, beatMs);
      timer.unref();
    },
    stop: async () => {
      if (timer !== null) clearInterval(timer);
      await running;
    },
  };
}
