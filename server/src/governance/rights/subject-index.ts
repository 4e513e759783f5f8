// Where a person's data is in this installation: every thing of every place, by keyed hashes of the customer, addresses and numbers it carries.
// INVARIANTS: no value stands in the index; an answer is given only after everything that changed was looked at; two people who have the
// same address are never made one.

import { type Clock, type DataClass, isRefusal, type Refusal, type TenantId, type Tx } from '#core';
import type { Database } from '#storage';
import { refusal } from '../errors.ts';
import {
  dropItems,
  type FoundRow,
  findSubjects,
  identifiersOf,
  itemMarks,
  putItem,
  type SubjectKind,
  type SubjectRow,
  sharedItems,
} from '../store/subjects.ts';
import { type AskedSubject, formsOf, formsOfPart, identify } from './identify.ts';
import type { Held, Place, PlaceName } from './places.ts';

export interface IndexDeps {
  readonly db: Pick<Database, 'inTenant'>;
  readonly clock: Clock;
  readonly places: readonly Place[];
  blindIndex(tx: Tx, tenant: TenantId, kind: string, text: string): Promise<string>;
}

/** A person as far as they are known here. */
export interface FoundPerson {
  /** As an erasure names them; null when only an address is known. */
  readonly customer: string | null;
  /** Keyed hash of that, or of what was asked. */
  readonly blind: string;
  /** Keyed hashes of everything they alone are known by; what holds and requests are compared by. */
  readonly names: ReadonlySet<string>;
  /** Things that are theirs, by place. */
  readonly own: ReadonlyMap<PlaceName, ReadonlySet<string>>;
  /** Things of somebody else, or of several, in which an address of theirs stands. */
  readonly mentioned: ReadonlyMap<PlaceName, ReadonlySet<string>>;
  /** Runs that are theirs. */
  readonly runs: ReadonlySet<string>;
}

/** What the first look of an erasure knew. */
export interface KnownPerson {
  readonly customer: string | null;
  readonly names: readonly string[];
}

export interface SubjectIndex {
  /** Looks at what changed; `full`: at everything there is, and forgets what is gone. Gives how many things were opened. */
  catchUp(tenant: TenantId, how: { readonly full: boolean }): Promise<number>;
  /** Looks at everything that changed first. `known`: who they are, where records that said so are gone. */
  find(tenant: TenantId, asked: AskedSubject, known?: KnownPerson | null): Promise<FoundPerson | Refusal>;
  blindOf(tx: Tx, tenant: TenantId, asked: AskedSubject): Promise<string>;
  /** The same first, and those of the other forms of a number. */
  blindsOf(tx: Tx, tenant: TenantId, asked: AskedSubject): Promise<readonly string[]>;
  readonly places: ReadonlyMap<PlaceName, Place>;
}

/** Things opened in one transaction. */
const BATCH = 50;
/** What changed so long before the last look is looked at again: a transaction may have been open. */
const SLACK_MS = 10 * 60_000;

