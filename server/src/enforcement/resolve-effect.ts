// Says what became of an effect whose outcome was unknown: its row, what was reserved for it, its approval and the event, in one transaction.
// The word is a person's, or the upstream's own answer to our question; never a guess.

import { type ApprovalId, type CallId, type Clock, makeEvent, type Random, type SealChange, type TenantId, type Tx } from '#core';
import type { ExecutionPort } from './execute-approved.ts';
import type { EventsPort, LimitsPort } from './ports.ts';
import type { EffectStore } from './store/effects.ts';

export interface ResolveDeps {
  readonly effects: Pick<EffectStore, 'resolve'>;
  readonly limits: Pick<LimitsPort, 'settle'>;
  readonly execution: Pick<ExecutionPort, 'finish'>;
  readonly events: Pick<EventsPort, 'appendIn'>;
  readonly clock: Clock;
  readonly random: Random;
}

export interface Resolution {
  readonly tenant: TenantId;
  readonly effectKey: string;
  /** The attempt that was asked about; absent: whichever is the last one. */
  readonly call?: CallId;
  readonly outcome: 'done' | 'failed';
  /** Reference of who says so. */
  readonly actor: string;
  readonly by: 'person' | 'upstream';
  /** Seals what was before and after for the event; absent where no person says so. */
  readonly seal?: SealChange;
}

/** False when the effect is not (or no longer) unknown. */
export async function resolveEffect(deps: ResolveDeps, tx: Tx, resolution: Resolution): Promise<boolean> {
  const { tenant, effectKey, outcome, actor, by } = resolution;
  const about = resolution.call === undefined ? {} : { call: resolution.call };
  const effect = await deps.effects.resolve(tx, { tenant, effectKey, outcome, by, ...about });
  if (effect === null) return false;
  if (effect.reservation !== null) await deps.limits.settle(tx, effect.reservation, outcome === 'done' ? 'spent' : 'released');
  if (effect.approval !== null) {
    const approval = effect.approval as ApprovalId;
    await deps.execution.finish(tx, { tenant, approval, outcome, code: null, sealedResult: null });
  }
  const { integration, operation, call } = effect;
  const sealed = (await resolution.seal?.(tx, { before: { call, state: 'unknown' }, after: { call, state: outcome } })) ?? null;
  await deps.events.appendIn(tx, [
    makeEvent(deps, {
      tenant,
      type: 'enforcement.effect.resolved',
      actor,
      subject: call,
      public: { outcome, integration, operation, by },
      sealed,
    }),
  ]);
  return true;
}
