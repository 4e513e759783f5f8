// Asking a shop what became of an effect, over real rows: "not there" is believed only when nothing of the effect can still arrive.

import { readFileSync } from 'node:fs';
import {
  fixedClock,
  newTenant,
  nodeDigest,
  partialEvents,
  seededRandom,
  type TestDatabase,
  testCatalogue,
  testDatabase,
} from '@sallyport/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { migrations as audit } from '#audit';
import { parseManifest } from '#connectors';
import { type CallId, isRefusal, newId, type TenantId } from '#core';
import { appendEvents, migrations as storage } from '#storage';
import { type AskerDeps, createAsker } from './ask-upstream.ts';
import { migrations as enforcement } from './migrations/index.ts';
import { createEffectStore } from './store/effects.ts';

const clock = fixedClock();
const random = seededRandom();
const effects = createEffectStore();
const KEY = 'tool:1';
let database: TestDatabase;
let tenant: TenantId;
let beforeAnswer: () => Promise<void> = async () => undefined;

beforeAll(async () => {
  database = await testDatabase([...storage, ...audit, ...enforcement], { events: partialEvents(await testCatalogue()) });
  tenant = newTenant(random);
});
afterAll(() => database?.close());

/** The shop knows no refund with our key. */
function asker(): () => Promise<number> {
  const text = readFileSync(new URL('../connectors/example-shop.manifest.yaml', import.meta.url), 'utf8');
  const manifest = parseManifest(parse(text), nodeDigest);
  if (isRefusal(manifest)) throw new Error(manifest.reason);
  const integration = { name: 'shop', origin: 'https://shop.example.com', pathPrefix: '/', isSample: false, credential: null, manifest };
  const deps = {
    database: database.db,
    effects,
    catalogue: { integration: () => integration },
    limits: { settle: async () => undefined },
    execution: { finish: async () => undefined },
    events: { appendIn: appendEvents },
    vault: { lease: async () => undefined },
    egress: {
      request: async (_request: unknown, on: { onHead(status: number, headers: object, flow: object): void }) => {
        await beforeAnswer();
        on.onHead(404, {}, {});
      },
    },
    clock,
    random,
    digest: nodeDigest,
    onFault: (fault: unknown) => {
      throw fault;
    },
  };
  // Only what the asker uses of the integration and the ports.
  return createAsker(deps as unknown as AskerDeps);
}

const call = (): CallId => newId('call', clock, random);
const row = async () => {
  const found = await database.db.inTenant(tenant, (tx) => effects.find(tx, tenant, KEY));
  if (found === null) throw new Error('it was claimed');
  return found;
};
const unknown = async (): Promise<void> => {
  const { call: of } = await row();
  await database.db.inTenant(tenant, (tx) => effects.settle(tx, { tenant, effectKey: KEY, call: of, state: 'unknown', result: null }));
};
const sendAgain = async (): Promise<void> => {
  const from = await row();
  const taken = { from, call: call(), approval: null, reservation: null, instance: 'proc_b' };
  expect(await database.db.inTenant(tenant, (tx) => effects.takeOver(tx, taken))).toBe(true);
};

it('[PROMISE-9] waits from when an attempt ended with nobody knowing, not from when the first one began', async () => {
  const claimed = { tenant, effectKey: KEY, call: call(), digest: 'd', integration: 'shop', operation: 'refunds.create' };
  await database.db.inTenant(tenant, (tx) =>
    effects.claim(tx, { ...claimed, approval: null, reservation: null, instance: 'proc_a', createdAtMs: clock.now() }),
  );
  const ask = asker();
  // Three tries of a shop that hangs take minutes, longer than the 120 s of the manifest.
  clock.advance(150_000);
  await unknown();
  expect(await ask()).toBe(0);
  clock.advance(60_000);
  expect([await ask(), (await row()).state]).toEqual([0, 'unknown']);

  // The caller tries again under the same key, and again nobody hears the answer.
  await sendAgain();
  clock.advance(100_000);
  await unknown();
  expect([await ask(), (await row()).state]).toEqual([0, 'unknown']);

  // An answer about one attempt says nothing about the next, which was sent while the shop answered.
  clock.advance(130_000);
  beforeAnswer = async () => {
    await sendAgain();
    await unknown();
  };
  expect([await ask(), (await row()).state]).toEqual([0, 'unknown']);
  beforeAnswer = async () => undefined;

  expect(await ask()).toBe(0);
  clock.advance(121_000);
  expect([await ask(), (await row()).state, (await row()).toldBy]).toEqual([1, 'failed', 'upstream']);
});
