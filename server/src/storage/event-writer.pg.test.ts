import { newEvent, newTenant, seededRandom, type TestDatabase, testDatabase } from '@sallyport/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { insertEvents } from './append-events.ts';
import type { CheckedEvent } from './check-event.ts';
import { createDatabase, type Database } from './database.ts';
import { storageFault } from './errors.ts';
import { appendEvents, createEventWriter, migrations } from './index.ts';

const random = seededRandom();
const alpha = newTenant(random);
const beta = newTenant(random);
let base: TestDatabase;

beforeAll(async () => {
  base = await testDatabase(migrations);
});
beforeEach(async () => {
  await base.admin('truncate event_inbox');
});
afterAll(() => base.close());

const written = async () =>
  (await base.admin<{ event_id: string }>('select event_id from event_inbox order by sequence')).map((row) => row.event_id);
const count = async () => (await written()).length;

describe('appendEvents', () => {
  test('an event that no room declares, or with a fact its type does not have, is never written', async () => {
    const foreign = [
      [newEvent(random, alpha, { type: 'storage.test.invented' }), 'STORAGE_EVENT_UNKNOWN'],
      [newEvent(random, alpha, { type: 'Ana Garcia' }), 'STORAGE_EVENT_UNKNOWN'],
      [newEvent(random, alpha, { public: { email: 'ana@example.com' } }), 'STORAGE_EVENT_MALFORMED'],
      [newEvent(random, alpha, { public: { name: 'Ana Garcia' } }), 'STORAGE_EVENT_MALFORMED'],
      [newEvent(random, alpha, { subject: 'Ana Garcia' }), 'STORAGE_EVENT_MALFORMED'],
    ] as const;
    const writer = createEventWriter(base.db);
    for (const [event, code] of foreign) {
      const said = await base.db.inTenant(alpha, (tx) => appendEvents(tx, [newEvent(random, alpha), event])).catch((fault) => fault);
      expect(said).toMatchObject({ code });
      expect(said.message).not.toMatch(/Ana|example\.com/);
      await expect(writer.append(event)).rejects.toMatchObject({ code });
      await expect(writer.appendSoon(event)).rejects.toMatchObject({ code });
    }
    await writer.append(newEvent(random, alpha));
    await writer.close();
    expect(await written()).toHaveLength(1);
  });

  test('a database that was opened without a catalogue takes no event at all', async () => {
    const bare = createDatabase({ url: base.url, poolSize: 1, onFault: () => undefined });
    const code = 'STORAGE_EVENT_UNKNOWN';
    await expect(bare.inTenant(alpha, (tx) => appendEvents(tx, [newEvent(random, alpha)]))).rejects.toMatchObject({ code });
    await expect(createEventWriter(bare).append(newEvent(random, alpha))).rejects.toMatchObject({ code });
    await bare.close();
    expect(await written()).toEqual([]);
  });

  test('keeps every field as given', async () => {
    const event = newEvent(random, alpha, {
      public: { 'ключ "': ['\u0000', 1.5, null, { deep: true }] },
      sealed: Uint8Array.of(0, 255, 7),
    });
    // Past the catalogue on purpose: what the insert does to any text is asked here.
    await base.db.runAlone('writer', insertEvents([event as CheckedEvent]));
    const [row] = await base.admin('select * from event_inbox');
    expect(row).toMatchObject({
      tenant: alpha,
      event_id: event.id,
      type: event.type,
      actor: event.actor,
      subject: event.subject,
      public: event.public,
    });
    expect(row?.occurred_at).toEqual(new Date(event.occurredAtMs));
    expect(new Uint8Array(row?.sealed as Buffer)).toEqual(event.sealed);
  });

  test('writes an event id once, whether repeated in one call or in another transaction', async () => {
    const event = newEvent(random, alpha);
    await base.db.inTenant(alpha, (tx) => appendEvents(tx, [event, event]));
    await base.db.inTenant(alpha, (tx) => appendEvents(tx, [{ ...event, type: 'storage.test.changed' }]));
    expect(await base.admin('select type from event_inbox')).toEqual([{ type: event.type }]);
  });

  test('stands and falls with the transaction of the caller', async () => {
    const failing = base.db.inTenant(alpha, async (tx) => {
      await appendEvents(tx, [newEvent(random, alpha)]);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await count()).toBe(0);
  });

  test('refuses an event of another tenant', async () => {
    const foreign = base.db.inTenant(alpha, (tx) => appendEvents(tx, [newEvent(random, alpha), newEvent(random, beta)]));
    await expect(foreign).rejects.toMatchObject({ code: 'STORAGE_NOT_ALLOWED' });
    expect(await count()).toBe(0);
  });

  test('keeps the order within a transaction, and lets a tenant read but not change its events', async () => {
    const events = Array.from({ length: 50 }, () => newEvent(random, alpha));
    await base.db.inTenant(alpha, (tx) => appendEvents(tx, events));
    expect(await written()).toEqual(events.map((event) => event.id));
    const { query } = await import('./transaction.ts');
    interface Tables {
      event_inbox: { tenant: string; type: string };
    }
    const change = base.db.inTenant(alpha, (tx) => query<Tables>(tx).updateTable('event_inbox').set({ type: 'x' }).execute());
    await expect(change).rejects.toThrow(/42501/);
    const remove = base.db.inTenant(alpha, (tx) => query<Tables>(tx).deleteFrom('event_inbox').execute());
    await expect(remove).rejects.toThrow(/42501/);
  });
});

describe('the event writer', () => {
  test('resolves only when the event is committed and visible to others', async () => {
    const writer = createEventWriter(base.db);
    const event = newEvent(random, alpha);
    await writer.append(event);
    expect(await written()).toEqual([event.id]);
    await writer.close();
  });

  test('shares commits between callers of all tenants and loses none, whatever the batch size', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 64 }),
        fc.integer({ min: 1, max: 3 }),
        async (events, maxBatch, maxInFlight) => {
          await base.admin('truncate event_inbox');
          const writer = createEventWriter(base.db, { maxBatch, maxInFlight });
          const all = Array.from({ length: events }, (_, index) => newEvent(random, index % 2 === 0 ? alpha : beta));
          await Promise.all(all.map((event) => writer.append(event)));
          expect((await written()).toSorted()).toEqual(all.map((event) => event.id).toSorted());
          const [commits] = await base.admin<{ n: number }>('select count(distinct xmin::text)::int as n from event_inbox');
          expect(commits?.n).toBeLessThanOrEqual(Math.ceil(events / maxBatch) + 1);
          await writer.close();
        },
      ),
      { numRuns: 15, seed: random.seed },
    );
  });

  test('an event nobody waits for leaves with the next one somebody waits for, in one commit', async () => {
    // A delay no test would sit through: only company can make it leave.
    const writer = createEventWriter(base.db, { maxDelayMs: 2_000_000 });
    const [quiet, urgent] = [newEvent(random, alpha), newEvent(random, beta)];
    const later = writer.appendSoon(quiet);
    await writer.append(urgent);
    await later;
    expect(await written()).toEqual([quiet.id, urgent.id]);
    expect(await base.admin('select count(distinct xmin::text)::int as n from event_inbox')).toEqual([{ n: 1 }]);
    await writer.close();
  });

  test('an event nobody waits for is written without company too, at the latest when the writer closes', async () => {
    const prompt = createEventWriter(base.db, { maxDelayMs: 1 });
    const first = newEvent(random, alpha);
    await prompt.appendSoon(first);
    await prompt.close();
    const patient = createEventWriter(base.db, { maxDelayMs: 2_000_000 });
    const second = newEvent(random, alpha);
    const later = patient.appendSoon(second);
    await patient.close();
    await later;
    expect(await written()).toEqual([first.id, second.id]);
  });

  test('while one commit is under way the next batch grows', async () => {
    let commit = (): void => undefined;
    const sizes: number[] = [];
    const writer = createEventWriter({
      checkEvent: base.db.checkEvent,
      runAlone: (_role, statement) => {
        sizes.push((JSON.parse(statement.values[0] as string) as unknown[]).length);
        return new Promise((resolve) => {
          commit = resolve;
        });
      },
    });
    const settled = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    const waited = [writer.append(newEvent(random, alpha))];
    await settled();
    for (let count = 0; count < 10; count += 1) {
      waited.push(writer.append(newEvent(random, alpha)));
      await settled();
    }
    expect(sizes).toEqual([1]);
    commit();
    await settled();
    expect(sizes).toEqual([1, 10]);
    commit();
    await Promise.all(waited);
    await writer.close();
  });

  test('an event the database refuses is rejected alone', async () => {
    const writer = createEventWriter(base.db);
    const good = [newEvent(random, alpha), newEvent(random, alpha)];
    const bad = newEvent(random, alpha, { occurredAtMs: 8.64e15 });
    const outcomes = await Promise.allSettled([good[0], bad, good[1]].map((event) => writer.append(event as typeof bad)));
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await written()).toEqual(good.map((event) => event.id));
    await writer.close();
  });

  test('rejects every event of a commit whose outcome is not certain', async () => {
    const { checkEvent } = base.db;
    const unsure: Pick<Database, 'runAlone' | 'checkEvent'> = {
      checkEvent,
      runAlone: () => Promise.reject(storageFault('STORAGE_COMMIT_UNKNOWN')),
    };
    const writer = createEventWriter(unsure);
    const outcomes = await Promise.allSettled([writer.append(newEvent(random, alpha)), writer.append(newEvent(random, beta))]);
    expect(outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason.code)).toEqual([
      'STORAGE_COMMIT_UNKNOWN',
      'STORAGE_COMMIT_UNKNOWN',
    ]);
    await writer.close();
  });

  test('refuses more than it may hold, and takes events again afterwards', async () => {
    const writer = createEventWriter(base.db, { maxWaiting: 3 });
    const taken = [1, 2, 3].map(() => writer.append(newEvent(random, alpha)));
    await expect(writer.append(newEvent(random, alpha))).rejects.toMatchObject({ code: 'STORAGE_WRITER_FULL', retryable: true });
    await Promise.all(taken);
    await writer.append(newEvent(random, alpha));
    expect(await count()).toBe(4);
    await writer.close();
  });

  test('closing writes what waits and refuses what comes later', async () => {
    const writer = createEventWriter(base.db, { maxBatch: 4, maxInFlight: 1 });
    const waiting = Array.from({ length: 30 }, () => writer.append(newEvent(random, alpha)));
    await writer.close();
    expect(await count()).toBe(30);
    await Promise.all(waiting);
    await expect(writer.append(newEvent(random, alpha))).rejects.toMatchObject({ code: 'STORAGE_CLOSED' });
  });

  test('can be used from inside a transaction without being part of it', async () => {
    const writer = createEventWriter(base.db);
    const event = newEvent(random, alpha);
    const failing = base.db.inTenant(alpha, async () => {
      await writer.append(event);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await written()).toEqual([event.id]);
    await writer.close();
  });
});
