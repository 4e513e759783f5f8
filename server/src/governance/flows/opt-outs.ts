// Opt-outs of customers, honoured where data flows: who opted out of a use is in no input of what was declared for it.
// INVARIANT: a person is kept as a keyed reference; a record that can not be told apart from its neighbours goes with them.

import {
  type Clock,
  DATA_OPT_OUTS,
  isArray,
  isObject,
  type JsonObject,
  type JsonValue,
  makeEvent,
  type OptOutUse,
  type Random,
  type SealChange,
  type TenantId,
  type Tx,
} from '#core';
import { appendEvents, type Database } from '#storage';
import { addOptOuts, countOptOuts, dropOptOuts, findOptOuts } from '../store/opt-outs.ts';

/** What names a person: a customer's id at the shop, or an e-mail address. */
export type Named = { readonly kind: 'customer' | 'email'; readonly value: string };

/** What is declared for uses that people may opt out of. */
export interface UsedPlace {
  readonly integration: string;
  readonly workflow: string | null;
  readonly uses: readonly OptOutUse[];
  readonly field: string | null;
}

export interface OptOutsDeps {
  readonly db: Pick<Database, 'inTenant'>;
  readonly vault: { blindReference(tx: Tx, tenant: TenantId, subject: string): Promise<string> };
  readonly clock: Clock;
  readonly random: Random;
}

export interface ChangedBy {
  readonly tenant: TenantId;
  readonly actor: string;
  readonly seal?: SealChange;
}

export interface OptOutChange {
  readonly people: readonly Named[];
  readonly uses: readonly OptOutUse[];
  readonly source: string;
  readonly out: boolean;
}

export interface OptOuts {
  set(by: ChangedBy, change: OptOutChange): Promise<number>;
  setIn(tx: Tx, by: ChangedBy, change: OptOutChange): Promise<number>;
  /** What stands for each of them. */
  references(tx: Tx, tenant: TenantId, people: readonly Named[]): Promise<readonly string[]>;
  /** Of these people, those who opted out of one of the uses. */
  among(tx: Tx, tenant: TenantId, people: readonly Named[], uses: readonly OptOutUse[]): Promise<ReadonlySet<string>>;
  /**
   * Whether a person must decide a call that is declared to decide about people: somebody it is about opted out of that, or nobody can
   * tell whom it is about while anybody did.
   */
  needsPerson(
    tenant: TenantId,
    given: { readonly values: readonly JsonValue[]; readonly people: readonly Named[] },
    place: Pick<UsedPlace, 'integration' | 'workflow'>,
  ): Promise<boolean>;
  counts(tenant: TenantId): ReturnType<typeof countOptOuts>;
  /** Whether one of these people, or of those the values name, opted out of a use of the place. */
  names(
    tenant: TenantId,
    given: { readonly values: readonly JsonValue[]; readonly people: readonly Named[] },
    place: UsedPlace,
  ): Promise<boolean>;
  /** The answer without records of people who opted out, and how many were taken out; `isWhole`: it is about one of them itself. */
  filtered(
    tenant: TenantId,
    value: JsonValue,
    place: UsedPlace,
  ): Promise<{ readonly value: JsonValue; readonly left: number; readonly isWhole: boolean }>;
  /** Reads the declared field of records and remembers whoever it says opted out. */
  learn(tenant: TenantId, value: JsonValue, field: string): Promise<number>;
}

/** More people than one answer of a shop holds. */
const MAX_PEOPLE = 20_000;
const ADMT: readonly OptOutUse[] = ['admt'];
const MAX_DEPTH = 64;
/** An address within a short text, whatever stands around it. */
const EMAIL = /[^\s@<>()[\]",;:]{1,64}@[^\s@<>()[\]",;:]{1,255}/g;
/** A longer text is somebody's words and may mention anybody. */
const MAX_ADDRESS_TEXT = 320;
/** As an API may name the customer of a number. */
const CUSTOMER_NAME = /^gid:\/\/[^/]{1,64}\/customer\//;
/** Keys whose value is the id of a customer. */
const CUSTOMER_KEY = /^(?:.*_)?(?:customer|user|buyer|client|subscriber|profile|contact|shopper)_?id$|^(?:customer|buyer|user)$/i;
const OWN_ID = /^id$/i;

const normal = (text: string): string => text.normalize('NFKC').trim().toLowerCase();
export const addressesIn = (text: string): readonly string[] =>
  text.length > MAX_ADDRESS_TEXT || !/[@\uff20\ufe6b]/.test(text) ? [] : (normal(text).match(EMAIL) ?? []);

