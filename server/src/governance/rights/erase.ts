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
import { anonymiseRequests, insertTask, moveRequest, noteErased } from '../store/requests.ts';
import { dropItems, readItems } from '../store/subjects.ts';
import type { DeletionDeps, Deletions, NamedPerson } from './deletions.ts';
import { type Disclosure, type ExportDeps, exportPerson, historyOf } from './export.ts';
import type { Holds } from './holds.ts';
import { type AskedSubject, identify } from './identify.ts';
import { type Requests, requestKey } from './requests.ts';
import type { FoundPerson, KnownPerson } from './subject-index.ts';

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
  readonly deletions: Pick<Deletions, 'seal' | 'forget'>;
  readonly calls: Pick<DeletionDeps['calls'], 'plan'>;
  /** Ends what is being written and can not be looked through yet. */
  stopArrivals(tenant: TenantId): Promise<number>;
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
  /** Of those, who is asked by a call once a person approved it; the others by hand. */
  readonly calls: readonly string[];
}

/** A vendor has as long as we have. */
const TASK_DUE_MS = 30 * 24 * 60 * 60_000;

/** Who erases: a person, or the round that goes on for them. */
export type Eraser = Pick<PersonPrincipal, 'tenant' | 'person'>;

/** What was erased so far, as it stands beside the request until it is closed. */
interface Erased extends KnownPerson {
  readonly by: string;
  readonly at: string;
  readonly items: Readonly<Record<string, number>>;
  readonly ids: readonly string[];
  readonly keys: number;
  readonly payloads: number;
  readonly vendors: readonly string[];
  readonly calls: readonly string[];
}

type Took = Omit<Erased, 'by' | 'at' | keyof KnownPerson>;

const NOTHING: Took = { items: {}, ids: [], keys: 0, payloads: 0, vendors: [], calls: [] };

/**
 * Twice: what arrived while the first look was under way is found by the second one, after what the first took is gone for good. Until the
 * second one closes it the request says whom it is about, so that whoever comes after a process that died can go on.
 */
export async function erasePerson(deps: EraseDeps, eraser: Eraser, id: PrivacyRequestId): Promise<ErasureDone | Refusal> {
  await deps.stopArrivals(eraser.tenant);
  const first = await eraseFound(deps, eraser, id, 'note');
  return isRefusal(first) ? first : eraseFound(deps, eraser, id, 'close');
}

export interface ErasureDone {
  readonly receipt: ErasureReceipt;
  readonly digest: string;
}

async function eraseFound(deps: EraseDeps, eraser: Eraser, id: PrivacyRequestId, then: 'note'): Promise<null | Refusal>;
async function eraseFound(deps: EraseDeps, eraser: Eraser, id: PrivacyRequestId, then: 'close'): Promise<ErasureDone | Refusal>;
async function eraseFound(
  deps: EraseDeps,
  eraser: Eraser,
  id: PrivacyRequestId,
  then: 'note' | 'close',
): Promise<ErasureDone | null | Refusal> {
  const { tenant } = eraser;
  const asked = await deps.db.inTenant(tenant, (tx) => deps.requests.actedOn(tx, tenant, id));
  if (isRefusal(asked)) return asked;
  if (asked.row.kind !== 'erase') return refusal('GOVERNANCE_REQUEST_STATE', { state: asked.row.state, kind: asked.row.kind });
  const found = await deps.index.find(tenant, asked.asked, asked.row.erased as Erased | null);
  if (isRefusal(found)) return found;
  const events = await historyOf(deps, tenant, found);
  return deps.db.inTenant(tenant, async (tx) => {
    // Held from here on: of two who erase for one request the second finds it done.
    const held = await deps.requests.actedOn(tx, tenant, id);
    if (isRefusal(held)) return held;
    if (await isHeld(deps, tx, tenant, found)) return refusal('GOVERNANCE_SUBJECT_HELD', { request: id });
    const atMs = deps.clock.now();
    const before = await exportPerson(deps, tx, { tenant, found, subject: '', events, madeAtMs: atMs });
    const named = await namesOf(deps, tx, tenant, { found, asked: held.asked });
    const counts = await eraseOwn(deps, tx, { tenant, found, actor: eraser.person });
    const left = await leaveTasks(deps, tx, { tenant, id, disclosures: before.disclosures, named, atMs });
    const start = { by: eraser.person, at: new Date(atMs).toISOString(), customer: found.customer, names: [...found.names], ...NOTHING };
    const erased = added((held.row.erased as Erased | null) ?? start, { ...counts, ...left });
    if (then === 'note') {
      await noteErased(tx, tenant, id, JSON.stringify(erased));
      return null;
    }
    const receipt: ErasureReceipt = {
      v: 1,
      request: id,
      tenant,
      receivedAt: held.row.receivedAt.toISOString(),
      verifiedAt: (held.row.verifiedAt ?? held.row.receivedAt).toISOString(),
      verifiedHow: held.row.verifiedHow ?? '',
      erasedAt: erased.at,
      items: erased.items,
      keys: erased.keys,
      keysDigest: deps.digest.sha256([...erased.ids].sort().join('\n')),
      payloads: erased.payloads,
      remaining: before.withheld.length,
      vendors: erased.vendors,
      calls: erased.calls,
    };
    const digest = await closeWith(deps, tx, { person: eraser, id, receipt, type: 'governance.person.erased' });
    // From here on nobody is named by any request of theirs.
    const theirs = await anonymiseRequests(tx, tenant, [...found.names]);
    await deps.vault.eraseSubjects(tx, { tenant, subjects: theirs.map(requestKey) });
    return { receipt, digest };
  });
}

