// Two tenants with the same ids and names in every table: what one is told does not depend on the other being there, and nothing it does
// touches a row of the other. Every function of every store takes part; one that is not in the tables fails the test.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findMigrations } from './find-migrations.ts';
import { newTenant, seededRandom, type TestDatabase, testDatabase } from './index.ts';
import type { Call, CallWorld } from './two-tenants/call.ts';
import { calls, factories } from './two-tenants/calls.ts';
import { seed } from './two-tenants/seed.ts';
import { copyTenant, digestRows, removeTenant, seedTenant, tenantTables } from './two-tenants/world.ts';

const ROOMS = join(import.meta.dirname, '../server/src');
const random = seededRandom();
const [ours, theirs] = [newTenant(random), newTenant(random)];

/** A tenant is made once. */
const FAULTS = ['identity/store/workloads addTenant'];

type Store = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;
let base: TestDatabase;
let stores: ReadonlyMap<string, Store>;

async function loadStores(): Promise<ReadonlyMap<string, Store>> {
  const files = readdirSync(ROOMS, { recursive: true, encoding: 'utf8' }).filter(
    (path) => /^[a-z]+\/store\/[a-z-]+\.ts$/.test(path) && !path.includes('.test.'),
  );
  const loaded = files
    .toSorted()
    .map(async (path) => [path.slice(0, -3), (await import(pathToFileURL(join(ROOMS, path)).href)) as Store] as const);
  return new Map(await Promise.all(loaded));
}

const functionsOf = (store: object): readonly string[] =>
  Object.entries(store).flatMap(([name, value]) => (typeof value === 'function' ? [name] : []));

/** What an answer says, without what differs between any two runs: moments of now. */
function say(answer: unknown): string {
  const plain = (_key: string, value: unknown): unknown => {
    if (typeof value === 'bigint') return `${value}n`;
    if (value instanceof Map || value instanceof Set) return [...value];
    if (typeof value === 'function') return undefined;
    return value;
  };
  const text = JSON.stringify(answer, plain) ?? 'nothing';
  const thisYear = new RegExp(`"${new Date().getUTCFullYear()}-\\d\\d-\\d\\dT[^"]*"`, 'g');
  return text.replace(thisYear, '"now"');
}

class Undo extends Error {}

const dispose = async (made: unknown): Promise<void> => (made as { close?: () => Promise<void> } | null)?.close?.();

/** Calls one function; the transaction it is given is kept or undone. */
async function answer(place: string, name: string, call: Call & { kind: 'asks' | 'acts' }, keep: boolean): Promise<string> {
  const [path, factory] = place.split('#') as [string, string | undefined];
  let said = '';
  const work = async (tx: unknown): Promise<void> => {
    const world: CallWorld = { tx, db: base.db, tenant: ours };
    said = say(await (target[name] as Store[string])(...call.args(world)));
    if (!keep) throw new Undo();
  };
  const store = stores.get(path) as Store;
  const made =
    factory === undefined ? store : await store[factory]?.(...(factories[place]?.({ tx: null, db: base.db, tenant: ours }) ?? []));
  const target = made as Store;
  try {
    const usesOwn = call.args({ tx: 'tx', db: 'db', tenant: ours })[0] !== 'tx';
    if (usesOwn) await work(null).catch(undone);
    else await base.db.inTenant(ours, work).catch(undone);
  } catch (error) {
    said = `${(error as { code?: string }).code}: ${String(error).slice(0, 200)}`;
  } finally {
    if (factory !== undefined) await dispose(made);
  }
  return said;
}

function undone(error: unknown): void {
  if (!(error instanceof Undo)) throw error;
}

const callable = Object.entries(calls).flatMap(([place, list]) =>
  Object.entries(list).flatMap(([name, call]) => (call.kind === 'asks' || call.kind === 'acts' ? [{ place, name, call }] : [])),
);

async function answers(keep = false): Promise<ReadonlyMap<string, string>> {
  const said = new Map<string, string>();
  for (const { place, name, call } of callable) said.set(`${place} ${name}`, await answer(place, name, call, keep));
  return said;
}

beforeAll(async () => {
  base = await testDatabase(await findMigrations());
  stores = await loadStores();
});
afterAll(() => base.close());

