// Users of SCIM: each is a person here. Made, changed, switched off and removed by the identity provider that keeps them.
// INVARIANTS: what an identity provider switches off is out everywhere in the same transaction; who is switched on again has the account and
// nothing else; whom somebody here removed, no provider brings back; the last owner stays.

import {
  type Clock,
  isRefusal,
  type JsonObject,
  makeEvent,
  newId,
  type PersonId,
  parseId,
  type Random,
  type TenantId,
  type Tx,
} from '#core';
import { appendEvents, type Database, runAgainOnConflict } from '#storage';
import type { Follower } from '../follow.ts';
import { type Deprovision, type Ended, SCIM_ACTOR } from '../people/deprovision.ts';
import { type Profiles, shownName } from '../people/profiles.ts';
import { announce } from '../store/changes.ts';
import { holdTenant } from '../store/deprovision.ts';
import { addPerson, removePerson } from '../store/people.ts';
import { bringBack, changeScimUser, dropScimUser, insertScimUser, listScimUsers, lockScimUser, type ScimUserRow } from '../store/scim.ts';
import type { Hasher } from '../workloads/tokens.ts';
import { USER } from './attributes.ts';
import { matches, mustEqual, parseFilter } from './filter.ts';
import { etagOf, type ListQuery, listAnswer, project, render } from './listing.ts';
import { applyPatch } from './patch.ts';
import { isScimFault, type ScimFault, scimFault } from './scim-error.ts';
import { readResource, type ScimObject } from './values.ts';

export interface ScimRequest {
  readonly tenant: TenantId;
  /** Origin and path of the SCIM service as the provider calls it. */
  readonly base: string;
  /** The version the provider believes to change; null when it does not say. */
  readonly ifMatch: string | null;
}

type Shown = Pick<ListQuery, 'attributes' | 'excludedAttributes'>;

export interface ScimResources {
  create(request: ScimRequest, body: unknown): Promise<ScimObject | ScimFault>;
  get(request: ScimRequest, id: string, shown: Shown): Promise<object | ScimFault>;
  list(request: ScimRequest, query: ListQuery): Promise<object | ScimFault>;
  replace(request: ScimRequest, id: string, body: unknown): Promise<ScimObject | ScimFault>;
  patch(request: ScimRequest, id: string, body: unknown): Promise<ScimObject | ScimFault>;
  remove(request: ScimRequest, id: string): Promise<ScimFault | null>;
}

export interface ScimUsersDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: Pick<Hasher, 'keyed'>;
  readonly follower: Pick<Follower, 'refresh'>;
  readonly profiles: Profiles;
  readonly ending: Pick<Deprovision, 'deprovisionIn' | 'heardEnd'>;
}

/** Enough for the staff of a large shop; beyond it a provider was given the wrong scope. */
export const MAX_SCIM_USERS = 5_000;

export const noSuch = (kind: 'User' | 'Group'): ScimFault => scimFault(404, null, `There is no ${kind} of that id.`);
export const isStale = ({ ifMatch }: ScimRequest, version: bigint | string): boolean =>
  ifMatch !== null && ifMatch !== '*' && ifMatch !== etagOf(version) && ifMatch !== `"${version}"`;
export const stale = (): ScimFault => scimFault(412, null, 'The resource was changed since; read it again.');

/** The keyed hash by which a provider's account is found. One provider's ids are another tenant's noise: the tenant is part of it. */
export function accountIndex(hasher: Pick<Hasher, 'keyed'>, kind: 'user name' | 'external id', tenant: TenantId, text: string): Buffer {
  const folded = kind === 'user name' ? text.normalize('NFC').toLowerCase() : text.normalize('NFC');
  return hasher.keyed(`scim ${kind}`, `${tenant}\0${folded}`);
}

