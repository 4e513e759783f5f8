// Finds effects whose process died between sending and settling. Nobody knows what became of them at the upstream,
// so they are never repeated and never guessed: they become `unknown`, with an event, and wait for a person.

import { type Clock, newId, type Random } from '#core';
import type { Database } from '#storage';
import type { EventsPort } from './ports.ts';
import type { EffectStore } from './store/effects.ts';
import { beatInstance, livingInstances } from './store/instances.ts';

/** A process that did not say it is alive for this long is dead. */
const DEAD_AFTER_MS = 10_000;
const BEAT_MS = 2_000;

export interface Recovery {
  /** Says that this process is alive. */
  beat(): Promise<void>;
  /** Decides effects of dead processes; returns how many. */
  runOnce(): Promise<number>;
  start(): void;
  stop(): Promise<void>;
}

export interface RecoveryDeps {
  readonly database: Database;
  readonly effects: EffectStore;
  readonly events: Pick<EventsPort, 'appendIn'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly instance: string;
  readonly onFault: (fault: unknown) => void;
}

export function createRecovery(deps: RecoveryDeps): Recovery {
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> = Promise.resolve();

  const beat = (): Promise<void> => deps.database.asSystem('resolver', (tx) => beatInstance(tx, deps.instance, deps.clock.now()));

  const stranded = () =>
    deps.database.asSystem('resolver', async (tx) => {
      const alive = await livingInstances(tx, deps.clock.now() - DEAD_AFTER_MS);
      return deps.effects.strandedIn(tx, [...alive, deps.instance]);
    });

  const runOnce = async (): Promise<number> => {
    let decided = 0;
    for (const effect of await stranded()) {
      const settled = await deps.database.inTenant(effect.tenant, async (tx) => {
        const mine = await deps.effects.settle(tx, { tenant: effect.tenant, effectKey: effect.effectKey, state: 'unknown', result: null });
        if (!mine) return false;
        await deps.events.appendIn(tx, [
          {
            id: newId('evt', deps.clock, deps.random),
            tenant: effect.tenant,
            type: 'enforcement.call.unresolved',
            occurredAtMs: deps.clock.now(),
            actor: 'system:recovery',
            subject: effect.call,
            public: { integration: effect.integration, operation: effect.operation, approval: effect.approval, instance: effect.instance },
            sealed: null,
          },
        ]);
        return true;
      });
      if (settled) decided += 1;
    }
    return decided;
  };

  return {
    beat,
    runOnce,
    start: () => {
      timer = setInterval(() => {
        running = running
          .then(async () => {
            await beat();
            await runOnce();
          })
          .catch(deps.onFault);
      }, BEAT_MS);
      timer.unref();
    },
    stop: async () => {
      if (timer !== null) clearInterval(timer);
      await running;
    },
  };
}
