// Who stands behind the keyed reference of a customer, read from what is still held of them: nothing that was erased can be named.

import { isObject, type JsonValue, type TenantId, type Tx } from '#core';
import type { Database } from '#storage';
import type { PlaceName } from '../rights/places.ts';
import type { SubjectIndex } from '../rights/subject-index.ts';
import { itemsOfOwners } from '../store/breaches.ts';
import type { NamedPerson } from './breaches.ts';

export interface NamesDeps {
  readonly db: Pick<Database, 'inTenant'>;
  readonly index: Pick<SubjectIndex, 'places'>;
  blindIndex(tx: Tx, tenant: TenantId, kind: string, text: string): Promise<string>;
}

const MAX_ADDRESSES = 5;

export async function customersBehind(
  { db, index, blindIndex }: NamesDeps,
  tenant: TenantId,
  people: readonly string[],
): Promise<ReadonlyMap<string, NamedPerson>> {
  return db.inTenant(tenant, async (tx) => {
    const names = new Map<string, { customer: string; addresses: Set<string> }>();
    const items = Map.groupBy(await itemsOfOwners(tx, tenant, people), ({ place }) => place);
    const wanted = new Set(people);
    for (const [place, rows] of items) {
      const refs = [...new Set(rows.map(({ ref }) => ref))];
      for (const held of (await index.places.get(place as PlaceName)?.open(tx, tenant, refs)) ?? [])
        for (const { owner, content, isRecord } of held.parts) {
          if (owner === null) continue;
          const person = await blindIndex(tx, tenant, 'subject', owner);
          if (!wanted.has(person)) continue;
          const known = names.get(person) ?? { customer: owner, addresses: new Set() };
          names.set(person, known);
          if (isRecord) for (const address of addressesOf(content)) if (known.addresses.size < MAX_ADDRESSES) known.addresses.add(address);
        }
    }
    return new Map([...names].map(([person, { customer, addresses }]) => [person, { customer, addresses: [...addresses].sort() }]));
  });
}

/** E-mail addresses that a record about somebody says are theirs. */
function addressesOf(content: JsonValue): readonly string[] {
  if (!Array.isArray(content)) return [];
  return content.flatMap((one) => (isObject(one) && one.type === 'EMAIL' && typeof one.value === 'string' ? [one.value] : []));
}