export function createScimUsers({ db, clock, random, hasher, follower, profiles, ending }: ScimUsersDeps): ScimResources {
  const now = (): Date => new Date(clock.now());
  const index = (kind: 'user name' | 'external id', tenant: TenantId, text: string): Buffer => accountIndex(hasher, kind, tenant, text);
  const tell = (tx: Tx, tenant: TenantId, type: string, subject: PersonId, facts: JsonObject): Promise<void> =>
    appendEvents(tx, [
      makeEvent({ clock, random }, { tenant, type: `identity.${type}`, actor: SCIM_ACTOR, subject, public: facts }),
    ]) as Promise<void>;

  const keysOf = (tenant: TenantId, user: ScimObject) => ({
    user_name: index('user name', tenant, String(user.userName)),
    external_id: typeof user.externalId === 'string' ? index('external id', tenant, user.externalId) : null,
  });

  const putProfile = (tx: Tx, tenant: TenantId, person: PersonId, user: ScimObject): Promise<void> => {
    const { active: _active, ...kept } = user;
    const parts = (user.name ?? {}) as ScimObject;
    const whole = [parts.givenName, parts.familyName].filter((part) => typeof part === 'string').join(' ');
    const name = shownName(user.displayName, parts.formatted, whole);
    return profiles.put(tx, tenant, { person, profile: { name, user: kept as unknown as JsonObject }, at: now() });
  };

  const shown = ({ base }: ScimRequest, row: ScimUserRow, user: ScimObject): ScimObject => {
    const times = { createdAt: row.created_at, changedAt: row.changed_at, version: String(row.version) };
    return render({ kind: 'User', schema: USER.schema, id: row.person, ...times, base }, { ...user, active: row.active });
  };

  const isTaken = async (tx: Tx, tenant: TenantId, userName: Buffer, by: PersonId | null): Promise<boolean> =>
    (await listScimUsers(tx, tenant, { userName })).some(({ person }) => person !== by);

  const taken = (): ScimFault => scimFault(409, 'uniqueness', 'There is a user of that userName.');

  async function create(request: ScimRequest, body: unknown): Promise<ScimObject | ScimFault> {
    const { tenant } = request;
    const user = readResource(USER, body);
    if (isScimFault(user)) return user;
    const isActive = user.active !== false;
    const person = newId('per', clock, random);
    const made = await db.inTenant(tenant, async (tx) => {
      const keys = keysOf(tenant, user);
      if (await isTaken(tx, tenant, keys.user_name, null)) return taken();
      if ((await listScimUsers(tx, tenant)).length >= MAX_SCIM_USERS)
        return scimFault(403, 'tooMany', `At most ${MAX_SCIM_USERS} users are provisioned.`);
      await addPerson(tx, tenant, { id: person, role: 'member', name: null, createdAt: now() });
      await insertScimUser(tx, tenant, { person, ...keys, active: isActive, created_at: now() });
      await putProfile(tx, tenant, person, user);
      await tell(tx, tenant, 'person.added', person, { roles: [] });
      if (isActive) await announce(tx, tenant, 'person', person);
      else await removePerson(tx, tenant, person, now());
      const [row] = await listScimUsers(tx, tenant, { person });
      return shown(request, row as ScimUserRow, user);
    });
    return made;
  }

  async function read(tx: Tx, tenant: TenantId, person: PersonId): Promise<ScimObject> {
    return ((await profiles.read(tx, tenant, [person])).get(person)?.user ?? {}) as ScimObject;
  }

  /** What may be done to a user that is there, in one transaction; everybody hears of it after the commit. */
  async function change(
    request: ScimRequest,
    id: string,
    work: (current: ScimObject) => ScimObject | ScimFault,
  ): Promise<ScimObject | ScimFault> {
    const { tenant } = request;
    const person = parseId('per', id);
    if (person === null) return noSuch('User');
    let ended: Ended | null = null;
    let isBack = false;
    const changeIn = async (tx: Tx): Promise<ScimObject | ScimFault> => {
      [ended, isBack] = [null, false];
      // As whoever removes somebody here: first the tenant, then what is known of the person.
      await holdTenant(tx, tenant);
      const row = await lockScimUser(tx, tenant, person);
      if (row === null) return noSuch('User');
      if (isStale(request, row.version)) return stale();
      const current = { ...(await read(tx, tenant, person)), active: row.active };
      const next = work(current);
      if (isScimFault(next)) return next;
      const keys = keysOf(tenant, next);
      if (await isTaken(tx, tenant, keys.user_name, person)) return taken();
      const isActive = (next.active ?? row.active) === true;
      if (isActive && row.removed_here)
        return scimFault(409, 'mutability', 'Somebody removed this person in Sallyport; delete the user and create it anew.');
      if (!isActive && row.active) {
        const gone = await ending.deprovisionIn(tx, { tenant, person, actor: SCIM_ACTOR });
        if (isRefusal(gone) && gone.code === 'IDENTITY_OWNER_STAYS') return lastOwner();
        if (!isRefusal(gone)) ended = gone;
      }
      if (isActive && !row.active) isBack = await back(tx, tenant, person);
      await changeScimUser(tx, tenant, { ...row, ...keys, active: isActive }, now());
      await putProfile(tx, tenant, person, next);
      const changed = changedNames(current, next);
      if (changed.length > 0) await tell(tx, tenant, 'scim_user.changed', person, { changed });
      const [stored] = await listScimUsers(tx, tenant, { person });
      return shown(request, stored as ScimUserRow, { ...next });
    };
    const answer = await runAgainOnConflict(() => db.inTenant(tenant, changeIn));
    if (ended !== null) await ending.heardEnd(ended);
    if (isBack) await follower.refresh({ tenant, kind: 'person', id: person });
    return answer;
  }

  async function back(tx: Tx, tenant: TenantId, person: PersonId): Promise<boolean> {
    if (!(await bringBack(tx, tenant, person))) return false;
    await tell(tx, tenant, 'person.restored', person, {});
    await announce(tx, tenant, 'person', person);
    return true;
  }

  return {
    create,

    get: async (request, id, query) => {
      const { tenant } = request;
      const person = parseId('per', id);
      if (person === null) return noSuch('User');
      return db.inTenant(tenant, async (tx) => {
        const [row] = await listScimUsers(tx, tenant, { person });
        return row === undefined ? noSuch('User') : project(shown(request, row, await read(tx, tenant, person)), query);
      });
    },

    list: (request, query) =>
      db.inTenant(request.tenant, async (tx) => {
        const { tenant } = request;
        const filter = query.filter === null ? null : parseFilter(USER, query.filter);
        if (isScimFault(filter)) return filter;
        const userName = filter === null ? null : mustEqual(filter, 'userName');
        const externalId = filter === null ? null : mustEqual(filter, 'externalId');
        const rows = await listScimUsers(tx, tenant, {
          ...(userName === null ? {} : { userName: index('user name', tenant, userName) }),
          ...(externalId === null ? {} : { externalId: index('external id', tenant, externalId) }),
        });
        const page = <T>(all: readonly T[]): readonly T[] => all.slice(query.startIndex - 1, query.startIndex - 1 + query.count);
        // Without a filter only the page is opened; with one every user that it may be about.
        const read = filter === null ? page(rows) : rows;
        const profilesOf = await profiles.read(
          tx,
          tenant,
          read.map(({ person }) => person),
        );
        const resources = read.map((row) => shown(request, row, (profilesOf.get(row.person)?.user ?? {}) as ScimObject));
        const found = filter === null ? resources : resources.filter((resource) => matches(filter, resource));
        const answered = filter === null ? found : page(found);
        return listAnswer(
          answered.map((resource) => project(resource, query)),
          filter === null ? rows.length : found.length,
          query,
        );
      }),

    replace: (request, id, body) => {
      const next = readResource(USER, body);
      return isScimFault(next) ? Promise.resolve(next) : change(request, id, (current) => ({ active: current.active, ...next }));
    },

    patch: (request, id, body) => change(request, id, (current) => applyPatch(USER, current, body)),

    async remove(request, id) {
      const { tenant } = request;
      const person = parseId('per', id);
      if (person === null) return noSuch('User');
      let ended: Ended | null = null;
      const removeIn = async (tx: Tx): Promise<ScimFault | null> => {
        ended = null;
        await holdTenant(tx, tenant);
        const row = await lockScimUser(tx, tenant, person);
        if (row === null) return noSuch('User');
        if (isStale(request, row.version)) return stale();
        if (row.active) {
          const gone = await ending.deprovisionIn(tx, { tenant, person, actor: SCIM_ACTOR });
          if (isRefusal(gone) && gone.code === 'IDENTITY_OWNER_STAYS') return lastOwner();
          if (!isRefusal(gone)) ended = gone;
        }
        // Whoever decided something once keeps a name; addresses and the provider's ids go.
        const name = (await profiles.read(tx, tenant, [person])).get(person)?.name ?? null;
        await profiles.put(tx, tenant, { person, profile: { name, user: null }, at: now() });
        await dropScimUser(tx, tenant, person);
        return null;
      };
      const answer = await runAgainOnConflict(() => db.inTenant(tenant, removeIn));
      if (ended !== null) await ending.heardEnd(ended);
      return answer;
    },
  };
}

export const lastOwner = (): ScimFault =>
  scimFault(409, 'mutability', 'This person is the last owner of the installation; make somebody else an owner first.');

function changedNames(before: ScimObject, after: ScimObject): readonly string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name])).sort();
}
