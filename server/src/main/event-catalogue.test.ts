import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findCatalogues } from '@sallyport/testkit';
import { expect, test } from 'vitest';
import { compileCatalogue } from '#core';
import { allEvents, eventsByRoom } from './compose/event-catalogue.ts';

const ROOMS = join(import.meta.dirname, '..');
const SOURCES = readdirSync(ROOMS, { recursive: true, encoding: 'utf8' }).filter(
  (path) => path.endsWith('.ts') && !path.endsWith('.test.ts') && !path.endsWith('events.ts') && !/(^|\/)(test|migrations)\//.test(path),
);

test('the catalogue of every room that has one is in the server’s', async () => {
  expect(eventsByRoom).toEqual(await findCatalogues());
});

test('the example of every event may be written', () => {
  const check = compileCatalogue(allEvents);
  expect(allEvents.length).toBeGreaterThan(50);
  for (const { type, example } of allEvents) {
    expect([type, check({ type, actor: 'system:test', subject: 'call:test', public: example })]).toEqual([type, null]);
  }
});

test('every type that a source names is in the catalogue', () => {
  const known = new Set(allEvents.map(({ type }) => type));
  const rooms = Object.keys(eventsByRoom).join('|');
  // With a timestamp it is a message to a webhook, which has types of its own.
  const literal = new RegExp(`\\btype: ['"\`]((?:${rooms})\\.[a-z_]+\\.[a-z_]+)['"\`](?!, timestamp)`, 'g');
  const named = SOURCES.flatMap((path) => [...readFileSync(join(ROOMS, path), 'utf8').matchAll(literal)].map(([, type]) => type as string));
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((type) => !known.has(type))).toEqual([]);
});
