// Ids and events for tests, made from the ports so that they repeat with the seed.

import { type EventCatalogue, fact, type NewEvent, newId, type TenantId } from '../server/src/core/index.ts';
import { fixedClock, type SeededRandom } from './ports.ts';

const clock = fixedClock();

/** Events of tests that are about the log and not about what is in it. */
export const testEvents: EventCatalogue = ['storage.test.written', 'storage.test.changed'].map((type) => ({
  type,
  meaning: 'A test wrote something.',
  facts: { n: fact.optional(fact.count), name: fact.optional(fact.name), code: fact.optional(fact.code) },
  example: { n: 1 },
}));

export function newTenant(random: SeededRandom): TenantId {
  return newId('ten', clock, random);
}

export function newEvent(random: SeededRandom, tenant: TenantId, change: Partial<NewEvent> = {}): NewEvent {
  return {
    id: newId('evt', clock, random),
    tenant,
    type: 'storage.test.written',
    occurredAtMs: clock.now(),
    actor: 'workload:test',
    subject: 'call:test',
    public: { n: 1 },
    sealed: null,
    ...change,
  };
}
