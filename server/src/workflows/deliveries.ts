// Signed deliveries of integrations: which workflows one starts, and that it starts them once.
// INVARIANT: the delivery, its runs and their events are one transaction; the same delivery again, at the same moment, after a crash or
// a week later, gives the same runs and starts nothing.

import { isRefusal, type JsonObject, makeEvent, type Refusal, type RunId, refuse, type TenantId } from '#core';
import { inputOf } from './check-input.ts';
import type { WorkflowDefinition } from './definition.ts';
import type { RunDeps } from './ports.ts';
import * as store from './store/deliveries.ts';
import { writeRun } from './write-run.ts';

/** A delivery whose signature was checked. */
export interface Delivery {
  readonly tenant: TenantId;
  readonly integration: string;
  /** The sender's id of it, the same on every attempt. */
  readonly id: string;
  readonly event: string;
  /** What the signature covers. */
  readonly raw: Uint8Array;
  readonly body: JsonObject;
}

export interface Delivered {
  readonly runs: readonly RunId[];
  /** False when it was accepted before. */
  readonly isNew: boolean;
}

export interface Deliveries {
  /** Writes the runs it starts; whoever calls then wakes the engine. */
  accept(delivery: Delivery): Promise<Delivered | Refusal>;
  /** Records a delivery that came no further, by its code. */
  refused(refused: { tenant: TenantId; integration: string; code: string; unrecorded: number }): Promise<void>;
  /** Which published workflows listen to which deliveries. */
  listening(tenant: TenantId): Promise<Awaited<ReturnType<typeof store.listListening>>>;
}

/** Senders try again for up to three days, each time with a new timestamp; twice that, and a day. */
export const KEEP_DELIVERIES_MS = 7 * 24 * 60 * 60_000;

export function createDeliveries(deps: RunDeps): Deliveries {
  const { database, clock } = deps;
  const eventOf = (of: { tenant: TenantId; integration: string }, type: string, facts: JsonObject) =>
    makeEvent(deps, {
      tenant: of.tenant,
      type: `workflows.delivery.${type}`,
      actor: `integration:${of.integration}`,
      subject: `hook:${of.integration}`,
      public: { integration: of.integration, ...facts },
    });

  return {
    async accept(delivery) {
      const { tenant, integration, id, event } = delivery;
      const key = { tenant, integration, delivery: id };
      const body = deps.digest.sha256(delivery.raw);
      return database.inTenant(tenant, async (tx) => {
        const record = (type: string, facts: JsonObject): Promise<void> =>
          deps.events.appendIn(tx, [eventOf(delivery, type, { delivery: id, event, ...facts })]);
        if (!(await store.insertDelivery(tx, key, { body, atMs: clock.now() }))) {
          const first = await store.findDelivery(tx, key);
          if (first?.body === body) {
            await record('repeated', { runs: [...first.runs] });
            return { runs: first.runs, isNew: false };
          }
          const changed = refuse('WORKFLOWS_DELIVERY_CHANGED', 'A delivery of this id came before with another body.');
          await record('refused', { code: changed.code });
          return changed;
        }
        const listening = await store.listListening(tx, tenant, { integration, event });
        const by = {
          tenant,
          actor: `integration:${integration}`,
          trigger: 'webhook',
          facts: { integration, event, delivery: id },
        } as const;
        const runs: RunId[] = [];
        let refused: Refusal | null = null;
        for (const { name, isPaused } of listening) {
          if (isPaused) continue;
          const run = await writeRun(deps, tx, { by, name, inputOf: (definition) => inputFor(definition, delivery) });
          if (isRefusal(run)) refused ??= run;
          else runs.push(run);
        }
        if (runs.length === 0 && refused !== null) {
          // Not kept: the sender tries again, and what stands in the way may be gone by then.
          await store.dropDelivery(tx, key);
          await record('refused', { code: refused.code });
          return refused;
        }
        await store.setDeliveryRuns(tx, key, runs);
        await record('accepted', { runs, paused: listening.filter(({ isPaused }) => isPaused).map(({ name }) => name) });
        return { runs, isNew: true };
      });
    },

    refused: ({ tenant, integration, code, unrecorded }) =>
      database.inTenant(tenant, (tx) => deps.events.appendIn(tx, [eventOf({ tenant, integration }, 'refused', { code, unrecorded })])),

    listening: (tenant) => database.inTenant(tenant, (tx) => store.listListening(tx, tenant, {})),
  };
}

/** The approved content decides what it listens to; a row that says otherwise was edited. */
function inputFor(definition: WorkflowDefinition, { integration, event, body }: Delivery): JsonObject | Refusal {
  const { listens, name } = definition;
  if (listens?.integration === integration && listens.event === event) return inputOf(definition, body);
  return refuse('WORKFLOWS_BUNDLE_TAMPERED', 'The approved content does not listen to this delivery.', { workflow: name });
}
