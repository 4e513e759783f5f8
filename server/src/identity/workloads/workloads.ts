// Tenants, workloads and API keys: who exists, what each may reach, and how access ends.
// INVARIANT: a key is shown once, to whoever made it; nothing here can show it again.

import { z } from 'zod';
import {
  type Clock,
  type DelegationId,
  type JsonObject,
  type KeyId,
  makeEvent,
  type NewEvent,
  newId,
  type PersonId,
  parseId,
  type Random,
  type SealChange,
  type TenantId,
  type Tx,
  type UnixMs,
  type WorkloadId,
} from '#core';
import { appendEvents, type Database, isUniqueViolation, runAgainOnConflict } from '#storage';
import { identityFault } from '../errors.ts';
import type { Follower } from '../follow.ts';
import { announceSubject, insertGrant } from '../store/grants.ts';
import { liveUntil } from '../store/made-under.ts';
import { addPerson } from '../store/people.ts';
import {
  addKey,
  addTenant,
  addWorkload,
  changeWorkload,
  dropWorkload,
  findSamples,
  hasWorkload,
  type KeyRecord,
  listKeys,
  listWorkloads,
  revokeKey,
  type WorkloadRecord,
} from '../store/workloads.ts';
import { parsePublicKey } from './binding.ts';
import { formatToken, type Hasher, newToken } from './tokens.ts';

export interface NewWorkload {
  readonly tenant: TenantId;
  readonly name: string;
  /** Name of the workflow its keys are for; null for a workload of the whole tenant. */
  readonly workflow: string | null;
  /** Integrations its keys may reach; none means none. */
  readonly integrations: readonly string[];
  /** Ed25519 public key as JWK; without one the workload's calls stay on the plain tier. */
  readonly publicKeyJwk?: object | null;
  /** Sample data: can be removed without a trace but its events. */
  readonly isSample?: boolean;
  readonly actor?: string;
  /** Seals what was before and after for the event. */
  readonly seal?: SealChange;
}

export interface NewKey {
  readonly tenant: TenantId;
  readonly workload: WorkloadId;
  readonly expiresAtMs: UnixMs;
  readonly actor?: string;
  /** Whoever makes it is of an agency: it ends with their delegation. */
  readonly under?: DelegationId;
  /** Its text is given to the person who makes it, and kept nowhere. */
  readonly isShown?: true;
  readonly seal?: SealChange;
}

export interface Workloads {
  createTenant(input: { readonly name: string; readonly actor?: string }): Promise<TenantId>;
  createWorkload(input: NewWorkload): Promise<WorkloadId>;
  /** Replaces what is given. A narrower list holds at once for keys that exist. */
  changeWorkload(
    input: Pick<NewWorkload, 'tenant' | 'actor' | 'seal'> & {
      workload: WorkloadId;
      integrations?: readonly string[];
      publicKeyJwk?: object | null;
      /** People approved what it reaches just now: what was taken away as unused before is theirs again. */
      isApprovedAnew?: true;
    },
  ): Promise<void>;
  /** Revokes and deletes the sample workloads with their keys; any other is left. */
  removeSamples(tenant: TenantId, actor: string): Promise<readonly WorkloadId[]>;
  listWorkloads(tenant: TenantId): Promise<readonly WorkloadRecord[]>;
  createKey(input: NewKey): Promise<{ readonly id: KeyId; readonly key: string; readonly expiresAtMs: UnixMs }>;
  /** False when there was no such live key. */
  revokeKey(input: {
    readonly tenant: TenantId;
    readonly key: KeyId;
    readonly actor?: string;
    readonly seal?: SealChange;
  }): Promise<boolean>;
  listKeys(tenant: TenantId): Promise<readonly KeyRecord[]>;
}

export interface WorkloadsDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: Hasher;
  readonly follower: Follower;
}

/** A key that nobody renews within this is forgotten about. */
const MAX_KEY_LIFETIME_MS = 400 * 24 * 60 * 60_000;
const MAX_INTEGRATIONS = 200;

const name = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/);
const integrations = z.array(name).max(MAX_INTEGRATIONS);
const tenantInput = z.object({ name });
const workloadInput = z.object({ name, workflow: name.nullable(), integrations });

