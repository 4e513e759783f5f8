// A legal hold on a number holds whoever has it in any form in which numbers are compared.

import { fixedClock, newTenant, nodeDigest, seededRandom, type TestDatabase, testDatabase, testPerson } from '@sallyport/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isRefusal } from '#core';
import { migrations as storage } from '#storage';
import { governanceEvents } from '../events.ts';
import { migrations } from '../migrations/index.ts';
import { createHolds, type Holds } from './holds.ts';
import { formsOf } from './identify.ts';

let test: TestDatabase;
let holds: Holds;
const tenant = newTenant(seededRandom());
const hash = (kind: string, form: string): string => nodeDigest.sha256(`${kind} ${form}`);
beforeAll(async () => {
  test = await testDatabase([...storage, ...migrations], { events: governanceEvents });
  holds = createHolds({
    db: test.db,
    clock: fixedClock(),
    random: seededRandom(),
    vault: { seal: async (_tx, { plaintext }) => plaintext, open: async (_tx, { sealed }) => sealed },
    index: { blindsOf: async (_tx, _tenant, asked) => formsOf(asked).map((form) => hash(asked.kind, form)) },
    sealChange: async () => new Uint8Array(40),
    hasOthers: async () => true,
  });
});
afterAll(() => test.close());

it('of a number with its country and of one without, whichever way it is written where it is held', async () => {
  const owner = testPerson({ tenant });
  const place = (subject: string) => holds.place(owner, { subject, place: null, purpose: null, reason: 'A claim', untilMs: null });
  const covers = (form: string) =>
    test.db.inTenant(tenant, async (tx) =>
      (await holds.active(tx, tenant)).covers({ subjects: [hash('phone', form)], place: 'runs', purpose: null }),
    );
  expect(isRefusal(await place('phone:+49 30 5550123'))).toBe(false);
  expect([await covers('+49305550123'), await covers('305550123'), await covers('305550124')]).toEqual([true, true, false]);
});