describe('two tenants', () => {
  test('have every function of every store, and every tenant table, in the tables of this test', async () => {
    const missing = [...stores].flatMap(([path, store]) =>
      functionsOf(store)
        .filter((name) => calls[path]?.[name] === undefined)
        .map((name) => `${path} ${name}`),
    );
    for (const [place, args] of Object.entries(factories)) {
      const [path, factory] = place.split('#') as [string, string];
      const made = (await stores.get(path)?.[factory]?.(...args({ tx: null, db: base.db, tenant: ours }))) as object;
      missing.push(
        ...functionsOf(made)
          .filter((name) => calls[place]?.[name] === undefined)
          .map((name) => `${place} ${name}`),
      );
      await dispose(made);
    }
    expect(missing).toEqual([]);
    const gone = Object.entries(calls).flatMap(([place, list]) =>
      place.includes('#')
        ? []
        : Object.keys(list)
            .filter((name) => stores.get(place)?.[name] === undefined)
            .map((name) => `${place} ${name}`),
    );
    expect(gone).toEqual([]);
    expect((await tenantTables(base)).filter((table) => seed[table] === undefined)).toEqual([]);
  });

  test('with the same ids are told the same alone and together, and neither touches a row of the other', async () => {
    const nothing = await answers();
    await seedTenant(base, ours);
    const alone = await answers();
    const blind = callable.filter(
      ({ place, name, call }) => call.kind === 'asks' && alone.get(`${place} ${name}`) === nothing.get(`${place} ${name}`),
    );
    expect(blind.map(({ place, name }) => `${place} ${name} tells nothing of the rows: ${alone.get(`${place} ${name}`)}`)).toEqual([]);
    const faults = [...alone].filter(([, said]) => /^[A-Z_]+: |^undefined: /.test(said));
    expect(faults.map(([name]) => name)).toEqual(FAULTS);

    await copyTenant(base, ours, theirs);
    expect(await answers()).toEqual(alone);
    const before = await digestRows(base, theirs);
    expect([...before].filter(([, digest]) => digest === 'empty')).toEqual([]);
    await answers(true);
    expect(await digestRows(base, theirs)).toEqual(before);

    // And with every id of the other in hand, a tenant that has nothing is told nothing and changes nothing.
    await removeTenant(base, ours);
    expect(await answers()).toEqual(nothing);
    await answers(true);
    expect(await digestRows(base, theirs)).toEqual(before);
  });

  test('are found out when one table lets somebody past its wall', async () => {
    await removeTenant(base, ours);
    await seedTenant(base, ours);
    await base.admin('create policy leak on approvals for all to sallyport_app using (true) with check (true)');
    const before = await digestRows(base, theirs);
    const leaky = callable.find(({ name }) => name === 'consumeApproval');
    await answer('approvals/store/transitions', 'consumeApproval', leaky?.call as Call & { kind: 'asks' }, true);
    const changed = [...(await digestRows(base, theirs))].filter(([table, digest]) => before.get(table) !== digest);
    expect(changed.map(([table]) => table)).toEqual(['approvals']);
    await base.admin('drop policy leak on approvals');
  });

  test('can not see, change, remove or make a row of the other by any statement on any table', async () => {
    const client = new pg.Client({ connectionString: base.url });
    client.on('error', () => undefined); // after a failed expectation the database goes away under it
    await client.connect();
    /** How many rows it touched, or the state it was refused with. */
    const attempt = async (text: string, values: readonly unknown[]): Promise<string> => {
      await client.query('begin');
      await client.query("select set_config('sallyport.tenant', $1, true)", [ours]);
      const done = client.query(text, [...values]).then(
        ({ rowCount }) => `${rowCount} rows`,
        (error: { code: string }) => error.code,
      );
      return done.finally(() => client.query('rollback'));
    };
    const before = await digestRows(base, theirs);
    for (const table of await tenantTables(base)) {
      const row = JSON.stringify({ tenant: theirs, ...seed[table]?.[0] });
      const insert = `insert into ${table} select * from json_populate_record(null::${table}, $1)`;
      const said = {
        select: await attempt(`select * from ${table} where tenant = $1`, [theirs]),
        update: await attempt(`update ${table} set tenant = tenant where tenant = $1`, [theirs]),
        remove: await attempt(`delete from ${table} where tenant = $1`, [theirs]),
        insert: await attempt(
          table === 'event_inbox' || table === 'approval_decisions' ? insert.replace(' select', ' overriding system value select') : insert,
          [row],
        ),
        give: await attempt(`update ${table} set tenant = $1`, [theirs]),
      };
      const refusedOr = (nothing: string): unknown => expect.stringMatching(new RegExp(`^(${nothing}|42501)$`));
      expect({ table, ...said }).toEqual({
        table,
        select: refusedOr('0 rows'),
        update: refusedOr('0 rows'),
        remove: refusedOr('0 rows'),
        insert: refusedOr('never'),
        give: refusedOr('never'),
      });
    }
    await client.end();
    expect(await digestRows(base, theirs)).toEqual(before);
  });
});