export function createSubjectIndex({ db, clock, places, blindIndex }: IndexDeps): SubjectIndex {
  /** When the last look at a tenant began. */
  const looked = new Map<string, number>();
  const hash = (tx: Tx, tenant: TenantId, kind: SubjectKind, value: string): Promise<string> =>
    // Customers as an erasure names them, so that one reference stands for them everywhere.
    blindIndex(tx, tenant, kind === 'customer' ? 'subject' : `governance ${kind}`, value);

  async function enter(tx: Tx, tenant: TenantId, place: Place, held: Held): Promise<void> {
    const rows: SubjectRow[] = [];
    const classes = new Set<DataClass>();
    for (const part of held.parts) {
      const owner = part.owner === null ? '' : await hash(tx, tenant, 'customer', part.owner);
      if (owner !== '') rows.push({ kind: 'customer', blind: owner, owner, isRecord: part.isRecord });
      const identified = identify(part);
      const about = part.about === undefined ? new Set<string>() : new Set(formsOfPart(part.about));
      for (const dataClass of identified.classes) classes.add(dataClass);
      // Beside the address a row is about, another one is somebody else's.
      for (const { kind, value } of identified.identifiers)
        if (about.size > 0 && !about.has(`${kind} ${value}`))
          rows.push({
            kind,
            blind: await hash(tx, tenant, kind, value),
            owner: await hash(tx, tenant, 'customer', [...about].join()),
            isRecord: false,
          });
        else rows.push({ kind, blind: await hash(tx, tenant, kind, value), owner, isRecord: part.isRecord });
    }
    for (const run of held.runs) rows.push({ kind: 'run', blind: run, owner: '', isRecord: false });
    const { ref, mark, purpose, atMs, endedAtMs } = held;
    const item = { place: place.name, ref, mark, purpose, classes: [...classes].sort() };
    await putItem(tx, tenant, { ...item, at: new Date(atMs), endedAt: endedAtMs === null ? null : new Date(endedAtMs) }, rows);
  }

  async function lookAt(tenant: TenantId, place: Place, sinceMs: number): Promise<number> {
    const stale = await db.inTenant(tenant, async (tx) => {
      const changed = await place.changed(tx, tenant, sinceMs);
      const marks = await itemMarks(tx, tenant, place.name);
      if (sinceMs === 0) {
        const there = new Set(changed.map(({ ref }) => ref));
        const gone = [...marks.keys()].filter((ref) => !there.has(ref));
        if (gone.length > 0) await dropItems(tx, tenant, place.name, gone);
      }
      return changed.filter(({ ref, mark }) => marks.get(ref) !== mark);
    });
    for (let at = 0; at < stale.length; at += BATCH) {
      const some = stale.slice(at, at + BATCH);
      await db.inTenant(tenant, async (tx) => {
        const marks = new Map(some.map(({ ref, mark }) => [ref, mark]));
        for (const held of await place.open(tx, tenant, [...marks.keys()]))
          await enter(tx, tenant, place, { ...held, mark: marks.get(held.ref) ?? held.mark });
      });
    }
    return stale.length;
  }

  async function catchUp(tenant: TenantId, { full }: { readonly full: boolean }): Promise<number> {
    const sinceMs = full ? 0 : Math.max(0, (looked.get(tenant) ?? 0) - SLACK_MS);
    const beganMs = clock.now();
    let opened = 0;
    for (const place of places) opened += await lookAt(tenant, place, sinceMs);
    looked.set(tenant, beganMs);
    return opened;
  }

  async function search(tx: Tx, tenant: TenantId, asked: AskedSubject, known: KnownPerson | null): Promise<FoundPerson | Refusal> {
    const said = known?.customer ?? null;
    const customer = said ?? (asked.kind === 'customer' ? asked.value : await ownerOf(tx, tenant, asked));
    if (isRefusal(customer)) return customer;
    const [own, mentioned] = [new Map<PlaceName, Set<string>>(), new Map<PlaceName, Set<string>>()];
    const put = (into: Map<PlaceName, Set<string>>, { place, ref }: FoundRow): void => {
      const refs = into.get(place as PlaceName) ?? new Set();
      into.set(place as PlaceName, refs.add(ref));
    };
    const me = customer === null ? null : await hash(tx, tenant, 'customer', customer);
    const rows: FoundRow[] = [];
    const names = new Set(me === null ? [] : [me]);
    if (me !== null) {
      rows.push(...(await findSubjects(tx, tenant, 'customer', [me])));
      for (const { kind, blind } of await identifiersOf(tx, tenant, me)) {
        const found = await findSubjects(tx, tenant, kind, [blind]);
        // An address that records of somebody else hold too says nothing about whose a text is.
        const isShared = found.some(({ isRecord, owner }) => isRecord && owner !== me && owner !== '');
        if (!isShared) names.add(blind);
        rows.push(...(isShared ? found.filter(({ owner }) => owner === me) : found));
      }
    }
    if (asked.kind !== 'customer')
      for (const form of formsOf(asked)) {
        const blind = await hash(tx, tenant, asked.kind, form);
        names.add(blind);
        rows.push(...(await findSubjects(tx, tenant, asked.kind, [blind])));
      }
    for (const name of known?.names ?? [])
      if (!names.has(name)) {
        names.add(name);
        for (const kind of ['email', 'phone'] as const) rows.push(...(await findSubjects(tx, tenant, kind, [name])));
      }
    const nobodys = rows.flatMap(({ owner, ref }) => (owner === '' ? [ref] : []));
    const shared = await sharedItems(tx, tenant, nobodys, { owner: me ?? '', names: [...names] });
    for (const row of rows) {
      const isMine = row.owner === me || (row.owner === '' && !shared.has(`${row.place} ${row.ref}`));
      put(isMine ? own : mentioned, row);
    }
    for (const [place, refs] of mentioned) for (const ref of own.get(place) ?? []) refs.delete(ref);
    // What belongs to a run of theirs is theirs, unless it says that it is somebody else's.
    const runs = new Set(own.get('runs') ?? []);
    const belonging = async (to: Iterable<string>): Promise<void> => {
      for (const row of await findSubjects(tx, tenant, 'run', [...to]))
        if (!mentioned.get(row.place as PlaceName)?.has(row.ref)) put(own, row);
    };
    await belonging(runs);
    // And what came of a call that was stored for a decision.
    await belonging(own.get('approvals') ?? []);
    return { customer, blind: me ?? (await hash(tx, tenant, asked.kind, asked.value)), names, own, mentioned, runs };
  }

  /** Whose address it is by the records about people; null when no record says so. */
  async function ownerOf(tx: Tx, tenant: TenantId, asked: AskedSubject): Promise<string | null | Refusal> {
    const rows: FoundRow[] = [];
    for (const form of formsOf(asked))
      rows.push(...(await findSubjects(tx, tenant, asked.kind, [await hash(tx, tenant, asked.kind, form)])));
    const records = rows.filter(({ isRecord, owner }) => isRecord && owner !== '');
    const owners = new Set(records.map(({ owner }) => owner));
    if (owners.size === 0) return null;
    const names = new Map<string, string>();
    for (const { place, ref, owner } of records) {
      if (names.has(owner)) continue;
      for (const held of (await byName.get(place as PlaceName)?.open(tx, tenant, [ref])) ?? [])
        for (const part of held.parts)
          if (part.owner !== null && (await hash(tx, tenant, 'customer', part.owner)) === owner) names.set(owner, part.owner);
    }
    if (owners.size === 1) return [...names.values()][0] ?? null;
    return refusal('GOVERNANCE_SUBJECT_AMBIGUOUS', { people: owners.size, customers: [...names.values()].sort() });
  }

  const byName = new Map(places.map((place) => [place.name, place]));
  return {
    places: byName,
    catchUp,
    find: async (tenant, asked, known = null) => {
      await catchUp(tenant, { full: true });
      return db.inTenant(tenant, (tx) => search(tx, tenant, asked, known));
    },
    blindOf: (tx, tenant, asked) => hash(tx, tenant, asked.kind, asked.value),
    blindsOf: async (tx, tenant, asked) => {
      const blinds: string[] = [];
      for (const form of new Set([asked.value, ...formsOf(asked)])) blinds.push(await hash(tx, tenant, asked.kind, form));
      return blinds;
    },
  };
}
