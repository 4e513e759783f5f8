import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { newEvent, newTenant, seededRandom, startTcpProxy, temporaryFolder, testEvents } from '@sallyport/testkit';
import pg from 'pg';
import { expect, test } from 'vitest';
import type { NewEvent } from '#core';
import { createDatabase, createEventWriter, migrate, migrations, startPostgres } from './index.ts';

const ROUNDS = 10;

test('no acknowledged event is lost and none is written twice when the database is killed again and again', async () => {
  const random = seededRandom();
  const tenant = newTenant(random);
  const folder = await temporaryFolder('sallyport kill ');
  const strong = { bytes: (count: number) => randomBytes(count) };
  const place = { dataDir: join(folder.path, 'postgres'), stateDir: join(folder.path, 'state') };
  const start = () => startPostgres({ ...place, host: process, log: () => undefined, random: strong });
  let server = await start();
  await migrate({ adminUrl: server.adminUrl, migrations });
  // A restart takes another port when somebody else has its own meanwhile: the relay stays where it is.
  const portOf = ({ url }: { url: string }) => Number(new URL(url).port);
  const target = { host: new URL(server.url).hostname, port: portOf(server) };
  const relay = await startTcpProxy(target);
  const url = new URL(server.url);
  url.port = String(relay.port);
  const db = createDatabase({ url: url.href, poolSize: 4, events: testEvents, onFault: () => undefined });
  const writer = createEventWriter(db);
  const acknowledged = new Set<string>();
  const rejected: NewEvent[] = [];

  for (let round = 0; round < ROUNDS; round += 1) {
    const before = acknowledged.size;
    const killAt = before + 50 + random.below(400);
    const victim = server.pid as number;
    let isKilled = false;
    const callers = Array.from({ length: 16 }, async () => {
      while (!isKilled) {
        const event = newEvent(random, tenant);
        try {
          await writer.append(event);
          acknowledged.add(event.id);
        } catch {
          rejected.push(event);
        }
        if (acknowledged.size >= killAt && !isKilled) {
          isKilled = true;
          process.kill(victim, 'SIGKILL');
        }
      }
    });
    await Promise.all(callers);
    await server.stop();
    server = await start();
    target.port = portOf(server);
  }
  // Of a rejected event nobody knows whether it was kept, so its caller may send it again.
  await Promise.all(rejected.map((event) => writer.append(event)));
  for (const event of rejected) acknowledged.add(event.id);
  await writer.close();
  await db.close();
  await relay.close();

  const client = new pg.Client({ connectionString: server.adminUrl });
  await client.connect();
  const { rows } = await client.query<{ event_id: string }>('select event_id from event_inbox');
  await client.end();
  await server.stop();
  await folder.remove();
  const kept = new Set(rows.map((row) => row.event_id));
  expect(rows).toHaveLength(kept.size);
  expect([...acknowledged].filter((id) => !kept.has(id))).toEqual([]);
  console.log(`${ROUNDS} kills, ${acknowledged.size} acknowledged, ${rejected.length} rejected and sent again, ${kept.size} kept`);
});
