// Company logins as an owner sets them up: checked, with the secret sealed, tested against the real provider, and taken away again.
// INVARIANT: a secret leaves this file only as the proof of one request to the provider it belongs to.

import { createPrivateKey, generateKeyPairSync, webcrypto } from 'node:crypto';
import { z } from 'zod';
import {
  type Clock,
  type GroupId,
  isOwner,
  isRefusal,
  type JsonObject,
  makeEvent,
  newId,
  type PersonId,
  type ProviderId,
  parseId,
  type Random,
  type Refusal,
  refuse,
  type SealChange,
  type TenantId,
  type Tx,
} from '#core';
import { appendEvents, type Database } from '#storage';
import { toGrant } from '../access/effective.ts';
import { grantsOfGroup, refuseGroupGiver } from '../access/group-givers.ts';
import { identityCodes, refusal } from '../errors.ts';
import type { ProfileVault } from '../people/profiles.ts';
import { effectiveRows } from '../store/effective-rows.ts';
import {
  countAccounts,
  dropProvider,
  listProviders,
  noteTest,
  type ProviderRow,
  type ProviderSettings,
  putProvider,
} from '../store/federation.ts';
import { listManagedGroups, SCIM_SOURCE } from '../store/managed-groups.ts';
import { AUTH_METHODS, type AuthMethod, type ClientProof, type Oidc, type OidcClient } from './oidc.ts';

export interface ProviderInput {
  readonly name: string;
  readonly label: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly authMethod: AuthMethod;
  /** Null keeps the one that is stored; with `private_key_jwt` there is none, a key is made here. */
  readonly secret: string | null;
  readonly mode: 'invited' | 'just_in_time';
  readonly scopes: readonly string[];
  readonly groupsClaim: string | null;
  readonly groups: Readonly<Record<string, string>>;
  readonly externalIdClaim: string | null;
  readonly deviceClaim?: string | null | undefined;
  readonly secondFactorAcr: readonly string[];
  readonly enabled: boolean;
}

export interface ProviderView extends Omit<ProviderInput, 'secret'> {
  readonly id: ProviderId;
  /** What the provider needs to check us, with `private_key_jwt`. */
  readonly publicJwk: JsonObject | null;
  readonly redirectUri: string;
  readonly createdAt: Date;
  readonly testedAt: Date | null;
  /** The code of what the test found; null when it found nothing wrong, or there was none. */
  readonly testCode: string | null;
  readonly usedAt: Date | null;
  readonly accounts: number;
}

interface By {
  readonly tenant: TenantId;
  readonly actor: string;
  readonly seal?: SealChange;
}

export interface Providers {
  list(tenant: TenantId): Promise<readonly ProviderView[]>;
  /** Makes it, or replaces the settings of the one of that name. */
  save(by: By, input: ProviderInput): Promise<ProviderView | Refusal>;
  remove(by: By, name: string): Promise<boolean>;
  /** Asks the provider for its metadata and whether it accepts us; the answer is kept with the settings. */
  test(by: By, name: string): Promise<ProviderView | Refusal>;
  clientOf(row: ProviderRow): OidcClient;
  proofOf(row: ProviderRow): Promise<ClientProof>;
}

export interface ProvidersDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly vault: ProfileVault;
  readonly oidc: Oidc;
  /** The console's address as a browser sees it. */
  readonly origin: () => string;
}

export const MAX_PROVIDERS = 20;
const claimName = z.string().regex(/^[A-Za-z][\w:./-]{0,127}$/);
const httpsUrl = z
  .string()
  .max(500)
  .refine((text) => URL.canParse(text) && new URL(text).protocol === 'https:' && !/[?#@\s]/.test(text), 'https');
const inputSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/),
  label: z.string().regex(/^[\p{L}\p{N}][\p{L}\p{M}\p{N} .&'-]{0,59}$/u),
  issuer: httpsUrl,
  clientId: z.string().regex(/^[\x21-\x7e]{1,200}$/),
  authMethod: z.enum(AUTH_METHODS),
  secret: z
    .string()
    .regex(/^[\x20-\x7e]{8,500}$/)
    .nullable(),
  mode: z.enum(['invited', 'just_in_time']),
  scopes: z.array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/)).max(20),
  groupsClaim: claimName.nullable(),
  groups: z.record(z.string().min(1).max(256), z.string().max(60)).refine((groups) => Object.keys(groups).length <= 200, 'at most 200'),
  externalIdClaim: claimName.nullable(),
  deviceClaim: claimName.nullable().optional(),
  secondFactorAcr: z.array(z.string().min(1).max(256)).max(20),
  enabled: z.boolean(),
});

export const purposeOfProvider = (id: ProviderId): string => `identity.provider:${id}`;

