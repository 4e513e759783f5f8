// Asks the upstream, by the idempotency key we sent, what became of effects whose outcome nobody knows. Only where the manifest says how;
// everything else waits for a person. It reads and never repeats an effect, so any number of processes may ask.

import { encodeOperation, judgeReadBack, planReadBack, type ReadBackPlan } from '#connectors';
import { type Digest, isJsonFault, isRefusal, type JsonValue, parseStrictJson } from '#core';
import type { Database } from '#storage';
import type { ResolveDeps } from './resolve-effect.ts';
import { resolveEffect } from './resolve-effect.ts';
import type { ExchangeDeps } from './stages/exchange.ts';
import { exchange } from './stages/exchange.ts';
import { keyAtUpstream } from './stages/render.ts';
import type { Catalogue, Integration } from './store/catalogue.ts';
import type { EffectRow, EffectStore } from './store/effects.ts';

export interface AskerDeps extends ResolveDeps, ExchangeDeps {
  readonly database: Database;
  readonly effects: Pick<EffectStore, 'resolve' | 'unknownSince'>;
  readonly catalogue: Pick<Catalogue, 'integration'>;
  readonly digest: Digest;
  readonly onFault: (fault: unknown) => void;
}

/** Shops forget idempotency keys, many after a day. */
const ASKABLE_MS = 12 * 60 * 60 * 1000;
/** Asked in one round. */
const MAX_ASKED = 50;
/** Between two questions about one effect: soon at first, then every ten minutes. */
const FIRST_PAUSE_MS = 5_000;
const LAST_PAUSE_MS = 600_000;
const MAX_REMEMBERED = 10_000;

/** One round: resolves to how many effects got their outcome. */
export function createAsker(deps: AskerDeps): () => Promise<number> {
  /** By attempt. `sinceMs`: when it was first seen to have ended with nobody knowing; nothing of it leaves after that. */
  const asked = new Map<string, { pauseMs: number; nextAtMs: number; sinceMs: number }>();

  /** Since when the attempt is over, when it is time to ask again; null when it is not. */
  function dueSince({ tenant, effectKey, call }: EffectRow): number | null {
    const key = `${tenant} ${effectKey} ${call}`;
    const before = asked.get(key);
    const now = deps.clock.now();
    if (before !== undefined && before.nextAtMs > now) return null;
    const pauseMs = Math.min(before === undefined ? FIRST_PAUSE_MS : before.pauseMs * 2, LAST_PAUSE_MS);
    if (asked.size >= MAX_REMEMBERED) asked.clear();
    const sinceMs = before?.sinceMs ?? now;
    asked.set(key, { pauseMs, nextAtMs: now + pauseMs, sinceMs });
    return sinceMs;
  }

  async function answerOf(integration: Integration, effect: EffectRow, { read, readBack }: ReadBackPlan, sinceMs: number) {
    const { method, path } = encodeOperation(read);
    // As old as the attempt was when it was asked, not when the answer came.
    const ageS = (deps.clock.now() - sinceMs) / 1_000;
    const reply = await exchange(
      deps,
      { principal: effect, integration, holder: { kind: 'system', job: 'recovery' } },
      {
        method,
        path,
        body: null,
        maxResponseBytes: read.operation.output.maxBytes,
        idempotency: null,
        signal: new AbortController().signal,
      },
    );
    if (isRefusal(reply)) return 'open';
    const parsed = parseStrictJson(reply.body);
    const body: JsonValue | undefined = isJsonFault(parsed) ? undefined : parsed;
    return judgeReadBack(readBack, { status: reply.status, body }, ageS);
  }

  async function ask(effect: EffectRow): Promise<boolean> {
    const { tenant, effectKey, call } = effect;
    const integration = deps.catalogue.integration(tenant, effect.integration);
    const key = keyAtUpstream(deps.digest, tenant, effectKey);
    const plan = integration?.manifest == null ? null : planReadBack(integration.manifest, effect.operation, key);
    if (integration === null || plan === null) return false;
    const sinceMs = dueSince(effect);
    if (sinceMs === null) return false;
    const answer = await answerOf(integration, effect, plan, sinceMs);
    if (answer === 'open') return false;
    const outcome = answer === 'done' ? 'done' : 'failed';
    const resolution = { tenant, effectKey, call, outcome, actor: 'system:recovery', by: 'upstream' } as const;
    return deps.database.inTenant(tenant, (tx) => resolveEffect(deps, tx, resolution));
  }

  return async () => {
    const sinceMs = deps.clock.now() - ASKABLE_MS;
    const unknown = await deps.database.asSystem('resolver', (tx) => deps.effects.unknownSince(tx, sinceMs, MAX_ASKED));
    let resolved = 0;
    for (const effect of unknown) {
      try {
        if (await ask(effect)) resolved += 1;
      } catch (fault) {
        // An upstream that does not answer now is asked again later.
        deps.onFault(fault);
      }
    }
    return resolved;
  };
}
