// The clients of a tenant, registered by people, and the consents people gave: made, listed, ended.
// INVARIANT: ending a client or a consent ends every token made of it, in every process.

import { z } from 'zod';
import {
  type Clock,
  type DelegationId,
  type JsonObject,
  makeEvent,
  type NewEvent,
  newId,
  type OAuthClientId,
  type PersonId,
  parseScope,
  type Random,
  type SealChange,
  scopeOf,
  type TenantId,
  type TokenFamilyId,
  type TokenScope,
  type Tx,
  type WorkloadId,
} from '#core';
import { appendEvents, type Database } from '#storage';
import { identityFault } from '../errors.ts';
import type { Follower } from '../follow.ts';
import { liveUntil } from '../store/made-under.ts';
import { addClient, endClient, endFamilies, listClients, listFamilies, type NewClient } from '../store/oauth.ts';
import type { ClientRow, FamilyRow } from '../store/oauth-tables.ts';
import { addWorkload, hasWorkload, listWorkloads } from '../store/workloads.ts';
import { parseClientKeys } from './client-keys.ts';
import { isRedirectUri } from './redirects.ts';
import type { OAuthRegistry } from './registry.ts';

export interface By {
  readonly tenant: TenantId;
  readonly actor: string;
  readonly seal?: SealChange;
}

export interface RegisteredClient {
  readonly name: string;
  /** A service's; an app gets one of its own. */
  readonly workload?: WorkloadId | null;
  /** JWK or JWK set; needed by a service. */
  readonly jwks?: object | null;
  /** Makes it an app, in which people consent. */
  readonly redirectUris?: readonly string[];
  readonly isBound?: boolean;
  readonly scope?: string | null;
  /** Whoever registers it is of an agency: it ends with their delegation. */
  readonly under?: DelegationId;
}

export interface ClientRecord {
  readonly id: OAuthClientId;
  readonly clientId: string;
  readonly kind: 'service' | 'app';
  readonly name: string;
  readonly workload: WorkloadId;
  readonly redirectUris: readonly string[];
  readonly isBound: boolean;
  readonly scope: TokenScope | null;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
}

export interface ConsentRecord {
  readonly id: TokenFamilyId;
  readonly client: OAuthClientId;
  readonly person: PersonId;
  readonly resource: string;
  readonly scope: TokenScope;
  readonly isBound: boolean;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

export interface OAuthClients {
  addClient(
    input: By & RegisteredClient,
  ): Promise<{ readonly id: OAuthClientId; readonly clientId: string; readonly workload: WorkloadId }>;
  /** With those that ended. */
  listClients(tenant: TenantId): Promise<readonly ClientRecord[]>;
  /** False when there was no such live client. */
  removeClient(input: By & { readonly client: OAuthClientId }): Promise<boolean>;
  listConsents(tenant: TenantId): Promise<readonly ConsentRecord[]>;
  /** `of`: only when it is this person's. False when there was none. */
  endConsent(input: By & { readonly consent: TokenFamilyId; readonly of?: PersonId }): Promise<boolean>;
  /** Within the transaction that ends a person's access; returns what ended. */
  endConsentsOf(tx: Tx, input: By & { readonly person: PersonId }): Promise<readonly TokenFamilyId[]>;
  /** The same for the services this person registered, and those of workloads that are theirs. */
  endClientsOf(tx: Tx, input: By & { readonly person: PersonId }): Promise<readonly OAuthClientId[]>;
}

export interface OAuthClientsDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly follower: Pick<Follower, 'refresh'>;
  readonly registry: Pick<OAuthRegistry, 'refresh'>;
}