function publicKeyOf(jwk: object | null | undefined): string | null {
  if (jwk === null || jwk === undefined) return null;
  const text = parsePublicKey(jwk);
  if (text === null) throw identityFault('IDENTITY_INPUT_INVALID', 'the public key is an Ed25519 JWK without its private part');
  return text;
}

function check(schema: z.ZodType, value: unknown): void {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw identityFault('IDENTITY_INPUT_INVALID', parsed.error.issues[0]?.path.join('.') ?? '');
}

async function named<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw isUniqueViolation(error) ? identityFault('IDENTITY_NAME_TAKEN') : error;
  }
}

export function createWorkloads({ db, clock, random, hasher, follower }: WorkloadsDeps): Workloads {
  const now = (): Date => new Date(clock.now());
  const event = (tenant: TenantId, type: string, subject: string, actor: string | undefined, facts: NewEvent['public']): NewEvent =>
    makeEvent({ clock, random }, { tenant, type: `identity.${type}`, actor: actor ?? 'installation', subject, public: facts });

  const firstGrant = (person: PersonId): Parameters<typeof insertGrant>[2] => ({
    ...{ id: newId('grt', clock, random), subject: person, role: 'owner', scope: {}, condition: null, expiresAt: null, reason: null },
    ...{ via: 'direct', grantedBy: 'installation', createdAt: now() },
  });

  return {
    async createTenant(input) {
      check(tenantInput, input);
      const tenant = newId('ten', clock, random);
      const person = newId('per', clock, random);
      await named(
        db.inTenant(tenant, async (tx) => {
          await addTenant(tx, { tenant, name: input.name, createdAt: now() });
          await addPerson(tx, tenant, { id: person, role: 'owner', name: null, createdAt: now() });
          await insertGrant(tx, tenant, firstGrant(person));
          await announceSubject(tx, tenant, person);
          await appendEvents(tx, [event(tenant, 'tenant.created', tenant, input.actor, { owner: person })]);
        }),
      );
      await follower.refresh({ tenant, kind: 'person', id: person });
      return tenant;
    },

    async createWorkload(input) {
      check(workloadInput, input);
      const { tenant, workflow } = input;
      const id = newId('wkl', clock, random);
      const publicKey = publicKeyOf(input.publicKeyJwk);
      const reached = [...new Set(input.integrations)];
      await named(
        db.inTenant(tenant, async (tx) => {
          await addWorkload(
            tx,
            tenant,
            { id, name: input.name, workflow, integrations: reached, publicKey, createdAt: now(), owner: parseId('per', input.actor) },
            input.isSample === true,
          );
          const facts = { workflow, integrations: reached, bound: publicKey !== null };
          const sealed = (await input.seal?.(tx, { before: null, after: { id, name: input.name, ...facts } })) ?? null;
          await appendEvents(tx, [{ ...event(tenant, 'workload.created', id, input.actor, facts), sealed }]);
        }),
      );
      await follower.refresh({ tenant, kind: 'workload', id });
      return id;
    },

    async changeWorkload({ tenant, workload, actor, seal, integrations: wanted, publicKeyJwk, isApprovedAnew }) {
      if (wanted !== undefined) check(integrations, wanted);
      const change = {
        ...(wanted === undefined ? {} : { integrations: [...new Set(wanted)] }),
        ...(publicKeyJwk === undefined ? {} : { publicKey: publicKeyOf(publicKeyJwk) }),
        ...(isApprovedAnew === true ? { removed: {} } : {}),
      };
      if (Object.keys(change).length === 0) return;
      await db.inTenant(tenant, async (tx) => {
        const before = seal === undefined ? null : await shownWorkload(tx, tenant, workload);
        if (!(await changeWorkload(tx, tenant, workload, { ...change, atMs: clock.now() })))
          throw identityFault('IDENTITY_WORKLOAD_UNKNOWN');
        const facts = { changed: Object.keys(change), ...(change.integrations === undefined ? {} : { integrations: change.integrations }) };
        const sealed = (await seal?.(tx, { before, after: await shownWorkload(tx, tenant, workload) })) ?? null;
        await appendEvents(tx, [{ ...event(tenant, 'workload.changed', workload, actor, facts), sealed }]);
      });
      await follower.refresh({ tenant, kind: 'workload', id: workload });
    },

    async removeSamples(tenant, actor) {
      const { keys, workloads } = await db.inTenant(tenant, async (tx) => {
        const found = await findSamples(tx, tenant);
        for (const key of found.keys) await revokeKey(tx, tenant, key, now());
        for (const workload of found.workloads) await dropWorkload(tx, tenant, workload);
        const events = [
          ...found.keys.map((key) => event(tenant, 'key.revoked', key, actor, {})),
          ...found.workloads.map((workload) => event(tenant, 'workload.removed', workload, actor, {})),
        ];
        if (events.length > 0) await appendEvents(tx, events);
        return found;
      });
      for (const id of keys) await follower.refresh({ tenant, kind: '-key', id });
      return workloads;
    },

    listWorkloads: (tenant) => db.inTenant(tenant, (tx) => listWorkloads(tx, tenant)),

    async createKey({ tenant, workload, expiresAtMs, actor, under, isShown, seal }) {
      const lifetimeMs = expiresAtMs - clock.now();
      if (!Number.isSafeInteger(expiresAtMs) || lifetimeMs <= 0 || lifetimeMs > MAX_KEY_LIFETIME_MS) {
        throw identityFault('IDENTITY_INPUT_INVALID', 'a key expires within 400 days from now');
      }
      const id = newId('key', clock, random);
      const token = newToken(random);
      const row = {
        id,
        workload,
        lookup: token.lookup,
        hash: hasher.hash('sp', token),
        pepper: hasher.pepperId,
        createdAt: now(),
        expiresAt: new Date(expiresAtMs),
        madeBy: parseId('per', actor),
        madeUnder: under ?? null,
      };
      const expiresAt = await db.inTenant(tenant, async (tx) => {
        if (!(await hasWorkload(tx, tenant, workload))) throw identityFault('IDENTITY_WORKLOAD_UNKNOWN');
        const until = under === undefined ? null : await liveUntil(tx, tenant, under, now());
        if (under !== undefined && until === null) throw identityFault('IDENTITY_DELEGATION_OVER');
        const expiresAt = until !== null && until < row.expiresAt ? until : row.expiresAt;
        await addKey(tx, tenant, { ...row, expiresAt });
        const facts = { workload, expiresAt: expiresAt.toISOString(), ...(isShown === true ? { shown: true } : {}) };
        const sealed = (await seal?.(tx, { before: null, after: { id, ...facts } })) ?? null;
        await appendEvents(tx, [{ ...event(tenant, 'key.created', id, actor, facts), sealed }]);
        return expiresAt;
      });
      await follower.refresh({ tenant, kind: 'key', id });
      return { id, key: formatToken('sp', token), expiresAtMs: expiresAt.getTime() };
    },

    async revokeKey({ tenant, key, actor, seal }) {
      const revokeIn = async (tx: Tx): Promise<boolean> => {
        const before = seal === undefined ? null : await shownKey(tx, tenant, key);
        if (!(await revokeKey(tx, tenant, key, now()))) return false;
        const sealed = (await seal?.(tx, { before, after: null })) ?? null;
        await appendEvents(tx, [{ ...event(tenant, 'key.revoked', key, actor, {}), sealed }]);
        return true;
      };
      const isRevoked = await runAgainOnConflict(() => db.inTenant(tenant, revokeIn));
      if (isRevoked) await follower.refresh({ tenant, kind: '-key', id: key });
      return isRevoked;
    },

    listKeys: (tenant) => db.inTenant(tenant, (tx) => listKeys(tx, tenant)),
  };
}

/** A workload and a key as the API shows them, for what stood before a change and stands after it. */
async function shownWorkload(tx: Tx, tenant: TenantId, id: WorkloadId): Promise<JsonObject | null> {
  const row = (await listWorkloads(tx, tenant)).find((workload) => workload.id === id);
  if (row === undefined) return null;
  return { id, name: row.name, workflow: row.workflow, integrations: row.integrations, bound: row.publicKey !== null };
}

async function shownKey(tx: Tx, tenant: TenantId, id: KeyId): Promise<JsonObject | null> {
  const row = (await listKeys(tx, tenant)).find((key) => key.id === id);
  return row === undefined ? null : { id, workload: row.workload, expiresAt: row.expiresAt.toISOString() };
}
