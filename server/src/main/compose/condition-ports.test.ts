// Nobody puts their own training on record while somebody else could: the record is what the conditions rest on.

import { expect, it } from 'vitest';
import type { PersonId, PersonPrincipal } from '#core';
import { conditionPorts } from './condition-ports.ts';

const [ME, OTHER] = ['per_1', 'per_2'] as [PersonId, PersonId];

async function acknowledges(managers: readonly PersonId[], subject: PersonId, method = 'passkey'): Promise<string | null> {
  const done: string[] = [];
  const rooms = {
    identity: { listPeople: async () => [ME, OTHER].map((id) => ({ id, removedAt: null })), peopleWho: async () => managers },
    guard: { database: { inTenant: async (_tenant: unknown, work: (tx: unknown) => unknown) => work({}) } },
    surroundings: { conditions: { acknowledge: async (_by: unknown, { person }: { person: string }) => done.push(person) } },
  };
  const { conditions } = conditionPorts(rooms as never);
  const me = { tenant: 'ten_1', person: ME, proof: { method } } as unknown as PersonPrincipal;
  const record = { person: subject, course: 'data-protection', expiresAtMs: Date.now() + 60_000 };
  // What is shown afterwards is not looked at here.
  const answer = (await conditions.acknowledge(me, record).catch(() => null)) as { code?: string } | null;
  return answer?.code ?? done[0] ?? null;
}

it('a training is put on record by somebody else, unless nobody else could, or on the server itself', async () => {
  expect(await acknowledges([ME, OTHER], ME)).toBe('IDENTITY_OWN_ACCESS');
  expect(await acknowledges([ME, OTHER], OTHER)).toBe(OTHER);
  expect(await acknowledges([ME], ME)).toBe(ME);
  expect(await acknowledges([ME, OTHER], ME, 'cli')).toBe(ME);
});
