// The sweep as operators run it: the whole product on planted people and secrets, everything it wrote and sent searched. In the same run a few
// values are left where none may be, so that what it says of the rest can be believed.

import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import pg from 'pg';
import { expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../../../testkit/test-server.ts';
import { foldersOf } from './folders.ts';
import { loadConfig } from './load-config.ts';
import { selfScan } from './sweep/self-scan.ts';
import { sweep } from './sweep/sweep.ts';

it('[A1] finds planted people and secrets nowhere but where policy says, and finds what is left elsewhere', async () => {
  const report = await sweep({
    progress: () => {},
    leak: (canaries, { folder, log }) => {
      log(`{"level":30,"event":"call","customer":"${canaries.mailbox.toUpperCase()}zz@example.com"}\n`);
      const state = (name: string, bytes: Uint8Array | string): void => writeFileSync(join(folder, 'data/state', name), bytes);
      state('a', Buffer.from(`xx{"token":"${canaries.shopToken}"}`).toString('base64'));
      state('b', Buffer.from(`… ${canaries.street} 7`, 'utf16le'));
      state('c', `q=${encodeURIComponent(canaries.phone)}`);
      state('d', [...canaries.iban].reverse().join(''));
      // What no search of bytes can see stays unseen; the docs say so.
      state('e', gzipSync(canaries.card));
    },
  });
  const found = report.found.filter(({ form }) => form !== 'UTF-16, big-endian');
  expect(found.map(({ place, value, form }) => `${value} (${form}) in ${place}`).sort()).toEqual([
    'bank account of a customer (backwards) in data folder/state/d',
    'e-mail address of a customer (as it is) in log of the server',
    'phone number of a customer (percent-encoded) in data folder/state/c',
    'street of a customer (UTF-16) in data folder/state/b',
    'token of the shop (base64) in data folder/state/a',
  ]);
  expect([report.unread, report.blind, report.ok]).toEqual([[], [], false]);

  // It looked everywhere, and the product did what it is for: values came to the shop and back to the caller.
  const searched = new Map(report.searched.map(({ place, bytes }) => [place, bytes]));
  for (const place of [
    'model provider',
    'shop',
    'log of the server',
    'console',
    'table',
    'data folder',
    'write-ahead log',
    'secrets folder',
    'backups folder',
    'answers to callers',
    'refusals and errors of the gateway',
    'refusals and errors of the control plane',
  ])
    expect([place, (searched.get(place) ?? 0) > 100]).toEqual([place, true]);
  const allowed = Object.fromEntries(report.allowed.map(({ place, values }) => [place, [...values].sort()]));
  expect(allowed['answers to callers']).toEqual(expect.arrayContaining(['e-mail address of a customer', 'last name of a customer']));
  expect(allowed['shop: bodies of requests']).toEqual(expect.arrayContaining(['e-mail address of a customer']));
  expect(allowed['shop: headers of requests']).toEqual(['token of the shop']);
  expect(allowed['model provider: headers of requests']).toEqual(['key of the model’s provider']);
});

it('[A1] secrets scan --self finds a credential of the vault where it must not be, by name, and no value leaves it', async () => {
  const test = await startTestServer({ allowPrivate: [] });
  try {
    const secret = `sk-${randomBytes(24).toString('hex')}`;
    const made = await test.owner('PUT', '/api/integrations/gpt', {
      kind: 'model',
      baseUrl: 'https://model.example.com/v1',
      models: ['m'],
      credential: { header: 'authorization', prefix: 'Bearer ', secret },
    });
    expect(made.status).toBe(200);
    const config = loadConfig({
      flags: { '--data-dir': `${test.folder}/data`, '--secrets-dir': `${test.folder}/secrets` },
      env: {},
      file: null,
    });
    const folders = foldersOf(config, { isRoot: process.getuid?.() === 0, home: test.folder });

    const clean = await selfScan(config, folders, []);
    expect([clean.ok, clean.credentials, clean.found, clean.unread]).toEqual([true, 2, [], []]);
    expect(clean.allowed).toEqual([
      { place: 'secrets folder/cli-credential.json', value: 'token of the command line', why: expect.stringContaining('own file') },
    ]);
    const searched = Object.fromEntries(clean.searched.map(({ place, bytes }) => [place, bytes > 100]));
    expect(searched).toMatchObject({ table: true, 'data folder': true, 'write-ahead log': true, 'secrets folder': true });

    // The same secret in a table, in a file of the data folder, and in a log that is named.
    writeFileSync(join(test.folder, 'data/state/left'), Buffer.from(`Bearer ${secret}`).toString('base64'));
    writeFileSync(join(test.folder, 'server.log'), `{"authorization":"Bearer ${secret.toUpperCase()}"}\n`);
    await tellEverybody(test, secret);
    const dirty = await selfScan(config, folders, [join(test.folder, 'server.log'), join(test.folder, 'nowhere')]);
    const places = dirty.found.map(({ place }) => place);
    expect(dirty.found.every(({ value }) => /^credential \S+ of ten_/.test(value))).toBe(true);
    expect(places).toEqual(expect.arrayContaining(['table public.planted', 'data folder/state/left', join(test.folder, 'server.log')]));
    expect(places.some((place) => place.includes('/pg_wal/'))).toBe(true);
    expect([dirty.ok, dirty.unread]).toEqual([false, [join(test.folder, 'nowhere')]]);
    expect(JSON.stringify(dirty)).not.toContain(secret);
  } finally {
    await test.close();
  }
});

/** What a careless change would do: a secret in a column. */
async function tellEverybody({ server }: TestServer, secret: string): Promise<void> {
  const client = new pg.Client({ connectionString: server.database.adminUrl });
  await client.connect();
  await client.query('create table public.planted (what text)');
  await client.query('insert into public.planted values ($1)', [secret]);
  await client.end();
}
