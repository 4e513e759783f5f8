// Erases one person for a verified request: every place, the key of the person, links and payloads of the log; leaves tasks for whoever was
// sent their data, and a receipt whose digest stands in the log.
// INVARIANTS: a legal hold is looked at in the transaction that erases; the log keeps every leaf; what belongs to somebody else stays and is
// counted; the receipt names nobody.

import {
  type Clock,
  canonicalJson,
  type Digest,
  isRefusal,
  type JsonObject,
  makeEvent,
  newId,
  type PersonPrincipal,
  type PrivacyRequestId,
  type Random,
  type Refusal,
  type TenantId,
  type Tx,
} from '#core';
import { appendEvents, type Database } from '#storage';
import { refusal } from '../errors.ts';
import { anonymiseRequests, findRequest, insertTask, moveRequest } from '../store/requests.ts';
import { countItems, dropItems, endedItems, findSubjects, identifiersOf, readItems } from '../store/subjects.ts';
import { type Disclosure, type ExportDeps, exportPerson, historyOf } from './export.ts';
import type { Holds } from './holds.ts';
import type { Place, PlaceName } from './places.ts';
import { type Requests, requestKey } from './requests.ts';
import type { FoundPerson } from './subject-index.ts';

export interface EraseDeps extends ExportDeps {
  readonly db: Pick<Database, 'inTenant'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly digest: Digest;
  readonly requests: Requests;
  readonly holds: Holds;
  readonly vault: { eraseSubjects(tx: Tx, input: { tenant: TenantId; subjects: readonly string[] }): Promise<readonly string[]> };
  /** The person's key, payloads of events under it, the link to their pseudonym, and what stands beside. */
  erasePerson(tx: Tx, subject: { tenant: TenantId; customer: string; actor: string }): Promise<{ keys: number; payloads: number }>;
  /** The operation by which an integration deletes a customer, where its manifest declares one. */
  deleteOperation(tenant: TenantId, integration: string): string | null;
}

export interface ErasureReceipt {
  readonly v: 1;
  readonly request: PrivacyRequestId;
  readonly tenant: TenantId;
  readonly receivedAt: string;
  readonly verifiedAt: string;
  readonly verifiedHow: string;
  readonly erasedAt: string;
  /** How many things of which place. */
  readonly items: Readonly<Record<string, number>>;
  /** Keys that were destroyed, and the SHA-256 of their ids in order: the same ids stand in the journal that a restore replays. */
  readonly keys: number;
  readonly keysDigest: string;
  /** Payloads of events that were removed; every proof stays. */
  readonly payloads: number;
  /** Things of other people that mention an address, and things still in use: not erased. */
  readonly remaining: number;
  /** Who had received data, and must delete it too. */
  readonly vendors: readonly string[];
}

/** A vendor has as long as we have. */
const TASK_DUE_MS = 30 * 24 * 60 * 60_000;
/** Things of a place that one erasure of a whole shop takes in one transaction. */
const BATCH = 200;

export async function erasePerson(
  deps: EraseDeps,
  person: PersonPrincipal,
  id: PrivacyRequestId,
): Promise<{ readonly receipt: ErasureReceipt; readonly digest: string } | Refusal> {
  const { tenant } = person;
  const asked = await deps.db.inTenant(tenant, (tx) => deps.requests.actedOn(tx, tenant, id));
  if (isRefusal(asked)) return asked;
  if (asked.row.kind !== 'erase') return refusal('GOVERNANCE_REQUEST_STATE', { state: asked.row.state, kind: asked.row.kind });
  const found = await deps.index.find(tenant, asked.asked);
  if (isRefusal(found)) return found;
  const events = await historyOf(deps, tenant, found);
  return deps.db.inTenant(tenant, async (tx) => {
    // Held from here on: of two who erase for one request the second finds it done.
    const held = await deps.requests.actedOn(tx, tenant, id);
    if (isRefusal(held)) return held;
    if (await isHeld(deps, tx, tenant, found)) return refusal('GOVERNANCE_SUBJECT_HELD', { request: id });
    const atMs = deps.clock.now();
    const before = await exportPerson(deps, tx, { tenant, found, subject: '', events, madeAtMs: atMs });
    const counts = await eraseOwn(deps, tx, { tenant, found, actor: person.person });
    const vendors = await leaveTasks(deps, tx, { tenant, id, disclosures: before.disclosures, atMs });
    const receipt: ErasureReceipt = {
      v: 1,
      request: id,
      tenant,
      receivedAt: held.row.receivedAt.toISOString(),
      verifiedAt: (held.row.verifiedAt ?? held.row.receivedAt).toISOString(),
      verifiedHow: held.row.verifiedHow ?? '',
      erasedAt: new Date(atMs).toISOString(),
      items: counts.items,
      keys: counts.keys,
      keysDigest: deps.digest.sha256(counts.ids.join('\n')),
      payloads: counts.payloads,
      remaining: before.withheld.length,
      vendors,
    };
    const digest = await closeWith(deps, tx, { person, id, receipt, type: 'governance.person.erased' });
    // From here on nobody is named by any request of theirs.
    const theirs = await anonymiseRequests(tx, tenant, [...found.names]);
    await deps.vault.eraseSubjects(tx, { tenant, subjects: theirs.map(requestKey) });
    return { receipt, digest };
  });
}

