// The sweep as operators run it: the whole product on planted people and secrets, everything it wrote and sent searched. In the same run a few
// values are left where none may be, so that what it says of the rest can be believed.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { sweep } from './sweep/sweep.ts';

it('finds planted people and secrets nowhere but where policy says, and finds what is left elsewhere [W4]', async () => {
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
