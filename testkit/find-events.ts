// Finds the event catalogues of every room on disk, so that a test's database takes what the server's takes, and nothing else.

import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type EventCatalogue, type Fact, fact, joinCatalogues } from '../server/src/core/index.ts';
import { testEvents } from './events.ts';

const ROOMS = resolve(import.meta.dirname, '..', 'server', 'src');

/** The catalogue of each room that has one, by the name of its folder. */
export async function findCatalogues(): Promise<Readonly<Record<string, EventCatalogue>>> {
  const found: Record<string, EventCatalogue> = {};
  for (const room of (await readdir(ROOMS)).sort()) {
    const files = await readdir(join(ROOMS, room)).catch(() => [] as string[]);
    if (!files.includes('events.ts')) continue;
    const module = (await import(pathToFileURL(join(ROOMS, room, 'events.ts')).href)) as Record<string, EventCatalogue>;
    const catalogue = module[`${room}Events`];
    if (catalogue === undefined) throw new Error(`${room}/events.ts must export ${room}Events`);
    found[room] = catalogue;
  }
  return found;
}

/** The events of the product, as one catalogue. */
export async function findEvents(): Promise<EventCatalogue> {
  return joinCatalogues(await findCatalogues());
}

/** What a test's database lets into its log: the events of the product, and those that tests make. */
export async function testCatalogue(): Promise<EventCatalogue> {
  return [...(await findEvents()), ...testEvents];
}

/** The same types with every fact left to the test, and a `note`: for tests of the log, which tell of a call only what they ask about. */
export function partialEvents(catalogue: EventCatalogue): EventCatalogue {
  const loose = (of: Fact): Fact => (of.kind === 'optional' ? of : fact.optional(of));
  return catalogue.map((type) => ({
    ...type,
    facts: { note: fact.optional(fact.name), ...Object.fromEntries(Object.entries(type.facts).map(([name, of]) => [name, loose(of)])) },
  }));
}
