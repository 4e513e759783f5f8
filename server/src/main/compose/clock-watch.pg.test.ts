// A clock that is set back is told in the log and in the ledger: at the start, against the newest entry, and while the server runs.

import { newTenant, seededRandom, type TestDatabase, testDatabase } from '@sallyport/testkit';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createDatabase, createEventWriter, type Database, type EventWriter } from '#storage';
import type { LogFields } from '../logger.ts';
import { createSteadyClock } from '../steady-clock.ts';
import { watchClock } from './clock-watch.ts';
import { allMigrations } from './database.ts';
import { allEvents } from './event-catalogue.ts';

const START = 1_800_000_000_000;
const tenant = newTenant(seededRandom());
let base: TestDatabase;
let database: Database;
let events: EventWriter;

beforeEach(async () => {
  base = await testDatabase(allMigrations);
  database = createDatabase({ url: base.url, poolSize: 2, events: allEvents, onFault: () => undefined });
  events = createEventWriter(database);
});
afterEach(async () => {
  await events.close();
  await database.close();
  await base.close();
});

const written = () =>
  base.admin<{ facts: object }>("select public::jsonb as facts from event_inbox where type = 'audit.clock.jumped' order by sequence");

it('is told at the start when the newest entry of the ledger is later, and at every jump after it', async () => {
  const machine = { wall: START, monotonic: 0 };
  const clock = createSteadyClock(
    () => machine.wall,
    () => machine.monotonic,
  );
  const logged: LogFields[] = [];
  const logger = { info: () => undefined, warn: () => undefined, error: (fields: LogFields) => logged.push(fields) };
  await base.admin(`insert into audit_checkpoint (epoch, size, note, signed_at) values (1, 1, 'x', to_timestamp(${START / 1000 + 3600}))`);
  const watch = await watchClock({ clock, database, events, tenant, logger });
  machine.wall -= 7_200_000;
  machine.monotonic += 1_000;
  clock.now();
  await watch.stop();
  expect(logged.map(({ code, durationMs }) => [code, durationMs])).toEqual([
    ['MAIN_CLOCK_SET_BACK', -3_600_000],
    ['MAIN_CLOCK_SET_BACK', -7_201_000],
  ]);
  expect((await written()).map(({ facts }) => facts)).toEqual([
    { seen: 'start', byMs: -3_600_000, newest: new Date(START + 3_600_000).toISOString() },
    { seen: 'running', byMs: -7_201_000, newest: null },
  ]);
});

it('is not spoken of when the ledger is empty or its newest entry is a moment ahead, as on two machines', async () => {
  const clock = createSteadyClock(
    () => START,
    () => 0,
  );
  const deps = { clock, database, events, tenant, logger: { info: () => undefined, warn: () => undefined, error: () => undefined } };
  await (await watchClock(deps)).stop();
  await base.admin(`insert into audit_checkpoint (epoch, size, note, signed_at) values (1, 1, 'x', to_timestamp(${START / 1000 + 3}))`);
  await (await watchClock(deps)).stop();
  expect(await written()).toEqual([]);
});
