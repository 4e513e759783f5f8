// Erases what a shop that left us has of its customers, for a verified request.
// INVARIANTS: nothing goes while anything of the tenant is held; whoever has something in use is still a customer, and stays.

import type { PrivacyRequestId, Refusal, TenantId, Tx } from '#core';
import { refusal } from '../errors.ts';
import { anonymiseRequests, findRequest } from '../store/requests.ts';
import { countItems, dropItems, endedItems, findSubjects, identifiersOf } from '../store/subjects.ts';
import { closeWith, type EraseDeps, type Eraser, type ErasureDone, type ErasureReceipt } from './erase.ts';
import type { Place, PlaceName } from './places.ts';
import { requestKey } from './requests.ts';

/** Things of a place that one erasure takes in one transaction. */
const BATCH = 200;
/** Tokens stand for values until a day that was set for them; with the shop their purpose ended. */
const FAR_MS = Date.UTC(9999, 0, 1);

/** Whose things these are, with the keyed hashes they are known by, their own first; staff are no customers. */
async function noteCustomers(
  { index }: EraseDeps,
  tx: Tx,
  of: { tenant: TenantId; place: Place; refs: readonly string[]; customers: Map<string, Set<string>> },
): Promise<void> {
  for (const { parts } of await of.place.open(tx, of.tenant, of.refs))
    for (const { owner } of parts) {
      if (owner === null || owner.startsWith('person:')) continue;
      const blind = await index.blindOf(tx, of.tenant, { kind: 'customer', value: owner, text: owner });
      const names = of.customers.get(owner) ?? new Set([blind]);
      for (const one of await identifiersOf(tx, of.tenant, blind)) names.add(one.blind);
      of.customers.set(owner, names);
    }
}

/** A shop that left: everything of its customers that is not in use or held goes. */
export async function eraseShop(deps: EraseDeps, person: Eraser, id: PrivacyRequestId): Promise<ErasureDone | Refusal> {
  const { tenant } = person;
  const shown = await deps.requests.show(tenant, id);
  if (shown === null) return refusal('GOVERNANCE_REQUEST_UNKNOWN');
  const { row } = shown;
  if (row.kind !== 'shop' || row.state !== 'verified') return refusal('GOVERNANCE_REQUEST_STATE', { state: row.state, kind: row.kind });
  await deps.stopArrivals(tenant);
  await deps.index.catchUp(tenant, { full: true });
  const atMs = deps.clock.now();
  return deps.db.inTenant(tenant, async (tx) => {
    // Of two who erase for one request the second finds it done.
    const held = await findRequest(tx, tenant, id, 'hold');
    if (held?.state !== 'verified') return refusal('GOVERNANCE_REQUEST_STATE', { state: held?.state ?? '', kind: row.kind });
    const active = await deps.holds.active(tx, tenant);
    if (active.count > 0) return refusal('GOVERNANCE_SUBJECT_HELD', { request: id, holds: active.count });
    const ids: string[] = [];
    const items: Record<string, number> = {};
    const customers = new Map<string, Set<string>>();
    const places = [...deps.index.places].filter(([name]) => name !== 'canary');
    for (const [name, place] of places) {
      for (;;) {
        const refs = (
          await endedItems(tx, tenant, { place: name as PlaceName, beforeMs: name === 'tokens' ? FAR_MS : atMs, limit: BATCH })
        ).map(({ ref }) => ref);
        if (refs.length === 0) break;
        await noteCustomers(deps, tx, { tenant, place, refs, customers });
        ids.push(...(await place.erase(tx, tenant, refs, null)));
        await dropItems(tx, tenant, name, refs);
        items[name] = (items[name] ?? 0) + refs.length;
      }
    }
    const core = { keys: 0, payloads: 0 };
    for (const [customer, names] of customers) {
      const [blind = ''] = names;
      // Whoever has something in use is still a customer.
      if ((await findSubjects(tx, tenant, 'customer', [blind])).length > 0) continue;
      const one = await deps.erasePerson(tx, { tenant, customer, actor: person.person });
      core.keys += one.keys;
      core.payloads += one.payloads;
      const theirs = await anonymiseRequests(tx, tenant, [...names]);
      await deps.vault.eraseSubjects(tx, { tenant, subjects: theirs.map(requestKey) });
    }
    const receipt: ErasureReceipt = {
      v: 1,
      request: id,
      tenant,
      receivedAt: row.receivedAt.toISOString(),
      verifiedAt: (row.verifiedAt ?? row.receivedAt).toISOString(),
      verifiedHow: row.verifiedHow ?? '',
      erasedAt: new Date(atMs).toISOString(),
      items,
      keys: ids.length + core.keys,
      keysDigest: deps.digest.sha256(ids.sort().join('\n')),
      payloads: core.payloads,
      remaining: await countItems(
        tx,
        tenant,
        places.map(([name]) => name),
      ),
      vendors: [],
      calls: [],
    };
    const digest = await closeWith(deps, tx, { person, id, receipt, type: 'governance.person.erased' });
    return { receipt, digest };
  });
}