export function createProviders({ db, clock, random, vault, oidc, origin }: ProvidersDeps): Providers {
  const now = (): Date => new Date(clock.now());
  const redirectUri = (): string => `${origin()}/sso/callback`;
  const clientOf = (row: ProviderRow): OidcClient => ({ issuer: row.issuer, clientId: row.client_id, redirectUri: redirectUri() });

  const view = (row: ProviderRow, accounts: number): ProviderView => ({
    id: row.id,
    name: row.name,
    label: row.label,
    issuer: row.issuer,
    clientId: row.client_id,
    authMethod: row.auth_method as AuthMethod,
    mode: row.mode,
    ...row.settings,
    enabled: row.enabled,
    publicJwk: row.public_jwk === null ? null : (JSON.parse(row.public_jwk) as JsonObject),
    redirectUri: redirectUri(),
    createdAt: row.created_at,
    testedAt: row.tested_at,
    testCode: row.test_code,
    usedAt: row.used_at,
    accounts,
  });

  const viewOf = async (tx: Tx, tenant: TenantId, name: string): Promise<ProviderView | Refusal> => {
    const row = (await listProviders(tx, tenant)).find((one) => one.name === name);
    return row === undefined ? refusal('IDENTITY_SSO_UNKNOWN') : view(row, (await countAccounts(tx, tenant)).get(row.id) ?? 0);
  };

  async function proofOf(row: ProviderRow): Promise<ClientProof> {
    const opened = await db.inTenant(row.tenant, (tx) =>
      vault.open(tx, { tenant: row.tenant, purpose: purposeOfProvider(row.id), sealed: row.secret }),
    );
    const secret = Buffer.from(opened).toString('utf8');
    if (row.auth_method !== 'private_key_jwt') return { method: row.auth_method as 'client_secret_basic', secret };
    const privateKey = await importSigningKey(secret);
    return { method: 'private_key_jwt', privateKey, kid: row.id };
  }

  /** The secret to store and, for a key of ours, its public half; null when none was given and none is there. */
  function secretFor(
    input: ProviderInput,
    id: ProviderId,
    known: ProviderRow | undefined,
  ): { secret: string | null; publicJwk: string | null } | null {
    const isSame = known !== undefined && known.auth_method === input.authMethod;
    if (input.authMethod === 'private_key_jwt') {
      if (isSame) return { secret: null, publicJwk: known.public_jwk };
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const jwk = { ...publicKey.export({ format: 'jwk' }), kid: id, alg: 'ES256', use: 'sig' };
      return { secret: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(), publicJwk: JSON.stringify(jwk) };
    }
    if (input.secret !== null) return { secret: input.secret, publicJwk: null };
    // A secret that is kept goes on to the issuer it was entered for, and to no other.
    const isKept = known !== undefined && known.auth_method !== 'private_key_jwt' && known.issuer === input.issuer;
    return isKept ? { secret: null, publicJwk: null } : null;
  }

  return {
    clientOf,
    proofOf,

    list: (tenant) =>
      db.inTenant(tenant, async (tx) => {
        const accounts = await countAccounts(tx, tenant);
        return (await listProviders(tx, tenant)).map((row) => view(row, accounts.get(row.id) ?? 0));
      }),

    async save(by, given) {
      const parsed = inputSchema.safeParse(given);
      if (!parsed.success) return invalid(parsed.error.issues[0]?.path.join('.') ?? 'settings');
      const input = parsed.data;
      const { tenant } = by;
      return db.inTenant(tenant, async (tx) => {
        const rows = await listProviders(tx, tenant);
        const known = rows.find(({ name }) => name === input.name);
        if (known === undefined && rows.length >= MAX_PROVIDERS) return invalid('name');
        const groupsFault = await checkGroups(tx, tenant, input.groups);
        if (groupsFault !== null) return groupsFault;
        // Whoever says who is in a group gives what the group grants.
        for (const group of new Set(Object.values(input.groups))) {
          const nowMs = clock.now();
          const given = await grantsOfGroup(tx, tenant, { group: group as GroupId, nowMs });
          const mayNot = await refuseGroupGiver(tx, { tenant, actor: by.actor, nowMs }, given);
          if (mayNot !== null) return mayNot;
        }
        const namesPeople =
          input.externalIdClaim !== null && (known?.settings.externalIdClaim !== input.externalIdClaim || known.issuer !== input.issuer);
        // Whoever runs the login says by that claim which provisioned person somebody is.
        if (namesPeople && !(await isOwners(tx, by))) return refusal('IDENTITY_SSO_OWNER_ONLY');
        const id = known?.id ?? newId('idp', clock, random);
        const made = secretFor(input, id, known);
        if (made === null) return invalid('secret');
        // A subject is somebody at one issuer only: at another one the same text is whoever it gives it to.
        const isMoved = known !== undefined && known.issuer !== input.issuer;
        if (isMoved && ((await countAccounts(tx, tenant)).get(known.id) ?? 0) > 0) return invalid('issuer');
        const sealed =
          made.secret === null
            ? (known as ProviderRow).secret
            : Buffer.from(
                await vault.seal(tx, { tenant, subject: null, purpose: purposeOfProvider(id), plaintext: Buffer.from(made.secret) }),
              );
        const { groupsClaim, groups, externalIdClaim, secondFactorAcr, scopes, deviceClaim } = input;
        const read = { scopes, groupsClaim, groups, externalIdClaim, secondFactorAcr };
        const settings: ProviderSettings = deviceClaim == null ? read : { ...read, deviceClaim };
        const { name, label, issuer, mode, enabled } = input;
        const row = { tenant, id, name, label, issuer, mode, settings, enabled };
        const how = { client_id: input.clientId, auth_method: input.authMethod, secret: sealed, public_jwk: made.publicJwk };
        await putProvider(tx, { ...row, ...how, created_at: known?.created_at ?? now(), changed_at: now() });
        const after = await viewOf(tx, tenant, name);
        const before = known === undefined ? null : shown(view(known, 0));
        const change = { before, after: isRefusal(after) ? null : shown(after) };
        const changed = changedNames(change.before, change.after, made.secret !== null);
        const facts = { name, issuer: new URL(issuer).origin, mode, enabled, changed };
        await tell(tx, by, { type: 'sso.saved', subject: id, facts, change });
        return after;
      });
    },

    remove: (by, name) =>
      db.inTenant(by.tenant, async (tx) => {
        const row = (await listProviders(tx, by.tenant)).find((one) => one.name === name);
        if (row === undefined || !(await dropProvider(tx, by.tenant, row.id))) return false;
        const change = { before: shown(view(row, 0)), after: null };
        await tell(tx, by, { type: 'sso.removed', subject: row.id, facts: { name }, change });
        return true;
      }),

    async test({ tenant }, name) {
      const row = (await db.inTenant(tenant, (tx) => listProviders(tx, tenant))).find((one) => one.name === name);
      if (row === undefined) return refusal('IDENTITY_SSO_UNKNOWN');
      const found = await oidc.discover(row.issuer, { fresh: true });
      const fault = isRefusal(found) ? found : await oidc.tryCredential(clientOf(row), await proofOf(row));
      return db.inTenant(tenant, async (tx) => {
        await noteTest(tx, tenant, row.id, { at: now(), code: fault?.code ?? null });
        return viewOf(tx, tenant, name);
      });
    },
  };

  /** What is not a person is the installation itself. */
  async function isOwners(tx: Tx, { tenant, actor }: By): Promise<boolean> {
    if (!actor.startsWith('per_')) return true;
    const held = await effectiveRows(tx, { tenant, person: actor as PersonId, nowMs: clock.now() });
    return isOwner({ grants: held.map(toGrant) });
  }

  async function tell(
    tx: Tx,
    by: By,
    told: { type: string; subject: ProviderId; facts: JsonObject; change: { before: JsonObject | null; after: JsonObject | null } },
  ): Promise<void> {
    const sealed = (await by.seal?.(tx, told.change)) ?? null;
    const event = { tenant: by.tenant, type: `identity.${told.type}`, actor: by.actor, subject: told.subject, public: told.facts };
    await appendEvents(tx, [{ ...makeEvent({ clock, random }, event), sealed }]);
  }
}