export const keyOf = ({ kind, value }: Named): string =>
  kind === 'email' ? `email:${addressesIn(value)[0] ?? normal(value)}` : `customer:${normal(value).replace(CUSTOMER_NAME, '')}`;
const referenceText = (named: Named): string => `opt-out/${keyOf(named)}`;

/** Somebody a record may name; not `sure`, where it is by an id of which nobody says whose it is. */
interface MayName extends Named {
  readonly sure: boolean;
}

/** Whom a record names by itself, its nested objects included; members of lists are records of their own. */
export const namedIn = (record: JsonValue): readonly Named[] => namesIn(record).map(({ kind, value }) => ({ kind, value }));

function namesIn(record: JsonValue, depth = 0): readonly MayName[] {
  if (depth > MAX_DEPTH || isArray(record) || !isObject(record)) return [];
  const found: MayName[] = [];
  for (const [key, value] of Object.entries(record)) {
    if (typeof value === 'string' || typeof value === 'number') {
      const text = String(value);
      const addresses = typeof value === 'string' ? addressesIn(value) : [];
      found.push(...addresses.map((one): MayName => ({ kind: 'email', value: one, sure: true })));
      if (addresses.length === 0 && (CUSTOMER_KEY.test(key) || OWN_ID.test(key)) && text !== '' && text.length <= 200)
        found.push({ kind: 'customer', value: text, sure: CUSTOMER_KEY.test(key) || CUSTOMER_NAME.test(normal(text)) });
    } else found.push(...namesIn(value, depth + 1));
  }
  return found;
}

/** Every record of a value: objects, and what lists hold at any depth. */
export function recordsIn(value: JsonValue, depth = 0): readonly JsonObject[] {
  if (depth > MAX_DEPTH) return [];
  if (isArray(value)) return value.flatMap((member) => recordsIn(member, depth + 1));
  if (!isObject(value)) return [];
  return [value, ...Object.values(value).flatMap((member) => recordsIn(member, depth + 1))];
}

const YES: ReadonlySet<unknown> = new Set([true, 1, '1', 'true', 'yes', 'opted_out', 'opt_out', 'denied']);
export const saysOut = (record: JsonObject, field: string): boolean => {
  const value = record[field];
  return Object.hasOwn(record, field) && YES.has(typeof value === 'string' ? value.toLowerCase() : value);
};

