// Denials stand in the log of the tenant that denied, with the home of whoever came from elsewhere, however late they are written.

import { fixedClock, seededRandom } from '@sallyport/testkit';
import { expect, it } from 'vitest';
import type { NewEvent, PersonPrincipal } from '#core';
import { createDatabase } from '#storage';
import { createDenials } from './denials.ts';
import { allEvents } from './event-catalogue.ts';

const PERSON = 'per_01890000-0000-7000-8000-000000000001';
const [HOME, FIRST, SECOND] = [1, 2, 3].map((nth) => `ten_01890000-0000-7000-8000-00000000000${nth}`) as [string, string, string];

it('a visitor’s denials are counted for each tenant, and each says where the visitor is from', async () => {
  const told: { tenant: string; home: unknown; times: unknown }[] = [];
  // Nothing is asked of it: it only says how an event is written.
  const db = createDatabase({ url: 'postgres://127.0.0.1:1/none', poolSize: 1, events: allEvents, onFault: () => undefined });
  const appendSoon = async (event: NewEvent) => {
    const { tenant, public: facts } = db.checkEvent(event);
    told.push({ tenant, home: facts.home ?? null, times: facts.times });
  };
  const denials = createDenials({
    events: { appendSoon },
    clock: fixedClock(),
    random: seededRandom(),
    onFault: (fault) => {
      throw fault;
    },
  });
  const at = (tenant: string) =>
    ({
      ...{ person: PERSON, home: HOME, tenant, session: 'ses_01890000-0000-7000-8000-000000000001', device: null, grants: [] },
      proof: { method: 'passkey', passkeyAtMs: null, openedAtMs: 0 },
    }) as unknown as PersonPrincipal;
  const what = { action: 'people.manage', code: 'CONTROL_ROLE_FORBIDDEN' };
  for (let nth = 0; nth < 5; nth += 1) denials.add(at(FIRST), what);
  denials.add(at(SECOND), what);
  denials.add(at(HOME), what);
  denials.stop();
  await db.close();
  expect(told).toEqual([
    ...[1, 2, 3].map(() => ({ tenant: FIRST, home: HOME, times: 1 })),
    { tenant: SECOND, home: HOME, times: 1 },
    { tenant: HOME, home: null, times: 1 },
    { tenant: FIRST, home: HOME, times: 2 },
  ]);
});