/** Each group is one of ours, and none that provisioning keeps. */
async function checkGroups(tx: Tx, tenant: TenantId, groups: Readonly<Record<string, string>>): Promise<Refusal | null> {
  const ids = new Set(Object.values(groups));
  if (ids.size === 0) return null;
  const known = new Map((await listManagedGroups(tx, tenant, {})).map((group) => [group.id, group]));
  for (const id of ids) {
    const group = known.get((parseId('grp', id) ?? '') as GroupId);
    if (group === undefined) return invalid('groups');
    if (group.source === SCIM_SOURCE) return refusal('IDENTITY_SSO_GROUP_MANAGED');
  }
  return null;
}

function invalid(field: string): Refusal {
  return refuse('IDENTITY_SSO_SETTINGS_INVALID', identityCodes.IDENTITY_SSO_SETTINGS_INVALID.sentence, { field });
}

/** The settings as a change shows them, without what is counted or noted. */
function shown({
  accounts: _a,
  testedAt: _t,
  testCode: _c,
  usedAt: _u,
  createdAt: _m,
  publicJwk: _k,
  ...settings
}: ProviderView): JsonObject {
  return settings as unknown as JsonObject;
}

function changedNames(before: JsonObject | null, after: JsonObject | null, isSecretNew: boolean): readonly string[] {
  const names = Object.keys(after ?? {}).filter((name) => JSON.stringify(before?.[name]) !== JSON.stringify(after?.[name]));
  return [...names, ...(isSecretNew ? ['secret'] : [])].sort();
}

function importSigningKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(pem).export({ format: 'der', type: 'pkcs8' });
  return webcrypto.subtle.importKey('pkcs8', Uint8Array.from(der), { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
}
