// Gives every actor of a batch its pseudonym. A link is sealed in a transaction of its own tenant before the batch is taken, because the
// sequencer's role may not see a tenant's keys. INVARIANT: the rows are looked at in every batch, so an erased link is never used again.

import type { Random, TenantId, Tx } from '#core';
import type { Database } from '#storage';
import type { ActorCipher } from './actor-cipher.ts';
import { PSEUDONYM_BYTES, pseudonymFrom } from './leaf.ts';
import { type ClearRow, findClear, findLinks, insertLinks, type LinkRow, moveLinks, someClear } from './store/actor-links.ts';
import type { InboxEvent } from './store/take-inbox.ts';

/** Stops a batch whose actors were never seen: their links must be sealed first. The batch is taken again. */
export class UnknownActors extends Error {
  readonly actors: readonly ActorKey[];
  /** Events of the stopped batch: no more are taken the next time, or those that arrive meanwhile would bring new actors for ever. */
  readonly events: number;
  constructor(actors: readonly ActorKey[], events: number) {
    super('some actors have no pseudonym yet');
    this.actors = actors;
    this.events = events;
  }
}

interface ActorKey {
  readonly tenant: TenantId;
  readonly actor: string;
  readonly index: string;
}

export interface Pseudonyms {
  /** The pseudonym of each event's actor. Throws UnknownActors when one must be made first. */
  assign(tx: Tx, events: readonly InboxEvent[]): Promise<(event: InboxEvent) => string>;
  /** Makes and seals links for the batch that is taken again. */
  prepare(actors: readonly ActorKey[]): Promise<void>;
  /** The batch is done, or given up: what was prepared for it serves no other one. */
  endBatch(): void;
  /** Moves some links that an earlier version kept in clear; false when there was none. */
  moveClear(): Promise<boolean>;
}

export interface PseudonymDeps {
  readonly db: Pick<Database, 'asSystem' | 'inTenant'>;
  readonly actors: ActorCipher;
  readonly random: Random;
}

/** Tenants whose links are sealed at the same time: a few connections, never the whole pool. */
const TENANTS_AT_ONCE = 3;
const CLEAR_ROWS = 200;

const placeOf = (key: { readonly tenant: string; readonly index: string }): string => `${key.tenant} ${key.index}`;

export function createPseudonyms({ db, actors, random }: PseudonymDeps): Pseudonyms {
  /** Links sealed for the batch under way. */
  const prepared = new Map<string, LinkRow & { readonly wasClear: boolean }>();

  function keysOf(events: readonly InboxEvent[]): ReadonlyMap<string, ActorKey> {
    const keys = new Map<string, ActorKey>();
    for (const { tenant, actor } of events) {
      const place = `${tenant} ${actor}`;
      if (!keys.has(place)) keys.set(place, { tenant, actor, index: actors.index(tenant, actor) });
    }
    return keys;
  }

  async function sealLinks(tenant: TenantId, rows: readonly (ClearRow & { readonly index: string })[]): Promise<readonly LinkRow[]> {
    return db.inTenant(tenant, async (tx) => {
      const links: LinkRow[] = [];
      for (const { actor, pseudonym, index } of rows) {
        links.push({ tenant, index, pseudonym, sealed: await actors.seal(tx, tenant, { pseudonym, actor }) });
      }
      return links;
    });
  }

  async function sealAll(rows: readonly (ClearRow & { readonly index: string })[]): Promise<readonly LinkRow[]> {
    const tenants = [...Map.groupBy(rows, ({ tenant }) => tenant)];
    const links: LinkRow[] = [];
    const work = async (): Promise<void> => {
      for (let next = tenants.pop(); next !== undefined; next = tenants.pop()) links.push(...(await sealLinks(next[0], next[1])));
    };
    await Promise.all(Array.from({ length: TENANTS_AT_ONCE }, work));
    return links;
  }

  return {
    async assign(tx, events) {
      const keys = keysOf(events);
      const known = new Map(await findLinks(tx, [...keys.values()]));
      const fresh = [...keys.values()].filter((key) => !known.has(placeOf(key)));
      const unknown = fresh.filter((key) => !prepared.has(placeOf(key)));
      if (unknown.length > 0) throw new UnknownActors(unknown, events.length);
      const links = fresh.flatMap((key) => prepared.get(placeOf(key)) ?? []);
      const old = links.filter(({ wasClear }) => wasClear);
      const moved = await moveLinks(tx, old);
      if (moved.size < old.length) {
        // Erased or moved by another process since they were prepared.
        const lost = fresh.filter((key) => !moved.has(prepared.get(placeOf(key))?.pseudonym ?? ''));
        for (const key of lost) prepared.delete(placeOf(key));
        throw new UnknownActors(lost, events.length);
      }
      await insertLinks(
        tx,
        links.filter(({ wasClear }) => !wasClear),
      );
      for (const link of links) known.set(placeOf(link), link.pseudonym);
      return ({ tenant, actor }) => known.get(placeOf(keys.get(`${tenant} ${actor}`) as ActorKey)) as string;
    },
    async prepare(wanted) {
      const clear = await db.asSystem('sequencer', (tx) => findClear(tx, wanted));
      const before = new Map(clear.map((row) => [`${row.tenant} ${row.actor}`, row.pseudonym]));
      const rows = wanted.map((key) => {
        const pseudonym = before.get(`${key.tenant} ${key.actor}`) ?? pseudonymFrom(random.bytes(PSEUDONYM_BYTES));
        return { ...key, pseudonym };
      });
      const clearPseudonyms = new Set(before.values());
      for (const link of await sealAll(rows)) prepared.set(placeOf(link), { ...link, wasClear: clearPseudonyms.has(link.pseudonym) });
    },
    endBatch: () => prepared.clear(),
    async moveClear() {
      const clear = await db.asSystem('sequencer', (tx) => someClear(tx, CLEAR_ROWS));
      if (clear.length === 0) return false;
      const links = await sealAll(clear.map((row) => ({ ...row, index: actors.index(row.tenant, row.actor) })));
      await db.asSystem('sequencer', (tx) => moveLinks(tx, links));
      return true;
    },
  };
}
