import { fixedClock, newTenant, seededRandom, type TestDatabase, testDatabase } from '@sallyport/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrations as auditMigrations } from '#audit';
import { newId, type TenantId } from '#core';
import { type Database, migrations as storageMigrations } from '#storage';
import { migrations } from '../migrations/index.ts';
import { type Catalogue, openCatalogue, putIntegration } from './catalogue.ts';

const random = seededRandom();
const clock = fixedClock(Date.UTC(2026, 10, 1));
const tenant: TenantId = newTenant(random);
let test: TestDatabase;

beforeAll(async () => {
  test = await testDatabase([...storageMigrations, ...auditMigrations, ...migrations]);
});
afterAll(() => test.close());

function put(origin: string, isSample = false): Promise<boolean> {
  return test.db.inTenant(tenant, (tx) =>
    putIntegration(tx, newId('int', clock, random), {
      tenant,
      name: 'shop',
      kind: 'http',
      origin,
      pathPrefix: '/',
      manifest: null,
      credential: null,
      settings: { models: [], linkHosts: [], autonomy: {}, prompts: [], spending: null },
      isSample,
    }),
  );
}
const originOf = (catalogue: Catalogue): string | undefined => catalogue.integration(tenant, 'shop')?.origin;

/** The database, with loads of the catalogue held back or failing as the test says. */
function troubled(hooks: { beforeLoad?: () => Promise<void> }): Database {
  return {
    ...test.db,
    asSystem: async (role, work) => {
      const result = await test.db.asSystem(role, work);
      await hooks.beforeLoad?.();
      return result;
    },
  };
}

describe('sample data', () => {
  it('never takes the name of an integration that is none, and stays what it is', async () => {
    expect(await put('https://one.example.com')).toBe(true);
    expect(await put('http://127.0.0.1:4000', true)).toBe(false);
    const catalogue = await openCatalogue(test.db, clock);
    expect(catalogue.integration(tenant, 'shop')).toMatchObject({ origin: 'https://one.example.com', isSample: false });
    await catalogue.close();
  });
});

describe('the list of integrations in memory', () => {
  it('never goes back to an older state because an older look at the database ended late', async () => {
    await put('https://one.example.com');
    const gate = Promise.withResolvers<void>();
    let held = false;
    const hooks: { beforeLoad?: () => Promise<void> } = {};
    const catalogue = await openCatalogue(troubled(hooks), clock);
    // The first look after this reads the old row and is then held up; the second one reads the new row.
    hooks.beforeLoad = () => {
      if (held) return Promise.resolve();
      held = true;
      return gate.promise;
    };
    const late = catalogue.refreshed();
    await put('https://two.example.com');
    const newer = catalogue.refreshed();
    gate.resolve();
    await Promise.all([late, newer]);
    expect(originOf(catalogue)).toBe('https://two.example.com');
    await catalogue.close();
  });

  it('recovers by itself from a look that failed, instead of refusing for ever', async () => {
    const hooks: { beforeLoad?: () => Promise<void> } = {};
    const catalogue = await openCatalogue(troubled(hooks), clock);
    let failures = 0;
    const recovered = Promise.withResolvers<void>();
    hooks.beforeLoad = async () => {
      failures += 1;
      if (failures <= 2) throw new Error('the database is away');
      recovered.resolve();
    };
    await put('https://three.example.com');
    await recovered.promise;
    await catalogue.refreshed();
    clock.advance(60_000);
    expect(originOf(catalogue)).toBe('https://three.example.com');
    await catalogue.close();
  });
});
