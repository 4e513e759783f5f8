// Writes and reads company logins, attempts to sign in by them, and which account is which person. An attempt is used up by one update.

import type { PersonId, ProviderId, SessionId, TenantId, Tx } from '#core';
import { type Database, query, sql } from '#storage';
import type { Tables } from './tables.ts';

export interface ProviderSettings {
  readonly scopes: readonly string[];
  /** Claim of the ID token that lists the person's groups; null when groups are not read from it. */
  readonly groupsClaim: string | null;
  /** Value of the claim to the group here. */
  readonly groups: Readonly<Record<string, string>>;
  /** Claim whose value is the `externalId` that the same company's provisioning gave the person; null for none. */
  readonly externalIdClaim: string | null;
  /** Claim of the ID token that says whether the device is managed; absent or null when nothing is read. */
  readonly deviceClaim?: string | null;
  /** Values of `acr` that stand for a second factor. */
  readonly secondFactorAcr: readonly string[];
}

export interface ProviderRow {
  readonly tenant: TenantId;
  readonly id: ProviderId;
  readonly name: string;
  readonly label: string;
  readonly issuer: string;
  readonly client_id: string;
  readonly auth_method: string;
  readonly secret: Buffer;
  readonly public_jwk: string | null;
  readonly mode: 'invited' | 'just_in_time';
  readonly settings: ProviderSettings;
  readonly enabled: boolean;
  readonly created_at: Date;
  readonly changed_at: Date;
  readonly tested_at: Date | null;
  readonly test_code: string | null;
  readonly used_at: Date | null;
}

/** Makes it, or puts it in place of what it was. */
export async function putProvider(tx: Tx, row: Omit<ProviderRow, 'tested_at' | 'test_code' | 'used_at'>): Promise<void> {
  await sql`insert into identity_providers (tenant, id, name, label, issuer, client_id, auth_method, secret, public_jwk, mode, settings,
      enabled, created_at, changed_at)
    values (${row.tenant}, ${row.id}, ${row.name}, ${row.label}, ${row.issuer}, ${row.client_id}, ${row.auth_method}, ${row.secret},
      ${row.public_jwk}, ${row.mode}, ${JSON.stringify(row.settings)}::jsonb, ${row.enabled}, ${row.created_at}, ${row.changed_at})
    on conflict (tenant, id) do update set label = excluded.label, issuer = excluded.issuer, client_id = excluded.client_id,
      auth_method = excluded.auth_method, secret = excluded.secret, public_jwk = excluded.public_jwk, mode = excluded.mode,
      settings = excluded.settings, enabled = excluded.enabled, changed_at = excluded.changed_at, tested_at = null, test_code = null`.execute(
    query<Tables>(tx),
  );
}

export async function listProviders(tx: Tx, tenant: TenantId): Promise<readonly ProviderRow[]> {
  const { rows } = await sql<ProviderRow>`select * from identity_providers where tenant = ${tenant} order by name`.execute(
    query<Tables>(tx),
  );
  return rows;
}

/** Over all tenants: who starts a sign-in is not known yet. */
export async function findProvider(
  db: Pick<Database, 'asSystem'>,
  which: { readonly id: string } | { readonly tenant: TenantId; readonly name: string },
): Promise<ProviderRow | null> {
  return db.asSystem('authenticator', async (tx) => {
    const is = 'id' in which ? sql`id = ${which.id}` : sql`tenant = ${which.tenant} and name = ${which.name}`;
    const { rows } = await sql<ProviderRow>`select * from identity_providers where ${is}`.execute(query<Tables>(tx));
    return rows[0] ?? null;
  });
}

export async function dropProvider(tx: Tx, tenant: TenantId, id: ProviderId): Promise<boolean> {
  const on = query<Tables>(tx);
  await sql`delete from identity_sso_states where tenant = ${tenant} and provider = ${id}`.execute(on);
  await sql`delete from identity_accounts where tenant = ${tenant} and provider = ${id}`.execute(on);
  const gone = await sql`delete from identity_providers where tenant = ${tenant} and id = ${id}`.execute(on);
  return gone.numAffectedRows === 1n;
}

export async function noteTest(tx: Tx, tenant: TenantId, id: ProviderId, result: { at: Date; code: string | null }): Promise<void> {
  await sql`update identity_providers set tested_at = ${result.at}, test_code = ${result.code}
    where tenant = ${tenant} and id = ${id}`.execute(query<Tables>(tx));
}

export interface StateRow {
  readonly tenant: TenantId;
  readonly state: Buffer;
  readonly browser: Buffer;
  readonly provider: ProviderId;
  readonly purpose: 'sign_in' | 'link' | 'step_up';
  /** Whose session it is for, unless it is a sign-in. */
  readonly session: SessionId | null;
  readonly return_to: string;
  readonly origin: string;
  /** The public key that the browser will prove to hold. */
  readonly bound_key: string | null;
  readonly expires_at: Date;
}