async function isHeld({ holds }: EraseDeps, tx: Tx, tenant: TenantId, found: FoundPerson): Promise<boolean> {
  const active = await holds.active(tx, tenant);
  if (active.count === 0) return false;
  const subjects = found.names;
  if (active.covers({ subjects, place: null, purpose: null })) return true;
  for (const [place, refs] of found.own)
    for (const { purpose } of await readItems(tx, tenant, place, [...refs])) if (active.covers({ subjects, place, purpose })) return true;
  return false;
}

async function eraseOwn(
  deps: EraseDeps,
  tx: Tx,
  { tenant, found, actor }: { readonly tenant: TenantId; readonly found: FoundPerson; readonly actor: string },
): Promise<{ items: Record<string, number>; keys: number; ids: readonly string[]; payloads: number }> {
  const ids: string[] = [];
  const items: Record<string, number> = {};
  for (const [name, refs] of found.own) {
    ids.push(...((await deps.index.places.get(name)?.erase(tx, tenant, [...refs], found.customer)) ?? []));
    await dropItems(tx, tenant, name, [...refs]);
    items[name] = refs.size;
  }
  const { customer } = found;
  const core = customer === null ? { keys: 0, payloads: 0 } : await deps.erasePerson(tx, { tenant, customer, actor });
  return { items, keys: ids.length + core.keys, ids: ids.sort(), payloads: core.payloads };
}

/** Whoever was sent data of theirs has to delete it, too. */
async function leaveTasks(
  deps: EraseDeps,
  tx: Tx,
  { tenant, id, disclosures, atMs }: { tenant: TenantId; id: PrivacyRequestId; disclosures: readonly Disclosure[]; atMs: number },
): Promise<readonly string[]> {
  const vendors = [...Map.groupBy(disclosures, ({ to }) => to)].filter(([vendor]) => vendor !== '');
  for (const [vendor, sent] of vendors) {
    const classes = [...new Set(sent.flatMap((one) => one.classes))].sort();
    const operation = deps.deleteOperation(tenant, vendor);
    const task = { id: newId('vtk', deps.clock, deps.random), request: id, vendor, classes, operation };
    await insertTask(tx, tenant, { ...task, dueAt: new Date(atMs + TASK_DUE_MS) });
  }
  return vendors.map(([vendor]) => vendor).sort();
}

/** Writes the receipt and the event that carries its digest. */
async function closeWith(
  deps: EraseDeps,
  tx: Tx,
  {
    person,
    id,
    receipt,
    type,
  }: { readonly person: PersonPrincipal; readonly id: PrivacyRequestId; readonly receipt: ErasureReceipt; readonly type: string },
): Promise<string> {
  const { tenant } = person;
  const json = canonicalJson(receipt as unknown as JsonObject);
  const digest = deps.digest.sha256(json);
  const { items, keys, payloads, remaining, vendors } = receipt;
  const facts = { request: id, items: { ...items }, keys, payloads, tasks: vendors.length, remaining, digest };
  const event = makeEvent(deps, { tenant, type, actor: person.person, subject: id, public: facts });
  await appendEvents(tx, [event]);
  const done = { state: 'done', by: person.person, at: new Date(deps.clock.now()), receipt: { json, event: event.id } } as const;
  await moveRequest(tx, tenant, id, done);
  return digest;
}

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
export async function eraseShop(
  deps: EraseDeps,
  person: PersonPrincipal,
  id: PrivacyRequestId,
): Promise<{ readonly receipt: ErasureReceipt; readonly digest: string } | Refusal> {
  const { tenant } = person;
  const shown = await deps.requests.show(tenant, id);
  if (shown === null) return refusal('GOVERNANCE_REQUEST_UNKNOWN');
  const { row } = shown;
  if (row.kind !== 'shop' || row.state !== 'verified') return refusal('GOVERNANCE_REQUEST_STATE', { state: row.state, kind: row.kind });
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
        const refs = (await endedItems(tx, tenant, { place: name as PlaceName, beforeMs: atMs, limit: BATCH })).map(({ ref }) => ref);
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
    };
    const digest = await closeWith(deps, tx, { person, id, receipt, type: 'governance.person.erased' });
    return { receipt, digest };
  });
}
