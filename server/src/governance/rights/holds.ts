// Legal holds: what must be kept although a person asks for its erasure or a rule of time would delete it.
// INVARIANT: whoever deletes asks here in the transaction that deletes; a hold is released by another person than who placed it, unless
// nobody else could.

import {
  type Clock,
  isRefusal,
  type LegalHoldId,
  makeEvent,
  type NewEvent,
  newId,
  type PersonPrincipal,
  type Random,
  type Refusal,
  type SealChangeOf,
  type TenantId,
  type Tx,
} from '#core';
import { appendEvents, type Database } from '#storage';
import { refusal } from '../errors.ts';
import { type HoldRow, insertHold, listHolds, releaseHold, shareHolds, takeHolds } from '../store/requests.ts';
import { sameNames } from '../store/subjects.ts';
import { parseSubject } from './identify.ts';
import { PLACES } from './places.ts';
import type { SubjectIndex } from './subject-index.ts';

export interface NewHold {
  /** A person, or null: everything of the place or purpose. */
  readonly subject: string | null;
  readonly place: string | null;
  readonly purpose: string | null;
  readonly reason: string;
  readonly untilMs: number | null;
}

export interface HoldView extends Omit<HoldRow, 'sealedReason' | 'forms'> {
  readonly reason: string;
}

export interface Holds {
  list(tenant: TenantId): Promise<readonly HoldView[]>;
  place(person: PersonPrincipal, hold: NewHold): Promise<HoldView | Refusal>;
  release(person: PersonPrincipal, id: LegalHoldId): Promise<Refusal | null>;
  /** Whether anything is held at all now. */
  any(tenant: TenantId): Promise<boolean>;
  /** Those that hold now, for whoever deletes in this transaction. */
  active(tx: Tx, tenant: TenantId): Promise<ActiveHolds>;
}

export interface ActiveHolds {
  /** Whether somebody with any of these keyed hashes, or a thing of this place and purpose, must be kept. */
  covers(thing: { readonly subjects: Iterable<string>; readonly place: string | null; readonly purpose: string | null }): boolean;
  readonly count: number;
  /** One is on a place or a purpose: what is deleted whole may stand in it. */
  readonly hasNarrow: boolean;
}

export interface HoldDeps {
  readonly db: Pick<Database, 'inTenant'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly vault: {
    seal(tx: Tx, value: { tenant: TenantId; subject: string | null; purpose: string; plaintext: Uint8Array }): Promise<Uint8Array>;
    open(tx: Tx, value: { tenant: TenantId; purpose: string; sealed: Uint8Array }): Promise<Uint8Array>;
  };
  readonly index: Pick<SubjectIndex, 'blindsOf'>;
  readonly sealChange: SealChangeOf;
  /** Whether somebody else could release it. */
  hasOthers(tx: Tx, person: PersonPrincipal): Promise<boolean>;
}

export const purposeOfReason = (id: string): string => `governance_holds.sealed_reason/${id}`;

export function createHolds(deps: HoldDeps): Holds {
  const { db, clock, vault } = deps;
  const view = async (tx: Tx, tenant: TenantId, { sealedReason, forms: _forms, ...row }: HoldRow): Promise<HoldView> => {
    const reason = await vault.open(tx, { tenant, purpose: purposeOfReason(row.id), sealed: sealedReason });
    return { ...row, reason: Buffer.from(reason).toString('utf8') };
  };
  const event = async (tx: Tx, person: PersonPrincipal, type: 'placed' | 'released', id: LegalHoldId, facts: NewEvent['public']) =>
    appendEvents(tx, [
      makeEvent(deps, {
        tenant: person.tenant,
        type: `governance.hold.${type}`,
        actor: person.person,
        subject: id,
        public: { hold: id, ...facts },
        sealed: await deps.sealChange(
          tx,
          person,
          type === 'placed' ? { before: null, after: { hold: id } } : { before: { hold: id }, after: null },
        ),
      }),
    ]);

  return {
    list: (tenant) =>
      db.inTenant(tenant, async (tx) => {
        const views: HoldView[] = [];
        for (const row of await listHolds(tx, tenant, null)) views.push(await view(tx, tenant, row));
        return views;
      }),

    async place(person, { subject: named, place, purpose, reason, untilMs }) {
      const { tenant } = person;
      const asked = named === null ? null : parseSubject(named);
      if (asked !== null && isRefusal(asked)) return asked;
      const isPlace = place === null || (PLACES as readonly string[]).includes(place);
      if (!isPlace || (asked === null && place === null && purpose === null)) return refusal('GOVERNANCE_HOLD_INVALID');
      const at = clock.now();
      if (untilMs !== null && untilMs <= at) return refusal('GOVERNANCE_HOLD_INVALID');
      return db.inTenant(tenant, async (tx) => {
        await takeHolds(tx, tenant);
        const id = newId('hld', clock, deps.random);
        const sealedReason = await vault.seal(tx, { tenant, subject: null, purpose: purposeOfReason(id), plaintext: Buffer.from(reason) });
        const [subject = null, ...forms] = asked === null ? [] : await deps.index.blindsOf(tx, tenant, asked);
        const row = {
          ...{ id, subject, forms },
          ...{ place, purpose, sealedReason },
          placedAt: new Date(at),
          placedBy: person.person,
          until: untilMs === null ? null : new Date(untilMs),
        };
        await insertHold(tx, tenant, row);
        await event(tx, person, 'placed', id, { on: asked !== null ? 'person' : place !== null ? 'place' : 'purpose' });
        return view(tx, tenant, { ...row, releasedAt: null, releasedBy: null });
      });
    },

    release: (person, id) =>
      db.inTenant(person.tenant, async (tx) => {
        const hold = (await listHolds(tx, person.tenant, null)).find((one) => one.id === id);
        if (hold === undefined || hold.releasedAt !== null) return refusal('GOVERNANCE_HOLD_UNKNOWN');
        const alone = hold.placedBy === person.person;
        if (alone && (await deps.hasOthers(tx, person))) return refusal('GOVERNANCE_HOLD_OWN');
        await releaseHold(tx, person.tenant, { id, by: person.person, at: new Date(clock.now()) });
        await event(tx, person, 'released', id, { alone });
        return null;
      }),

    any: (tenant) => db.inTenant(tenant, async (tx) => (await listHolds(tx, tenant, new Date(clock.now()))).length > 0),
    active: (tx, tenant) => activeHolds(tx, tenant, clock.now()),
  };
}

/** Whoever is held by one address is held by all that records say is theirs. */
export async function activeHolds(tx: Tx, tenant: TenantId, atMs: number): Promise<ActiveHolds> {
  await shareHolds(tx, tenant);
  const holds = await listHolds(tx, tenant, new Date(atMs));
  const formsOf = ({ subject, forms }: HoldRow): readonly string[] => (subject === null ? [] : [subject, ...forms]);
  const people = [...new Set(holds.flatMap(formsOf))];
  const names = people.length === 0 ? new Map<string, ReadonlySet<string>>() : await sameNames(tx, tenant, people);
  return {
    count: holds.length,
    hasNarrow: holds.some(({ place, purpose }) => place !== null || purpose !== null),
    covers: ({ subjects, place, purpose }) => {
      const known = [...subjects];
      return holds.some(
        (hold) =>
          (hold.subject === null || formsOf(hold).some((form) => known.some((name) => names.get(form)?.has(name)))) &&
          (hold.place === null || hold.place === place) &&
          (hold.purpose === null || hold.purpose === purpose),
      );
    },
  };
}