const MAX_CLIENTS = 500;
const form = z.object({
  name: z.string().regex(/^[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N} .,'’()&+/_-]{0,79}$/u),
  redirectUris: z.array(z.string().refine(isRedirectUri)).max(20).default([]),
});

export function createOAuthClients({ db, clock, random, follower, registry }: OAuthClientsDeps): OAuthClients {
  const now = (): Date => new Date(clock.now());

  const bad = (field: string): Error => identityFault('IDENTITY_INPUT_INVALID', field);
  const parse = (input: RegisteredClient) => {
    const parsed = form.safeParse(input);
    if (!parsed.success) throw bad(parsed.error.issues[0]?.path.join('.') ?? 'client');
    const kind = parsed.data.redirectUris.length > 0 ? 'app' : 'service';
    const jwks = input.jwks == null ? null : parseClientKeys(input.jwks);
    if (input.jwks != null && jwks === null) throw bad('jwks: public keys Ed25519, P-256, P-384 or RSA as JWK or JWK set');
    if (kind === 'service' && jwks === null) throw bad('jwks: a service proves itself with a key');
    if (kind === 'service' && input.workload == null) throw bad('workload');
    if (kind === 'app' && input.workload != null) throw bad('workload: an app gets one of its own');
    const scope = input.scope == null ? null : parseScope(input.scope);
    if (input.scope != null && scope === null) throw bad('scope');
    return { ...parsed.data, kind, jwks, scope, binding: input.isBound === true ? 'dpop' : 'none' } as const;
  };

  return {
    async addClient(input) {
      const { tenant, actor, seal } = input;
      const { name, kind, jwks, redirectUris, binding, scope } = parse(input);
      const id = newId('oac', clock, random);
      const workload = kind === 'service' ? (input.workload as WorkloadId) : newId('wkl', clock, random);
      await db.inTenant(tenant, async (tx) => {
        if ((await listClients(tx, tenant)).filter(({ ended_at }) => ended_at === null).length >= MAX_CLIENTS)
          throw bad('too many clients');
        if (input.under !== undefined && (await liveUntil(tx, tenant, input.under, now())) === null)
          throw identityFault('IDENTITY_DELEGATION_OVER');
        if (kind === 'app') await addAppWorkload(tx, tenant, workload, now());
        else if (!(await hasWorkload(tx, tenant, workload))) throw identityFault('IDENTITY_WORKLOAD_UNKNOWN');
        const row = clientRow({
          id,
          clientId: id,
          kind,
          name,
          workload,
          jwks,
          redirectUris,
          binding,
          scope,
          createdAt: now(),
          actor,
          under: input.under,
        });
        await addClient(tx, tenant, row);
        const facts = { kind, workload, bound: binding === 'dpop' };
        const sealed = (await seal?.(tx, { before: null, after: { id, name, ...facts, redirectUris } })) ?? null;
        await appendEvents(tx, [clientEvent({ clock, random }, { tenant, actor, type: 'client.added', subject: id, facts, sealed })]);
      });
      if (kind === 'app') await follower.refresh({ tenant, kind: 'workload', id: workload });
      await registry.refresh({ tenant, kind: 'client', id });
      return { id, clientId: id, workload };
    },

    listClients: async (tenant) => (await db.inTenant(tenant, (tx) => listClients(tx, tenant))).map(toClient),

    async removeClient({ tenant, actor, seal, client }) {
      const isEnded = await db.inTenant(tenant, async (tx) => {
        const before = (await listClients(tx, tenant)).find(({ id }) => id === client);
        if (before === undefined || !(await endClient(tx, tenant, client, now()))) return false;
        const shown: JsonObject = { id: client, name: before.name, kind: before.kind, workload: before.workload };
        const sealed = (await seal?.(tx, { before: shown, after: null })) ?? null;
        await appendEvents(tx, [
          clientEvent({ clock, random }, { tenant, actor, type: 'client.removed', subject: client, facts: {}, sealed }),
        ]);
        return true;
      });
      if (isEnded) await registry.refresh({ tenant, kind: '-client', id: client });
      return isEnded;
    },

    listConsents: async (tenant) => {
      const rows = await db.inTenant(tenant, (tx) => listFamilies(tx, tenant));
      return rows.filter(({ expires_at }) => expires_at.getTime() > clock.now()).map(toConsent);
    },

    async endConsent({ tenant, actor, seal, consent, of }) {
      const ended = await db.inTenant(tenant, async (tx) => {
        const family = (await listFamilies(tx, tenant)).find(({ id }) => id === consent);
        if (family === undefined || (of !== undefined && family.person !== of)) return false;
        if ((await endFamilies(tx, tenant, { id: consent }, { at: now(), reason: 'ended' })).length === 0) return false;
        const before = { id: consent, client: family.client, resource: family.resource, scope: family.scope };
        const sealed = (await seal?.(tx, { before, after: null })) ?? null;
        const facts = { client: family.client, reason: 'ended' };
        await appendEvents(tx, [clientEvent({ clock, random }, { tenant, actor, type: 'consent.ended', subject: consent, facts, sealed })]);
        return true;
      });
      if (ended) await registry.refresh({ tenant, kind: '-family', id: consent });
      return ended;
    },

    async endConsentsOf(tx, { tenant, actor, person }) {
      const families = (await listFamilies(tx, tenant)).filter((family) => family.person === person);
      const ended = await endFamilies(tx, tenant, { person }, { at: now(), reason: 'person_removed' });
      const events = families.map(({ id, client }) =>
        clientEvent(
          { clock, random },
          { tenant, actor, type: 'consent.ended', subject: id, facts: { client, reason: 'person_removed' }, sealed: null },
        ),
      );
      if (events.length > 0) await appendEvents(tx, events);
      return ended;
    },

    async endClientsOf(tx, { tenant, actor, person }) {
      const theirs = new Set((await listWorkloads(tx, tenant)).filter(({ owner }) => owner === person).map(({ id }) => id));
      const ended: OAuthClientId[] = [];
      for (const { id, workload, kind, created_by: maker } of await listClients(tx, tenant)) {
        // An app is nobody's: what it may do is what each person consented to. Of a service, whoever registered it may hold the private key.
        const isTheirs = kind === 'service' && (maker === person || theirs.has(workload));
        if (isTheirs && (await endClient(tx, tenant, id, now()))) ended.push(id);
      }
      const told = { tenant, actor, type: 'client.removed', facts: {}, sealed: null };
      if (ended.length > 0)
        await appendEvents(
          tx,
          ended.map((subject) => clientEvent({ clock, random }, { ...told, subject })),
        );
      return ended;
    },
  };
}

interface Told {
  readonly tenant: TenantId;
  readonly actor: string;
  readonly type: string;
  readonly subject: string;
  readonly facts: JsonObject;
  readonly sealed: Uint8Array | null;
}

export function clientEvent(world: { clock: Clock; random: Random }, { tenant, actor, type, subject, facts, sealed }: Told): NewEvent {
  return makeEvent(world, { tenant, type: `identity.${type}`, actor, subject, public: facts, sealed });
}

/** The workload an app calls as. It reaches nothing of its own: what an app may do is what a person consented to. */
export async function addAppWorkload(tx: Tx, tenant: TenantId, id: WorkloadId, createdAt: Date): Promise<void> {
  await addWorkload(tx, tenant, {
    id,
    name: `app-${id.slice(-12)}`,
    workflow: null,
    integrations: [],
    publicKey: null,
    createdAt,
    owner: null,
  });
}

interface Described {
  readonly id: OAuthClientId;
  readonly clientId: string;
  readonly kind: 'service' | 'app';
  readonly name: string;
  readonly workload: WorkloadId;
  readonly jwks: string | null;
  readonly redirectUris: readonly string[];
  readonly binding: 'none' | 'dpop';
  readonly scope: TokenScope | null;
  readonly createdAt: Date;
  readonly actor: string;
  readonly under?: DelegationId | null | undefined;
}

export function clientRow({
  id,
  clientId,
  kind,
  name,
  workload,
  jwks,
  redirectUris,
  binding,
  scope,
  createdAt,
  actor,
  under = null,
}: Described): NewClient {
  const scoped = scope === null ? null : [...scope];
  const base = { id, client_id: clientId, kind, name, workload, jwks, redirect_uris: [...redirectUris], binding };
  return { ...base, scope: scoped, created_at: createdAt, created_by: actor, made_under: under };
}

function toClient(row: ClientRow): ClientRecord {
  const { id, client_id: clientId, kind, name, workload, redirect_uris: redirectUris, created_at: createdAt, ended_at: endedAt } = row;
  return { id, clientId, kind, name, workload, redirectUris, isBound: row.binding === 'dpop', scope: row.scope, createdAt, endedAt };
}

function toConsent({ id, client, person, resource, scope, jkt, created_at: createdAt, expires_at: expiresAt }: FamilyRow): ConsentRecord {
  return { id, client, person, resource, scope: scopeOf(scope) ?? [], isBound: jkt !== null, createdAt, expiresAt };
}