export function createOptOuts({ db, vault, clock, random }: OptOutsDeps): OptOuts {
  const references = (tx: Tx, tenant: TenantId, people: readonly Named[]): Promise<string[]> =>
    Promise.all(people.map((named) => vault.blindReference(tx, tenant, referenceText(named))));

  async function among(tx: Tx, tenant: TenantId, people: readonly Named[], uses: readonly OptOutUse[]): Promise<ReadonlySet<string>> {
    if (people.length === 0 || uses.length === 0) return new Set();
    const distinct = [...new Map(people.map((one) => [keyOf(one), one])).values()];
    const marks = await references(tx, tenant, distinct);
    const out = await findOptOuts(tx, tenant, marks, uses);
    return new Set(distinct.filter((_, at) => out.has(marks[at] as string)).map(keyOf));
  }

  async function note(tenant: TenantId, people: readonly Named[], field: string): Promise<number> {
    const distinct = [...new Map(people.map((one) => [keyOf(one), one])).values()];
    if (distinct.length === 0) return 0;
    return db.inTenant(tenant, async (tx) => {
      const marks = await references(tx, tenant, distinct);
      const uses = DATA_OPT_OUTS;
      const added = await addOptOuts(tx, tenant, { people: marks, uses, source: 'record', at: new Date(clock.now()) });
      if (added > 0)
        await appendEvents(tx, [
          makeEvent(
            { clock, random },
            {
              tenant,
              type: 'governance.opt_out.recorded',
              actor: 'system:flows',
              subject: 'opt-outs:tenant',
              public: { people: distinct.length, uses: [...uses], source: 'record', field },
            },
          ),
        ]);
      return added;
    });
  }

  async function honoured(tenant: TenantId, { integration, workflow, uses }: UsedPlace, left: number, refused: boolean): Promise<void> {
    const facts = { integration, ...(workflow === null ? {} : { workflow }), uses: [...uses], left, refused };
    const event = {
      tenant,
      type: 'governance.opt_out.honoured',
      actor: 'system:flows',
      subject: `destination:${integration}`,
      public: facts,
    };
    await db.inTenant(tenant, (tx) => appendEvents(tx, [makeEvent({ clock, random }, event)]));
  }

  async function setIn(tx: Tx, { tenant, actor, seal }: ChangedBy, { people, uses, source, out }: OptOutChange): Promise<number> {
    const marks = await references(tx, tenant, people);
    const changed = out
      ? await addOptOuts(tx, tenant, { people: marks, uses, source, at: new Date(clock.now()) })
      : await dropOptOuts(tx, tenant, marks, uses);
    const change = { people: people.length, uses: [...uses], source };
    const type = out ? 'governance.opt_out.recorded' : 'governance.opt_out.withdrawn';
    const sealed = (await seal?.(tx, { before: null, after: { ...change, people: people.map(keyOf) } })) ?? null;
    await appendEvents(tx, [makeEvent({ clock, random }, { tenant, type, actor, subject: 'opt-outs:tenant', public: change, sealed })]);
    return changed;
  }

  return {
    among,
    names: async (tenant, { values, people }, place) => {
      const all = [...people, ...values.flatMap((value) => recordsIn(value).flatMap((record) => namedIn(record)))];
      if (all.length > MAX_PEOPLE) return true;
      const out = await db.inTenant(tenant, (tx) => among(tx, tenant, all, place.uses));
      if (out.size > 0) await honoured(tenant, place, out.size, true);
      return out.size > 0;
    },
    needsPerson: async (tenant, { values, people }, { integration, workflow }) => {
      const named = values.flatMap((value) => recordsIn(value).flatMap((record) => namesIn(record)));
      const all = [...people, ...named];
      if (all.length > MAX_PEOPLE) return true;
      const out = await db.inTenant(tenant, async (tx) => {
        const known = await among(tx, tenant, all, ADMT);
        if (known.size > 0 || people.length > 0 || named.some(({ sure }) => sure)) return known.size;
        return (await countOptOuts(tx, tenant)).some(({ use, count }) => use === 'admt' && count > 0) ? 1 : 0;
      });
      if (out > 0) await honoured(tenant, { integration, workflow, uses: ADMT, field: null }, out, true);
      return out > 0;
    },
    setIn,
    set: (by, change) => db.inTenant(by.tenant, (tx) => setIn(tx, by, change)),
    references,
    counts: (tenant) => db.inTenant(tenant, (tx) => countOptOuts(tx, tenant)),
    learn: async (tenant, value, field) => {
      const people = recordsIn(value)
        .filter((record) => saysOut(record, field))
        .flatMap((record) => namedIn(record));
      return note(tenant, people.slice(0, MAX_PEOPLE), field);
    },
    filtered: async (tenant, value, place) => {
      const { uses } = place;
      // The field is about the uses that a browser's signal is about.
      const field = uses.some((use) => DATA_OPT_OUTS.includes(use)) ? place.field : null;
      const people = recordsIn(value).flatMap((record) => namedIn(record));
      // What can not be looked through is not handed over.
      if (people.length > MAX_PEOPLE) return { value: null, left: people.length, isWhole: true };
      const out = await db.inTenant(tenant, (tx) => among(tx, tenant, people, uses));
      const isOut = (record: JsonValue): boolean =>
        namedIn(record).some((named) => out.has(keyOf(named))) ||
        (field !== null && recordsOfOne(record).some((one) => saysOut(one, field)));
      let left = 0;
      const walk = (one: JsonValue): JsonValue => {
        if (isArray(one)) {
          const kept = one.filter((member) => !isObject(member) || !isOut(member));
          left += one.length - kept.length;
          return kept.map(walk);
        }
        if (!isObject(one)) return one;
        return Object.fromEntries(Object.entries(one).map(([key, member]) => [key, walk(member)]));
      };
      if (isOut(value)) {
        await honoured(tenant, place, 1, true);
        return { value: null, left: 1, isWhole: true };
      }
      const kept = walk(value);
      if (left > 0) await honoured(tenant, place, left, false);
      return { value: kept, left, isWhole: false };
    },
  };
}

/** A record with the objects in it, without what its lists hold. */
function recordsOfOne(value: JsonValue, depth = 0): readonly JsonObject[] {
  if (depth > MAX_DEPTH || isArray(value) || !isObject(value)) return [];
  return [value, ...Object.values(value).flatMap((member) => recordsOfOne(member, depth + 1))];
}