/** Takes what ran out before with it, so that abandoned attempts do not pile up. */
export async function addState(tx: Tx, row: StateRow, now: Date): Promise<void> {
  const on = query<Tables>(tx);
  await sql`delete from identity_sso_states where tenant = ${row.tenant} and expires_at <= ${now}`.execute(on);
  await sql`insert into identity_sso_states (tenant, state, browser, provider, purpose, session, return_to, origin, bound_key, expires_at)
    values (${row.tenant}, ${row.state}, ${row.browser}, ${row.provider}, ${row.purpose}, ${row.session}, ${row.return_to}, ${row.origin},
      ${row.bound_key}, ${row.expires_at})`.execute(on);
}

export async function countStates(tx: Tx, tenant: TenantId, now: Date): Promise<number> {
  const { rows } = await sql<{ count: string }>`select count(*)::text as count from identity_sso_states
    where tenant = ${tenant} and used_at is null and expires_at > ${now}`.execute(query<Tables>(tx));
  return Number(rows[0]?.count ?? 0);
}

/** Says nothing about whether it is still good. */
export async function findState(db: Pick<Database, 'asSystem'>, state: Buffer): Promise<StateRow | null> {
  return db.asSystem('authenticator', async (tx) => {
    const { rows } = await sql<StateRow>`select * from identity_sso_states where state = ${state}`.execute(query<Tables>(tx));
    return rows[0] ?? null;
  });
}

/** True for the one caller that uses it up in time. */
export async function useState(tx: Tx, tenant: TenantId, state: Buffer, now: Date): Promise<boolean> {
  const used = await sql`update identity_sso_states set used_at = ${now}
    where tenant = ${tenant} and state = ${state} and used_at is null and expires_at > ${now}`.execute(query<Tables>(tx));
  return used.numAffectedRows === 1n;
}

export interface AccountKey {
  readonly provider: ProviderId;
  readonly subject: Buffer;
}

/** Also of people who were removed: their account must not become somebody new. */
export async function findAccount(tx: Tx, tenant: TenantId, { provider, subject }: AccountKey): Promise<PersonId | null> {
  const { rows } = await sql<{ person: PersonId }>`select person from identity_accounts
    where tenant = ${tenant} and provider = ${provider} and subject = ${subject}`.execute(query<Tables>(tx));
  return rows[0]?.person ?? null;
}

/** False when the account is somebody's already. */
export async function addAccount(tx: Tx, tenant: TenantId, account: AccountKey & { person: PersonId; at: Date }): Promise<boolean> {
  const added = await sql`insert into identity_accounts (tenant, provider, subject, person, linked_at)
    values (${tenant}, ${account.provider}, ${account.subject}, ${account.person}, ${account.at})
    on conflict do nothing`.execute(query<Tables>(tx));
  return added.numAffectedRows === 1n;
}

export async function noteSignIn(tx: Tx, tenant: TenantId, { provider, subject }: AccountKey, at: Date): Promise<void> {
  const on = query<Tables>(tx);
  await sql`update identity_accounts set used_at = ${at} where tenant = ${tenant} and provider = ${provider} and subject = ${subject}`.execute(
    on,
  );
  await sql`update identity_providers set used_at = ${at} where tenant = ${tenant} and id = ${provider}`.execute(on);
}

/** Who has an account at this provider. */
export async function countAccounts(tx: Tx, tenant: TenantId): Promise<ReadonlyMap<ProviderId, number>> {
  const { rows } = await sql<{ provider: ProviderId; count: string }>`select provider, count(*)::text as count from identity_accounts
    where tenant = ${tenant} group by provider`.execute(query<Tables>(tx));
  return new Map(rows.map(({ provider, count }) => [provider, Number(count)]));
}

/** The account a person has at this provider. */
export async function accountOf(tx: Tx, tenant: TenantId, provider: ProviderId, person: PersonId): Promise<Buffer | null> {
  const { rows } = await sql<{ subject: Buffer }>`select subject from identity_accounts
    where tenant = ${tenant} and provider = ${provider} and person = ${person}`.execute(query<Tables>(tx));
  return rows[0]?.subject ?? null;
}

/** From somebody who was removed to somebody who is there: the same account, told by the provider to be another user now. */
export async function handOver(
  tx: Tx,
  tenant: TenantId,
  { provider, subject }: AccountKey,
  to: { person: PersonId; at: Date },
): Promise<void> {
  await sql`update identity_accounts set person = ${to.person}, linked_at = ${to.at}
    where tenant = ${tenant} and provider = ${provider} and subject = ${subject}`.execute(query<Tables>(tx));
}
