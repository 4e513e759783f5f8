// What staff of an agency read piece by piece ends with their access.

import { expect, it } from 'vitest';
import { type PersonPrincipal, type Refusal, refuse } from '#core';
import { whileWelcome } from './tenant-ports.ts';

const visitor = { person: 'per_1', home: 'ten_1', tenant: 'ten_2' } as unknown as PersonPrincipal;
const OVER: Refusal = refuse('IDENTITY_DELEGATION_NONE', 'You have no access to that tenant.');

it('a stream that staff of an agency read ends with their access, and what it holds is let go', async () => {
  let isWelcome = true;
  let isLetGo = false;
  async function* pieces() {
    try {
      for (let nth = 0; ; nth += 1) yield nth;
    } finally {
      isLetGo = true;
    }
  }
  const rooms = { agency: { visits: { enter: () => (isWelcome ? visitor : OVER) } } } as never;
  const reader = whileWelcome(rooms, visitor, pieces());
  expect([(await reader.next()).value, (await reader.next()).value]).toEqual([0, 1]);
  isWelcome = false;
  await expect(reader.next()).rejects.toMatchObject({ code: 'IDENTITY_DELEGATION_NONE' });
  expect(isLetGo).toBe(true);
  // Somebody at home is asked for nothing.
  const own = whileWelcome(rooms, { ...visitor, tenant: visitor.home }, pieces());
  expect((await own.next()).value).toBe(0);
  await own.return(undefined);
});