function added(before: Erased, more: Took): Erased {
  const items: Record<string, number> = { ...before.items };
  for (const [place, count] of Object.entries(more.items)) items[place] = (items[place] ?? 0) + count;
  const both = (one: readonly string[], other: readonly string[]): readonly string[] => [...new Set([...one, ...other])].sort();
  return {
    ...before,
    items,
    ids: [...before.ids, ...more.ids],
    keys: before.keys + more.keys,
    payloads: before.payloads + more.payloads,
    vendors: both(before.vendors, more.vendors),
    calls: both(before.calls, more.calls),
  };
}

/** What a person is called elsewhere: their number, and every address and number that records say is theirs. */
async function namesOf(
  deps: EraseDeps,
  tx: Tx,
  tenant: TenantId,
  { found, asked }: { readonly found: FoundPerson; readonly asked: AskedSubject },
): Promise<NamedPerson> {
  const values = { customer: new Set<string>(), email: new Set<string>(), phone: new Set<string>() };
  if (found.customer !== null) values.customer.add(found.customer);
  if (!asked.value.startsWith('person:')) values[asked.kind].add(asked.value);
  for (const [name, refs] of found.own)
    for (const held of (await deps.index.places.get(name)?.open(tx, tenant, [...refs])) ?? [])
      for (const part of held.parts) {
        if (!part.isRecord || part.owner === null || part.owner !== found.customer) continue;
        for (const { kind, value } of identify(part).identifiers) if (kind !== 'customer') values[kind].add(value);
      }
  return { customer: [...values.customer], email: [...values.email], phone: [...values.phone] };
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

/** Whoever was sent data of theirs has to delete it, too: by a call where that can be written now, else by hand. */
async function leaveTasks(
  deps: EraseDeps,
  tx: Tx,
  {
    tenant,
    id,
    disclosures,
    named,
    atMs,
  }: { tenant: TenantId; id: PrivacyRequestId; disclosures: readonly Disclosure[]; named: NamedPerson; atMs: number },
): Promise<{ readonly vendors: readonly string[]; readonly calls: readonly string[] }> {
  const vendors = [...Map.groupBy(disclosures, ({ to }) => to)].filter(([vendor]) => vendor !== '');
  const calls: string[] = [];
  for (const [vendor, sent] of vendors) {
    const classes = [...new Set(sent.flatMap((one) => one.classes))].sort();
    const { operation, person } = deps.calls.plan(tenant, vendor, named);
    const task = newId('vtk', deps.clock, deps.random);
    const sealedPerson = person === null ? null : await deps.deletions.seal(tx, tenant, task, person);
    const row = { id: task, request: id, vendor, classes, operation, sealedPerson, dueAt: new Date(atMs + TASK_DUE_MS) };
    const isNew = await insertTask(tx, tenant, row);
    if (!isNew && person !== null) await deps.deletions.forget(tx, tenant, task, null);
    if (person !== null) calls.push(vendor);
  }
  return { vendors: vendors.map(([vendor]) => vendor).sort(), calls: calls.sort() };
}

/** Writes the receipt and the event that carries its digest. */
export async function closeWith(
  deps: EraseDeps,
  tx: Tx,
  {
    person,
    id,
    receipt,
    type,
  }: { readonly person: Eraser; readonly id: PrivacyRequestId; readonly receipt: ErasureReceipt; readonly type: string },
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
