// Who stands behind a pseudonym, and under which pseudonyms somebody stands, for as long as the link was not erased.

import type { TenantId, Tx } from '#core';
import { type ActorCipher, namesOf } from './actor-cipher.ts';
import { deleteLinks, linksOf, pseudonymsAt } from './store/actor-links.ts';

export interface ActorLinks {
  pseudonymsOf(tx: Tx, tenant: TenantId, actor: string): Promise<readonly string[]>;
  actorsBehind(tx: Tx, tenant: TenantId, pseudonyms: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** True when there was a link. Holds from the next event on: the sequencer looks at the rows of every batch. */
  forget(tx: Tx, tenant: TenantId, actor: string): Promise<boolean>;
}

export function createActorLinks(cipher: ActorCipher): ActorLinks {
  const placesOf = (tenant: TenantId, actor: string) => {
    const names = namesOf(actor);
    return { names, indexes: names.map((name) => cipher.index(tenant, name)) };
  };
  return {
    pseudonymsOf: (tx, tenant, actor) => pseudonymsAt(tx, tenant, placesOf(tenant, actor)),
    async actorsBehind(tx, tenant, pseudonyms) {
      if (pseudonyms.length === 0) return new Map();
      const { sealed, clear } = await linksOf(tx, tenant, pseudonyms);
      const opened = await cipher.open(tx, tenant, sealed);
      return new Map([...clear.map((row) => [row.pseudonym, row.actor] as const), ...opened]);
    },
    forget: (tx, tenant, actor) => deleteLinks(tx, tenant, placesOf(tenant, actor)),
  };
}
