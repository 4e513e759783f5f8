// Rows of tokens and of the purposes they are for. It sees no value: sealed bytes, keyed hashes and random names only.

import type { DataClass, TenantId, Tx } from '#core';
import { query, sql } from '#storage';

export interface PurposeRow {
  readonly name: string;
  readonly classes: readonly DataClass[];
  /** Who may open its tokens: `role:<role>` or a person's id. */
  readonly openers: readonly string[];
  readonly keepDays: number;
  readonly keyId: string;
  readonly declaredAt: Date;
  readonly declaredBy: string;
  readonly endedAt: Date | null;
}

const PURPOSE = sql`name, classes, openers, keep_days as "keepDays", key_id as "keyId", declared_at as "declaredAt",
  declared_by as "declaredBy", ended_at as "endedAt"`;

export async function findPurpose(tx: Tx, tenant: TenantId, name: string): Promise<PurposeRow | null> {
  const { rows } = await sql<PurposeRow>`
    select ${PURPOSE} from vault_token_purposes where tenant = ${tenant} and name = ${name}`.execute(query(tx));
  return rows[0] ?? null;
}

/** Held until the transaction ends, so that openings are counted one after the other; tokens are made meanwhile. */
export async function queuePurpose(tx: Tx, tenant: TenantId, name: string): Promise<PurposeRow | null> {
  const { rows } = await sql<PurposeRow>`
    select ${PURPOSE} from vault_token_purposes where tenant = ${tenant} and name = ${name} for no key update`.execute(query(tx));
  return rows[0] ?? null;
}

/** Held until the transaction ends: nothing of it is made or opened meanwhile. */
export async function holdPurpose(tx: Tx, tenant: TenantId, name: string): Promise<PurposeRow | null> {
  const { rows } = await sql<PurposeRow>`
    select ${PURPOSE} from vault_token_purposes where tenant = ${tenant} and name = ${name} for update`.execute(query(tx));
  return rows[0] ?? null;
}

/** Shared among those who make tokens: it is not ended meanwhile. */
export async function sharePurpose(tx: Tx, tenant: TenantId, name: string): Promise<PurposeRow | null> {
  const { rows } = await sql<PurposeRow>`
    select ${PURPOSE} from vault_token_purposes where tenant = ${tenant} and name = ${name} for key share`.execute(query(tx));
  return rows[0] ?? null;
}

export async function putPurpose(tx: Tx, tenant: TenantId, row: Omit<PurposeRow, 'endedAt'>): Promise<void> {
  await sql`insert into vault_token_purposes (tenant, name, classes, openers, keep_days, key_id, declared_at, declared_by)
    values (${tenant}, ${row.name}, ${[...row.classes]}::text[], ${[...row.openers]}::text[], ${row.keepDays}, ${row.keyId},
      ${row.declaredAt}, ${row.declaredBy})
    on conflict (tenant, name) do update set classes = excluded.classes, openers = excluded.openers, keep_days = excluded.keep_days,
      key_id = excluded.key_id, declared_at = excluded.declared_at, declared_by = excluded.declared_by, ended_at = null`.execute(query(tx));
}

export async function countPurposes(tx: Tx, tenant: TenantId): Promise<number> {
  const { rows } = await sql<{ count: string }>`
    select count(*)::text as count from vault_token_purposes where tenant = ${tenant} and ended_at is null`.execute(query(tx));
  return Number(rows[0]?.count ?? 0);
}

export interface PurposeCounts extends PurposeRow {
  /** Tokens that can be opened or were never to be; and those whose person was erased, or that are kept no longer. */
  readonly tokens: number;
  readonly ended: number;
  readonly byClass: Readonly<Record<string, number>>;
}

export async function listPurposes(tx: Tx, tenant: TenantId): Promise<readonly PurposeCounts[]> {
  const { rows } = await sql<PurposeRow>`
    select ${PURPOSE} from vault_token_purposes where tenant = ${tenant} order by ended_at is not null, name limit 500`.execute(query(tx));
  const { rows: counts } = await sql<{ purpose: string; dataClass: string; tokens: number; ended: number }>`
    select purpose, data_class as "dataClass", count(*) filter (where ended_at is null)::integer as tokens,
      count(*) filter (where ended_at is not null)::integer as ended
    from vault_tokens where tenant = ${tenant} group by 1, 2 order by 2`.execute(query(tx));
  return rows.map((row) => {
    const own = counts.filter(({ purpose }) => purpose === row.name);
    const sum = (of: 'tokens' | 'ended'): number => own.reduce((all, one) => all + one[of], 0);
    const byClass = Object.fromEntries(own.filter(({ tokens }) => tokens > 0).map(({ dataClass, tokens }) => [dataClass, tokens]));
    return { ...row, tokens: sum('tokens'), ended: sum('ended'), byClass };
  });
}

/** Ends the purpose and takes its tokens; gives how many there were. */
export async function dropPurpose(tx: Tx, tenant: TenantId, name: string, at: Date): Promise<number> {
  await sql`update vault_token_purposes set ended_at = ${at} where tenant = ${tenant} and name = ${name}`.execute(query(tx));
  const { rows } = await sql<{ count: string }>`
    with gone as (delete from vault_tokens where tenant = ${tenant} and purpose = ${name} returning 1)
    select count(*)::text as count from gone`.execute(query(tx));
  return Number(rows[0]?.count ?? 0);
}

export interface TokenRow {
  readonly id: string;
  readonly purpose: string;
  readonly dataClass: DataClass;
  readonly blind: Buffer | null;
  /** Keyed hash of whose it is. */
  readonly owner: string | null;
  readonly subjectKey: string | null;
  readonly sealed: Buffer | null;
  readonly standIn: string | null;
  readonly madeAt: Date;
  readonly endedAt: Date | null;
}

const TOKEN = sql`id, purpose, data_class as "dataClass", blind, owner, subject_key as "subjectKey", sealed, stand_in as "standIn",
  made_at as "madeAt", ended_at as "endedAt"`;

/** Those there are, by keyed hashes of their values. */
export async function findByValue(
  tx: Tx,
  tenant: TenantId,
  purpose: string,
  values: readonly { readonly dataClass: string; readonly blind: Buffer }[],
): Promise<readonly TokenRow[]> {
  const { rows } = await sql<TokenRow>`
    select ${TOKEN} from vault_tokens where tenant = ${tenant} and purpose = ${purpose} and (data_class, blind) in (
      select * from unnest(${values.map(({ dataClass }) => dataClass)}::text[], ${values.map(({ blind }) => blind)}::bytea[]))`.execute(
    query(tx),
  );
  return rows;
}

/** By their random names, or by what stands in for them. */
export async function findByToken(
  tx: Tx,
  tenant: TenantId,
  purpose: string,
  tokens: { readonly ids: readonly string[]; readonly standIns: readonly string[] },
): Promise<readonly TokenRow[]> {
  const { rows } = await sql<TokenRow>`
    select ${TOKEN} from vault_tokens where tenant = ${tenant} and purpose = ${purpose}
      and (id = any(${[...tokens.ids]}::text[]) or stand_in = any(${[...tokens.standIns]}::text[]))`.execute(query(tx));
  return rows;
}

/** Adds those whose value has no token and whose stand-in is free; gives the ids that were added. */
export async function addTokens(tx: Tx, tenant: TenantId, rows: readonly Omit<TokenRow, 'endedAt'>[]): Promise<ReadonlySet<string>> {
  const of = <Key extends keyof (typeof rows)[number]>(key: Key) => rows.map((row) => row[key]);
  const added = await sql<{ id: string }>`
    insert into vault_tokens (tenant, id, purpose, data_class, blind, owner, subject_key, sealed, stand_in, made_at)
    select ${tenant}, * from unnest(${of('id')}::text[], ${of('purpose')}::text[], ${of('dataClass')}::text[], ${of('blind')}::bytea[],
      ${of('owner')}::text[], ${of('subjectKey')}::text[], ${of('sealed')}::bytea[], ${of('standIn')}::text[], ${of('madeAt')}::timestamptz[])
    on conflict do nothing returning id`.execute(query(tx));
  return new Set(added.rows.map(({ id }) => id));
}

/** What stands under these keys ends: hash and sealed value go, the random name says that there was something. */
export async function endTokensOfKeys(tx: Tx, tenant: TenantId, keys: readonly string[], at: Date | null): Promise<void> {
  if (keys.length === 0) return;
  await sql`update vault_tokens set blind = null, owner = null, subject_key = null, sealed = null, ended_at = coalesce(${at}, now())
    where tenant = ${tenant} and subject_key = any(${[...keys]}::text[])`.execute(query(tx));
  // The key of a purpose: a database that was put back forgets again what was ended since.
  await sql`with ended as (
      update vault_token_purposes set ended_at = coalesce(${at}, now()) where tenant = ${tenant} and key_id = any(${[...keys]}::text[])
        and ended_at is null returning name)
    update vault_tokens set blind = null, owner = null, subject_key = null, sealed = null, ended_at = coalesce(${at}, now())
    where tenant = ${tenant} and ended_at is null and purpose in (select name from ended)`.execute(query(tx));
}

export interface Opening {
  readonly id: string;
  readonly purpose: string;
  readonly person: string;
  readonly opened: number;
  readonly at: Date;
}

export async function addOpening(tx: Tx, tenant: TenantId, one: Opening): Promise<void> {
  await sql`insert into vault_token_openings (tenant, id, purpose, person, opened, at)
    values (${tenant}, ${one.id}, ${one.purpose}, ${one.person}, ${one.opened}, ${one.at})`.execute(query(tx));
}

/** How many values somebody opened of a purpose since; what is older is forgotten. */
export async function openedSince(
  tx: Tx,
  tenant: TenantId,
  of: { readonly purpose: string; readonly person: string; readonly since: Date },
): Promise<number> {
  await sql`delete from vault_token_openings where tenant = ${tenant} and purpose = ${of.purpose} and person = ${of.person}
    and at < ${of.since}`.execute(query(tx));
  const { rows } = await sql<{ sum: string }>`
    select coalesce(sum(opened), 0)::text as sum from vault_token_openings
    where tenant = ${tenant} and purpose = ${of.purpose} and person = ${of.person}`.execute(query(tx));
  return Number(rows[0]?.sum ?? 0);
}

/** All tokens of one person in one purpose are one thing; those of nobody each are one. */
const GROUP = sql`token.purpose || ' ' || coalesce(token.owner, '#' || token.id)`;

export async function changedTokens(tx: Tx, tenant: TenantId): Promise<readonly { readonly ref: string; readonly mark: string }[]> {
  const { rows } = await sql<{ ref: string; mark: string }>`
    select ${GROUP} as ref, count(*)::text || ':' || max(token.made_at)::text || ':' || max(declared.keep_days)::text as mark
    from vault_tokens token join vault_token_purposes declared on declared.tenant = token.tenant and declared.name = token.purpose
    where token.tenant = ${tenant} and token.ended_at is null and token.sealed is not null group by 1`.execute(query(tx));
  return rows;
}

export interface HeldTokenRow extends TokenRow {
  readonly ref: string;
  readonly keepDays: number;
}

export async function readHeldTokens(tx: Tx, tenant: TenantId, refs: readonly string[]): Promise<readonly HeldTokenRow[]> {
  const { rows } = await sql<HeldTokenRow>`
    select ${GROUP} as ref, declared.keep_days as "keepDays", token.id, token.purpose, token.data_class as "dataClass", token.blind,
      token.owner, token.subject_key as "subjectKey", token.sealed, token.stand_in as "standIn", token.made_at as "madeAt",
      token.ended_at as "endedAt"
    from vault_tokens token join vault_token_purposes declared on declared.tenant = token.tenant and declared.name = token.purpose
    where token.tenant = ${tenant} and token.ended_at is null and token.sealed is not null
      and token.purpose = any(${[...new Set(refs.map((ref) => ref.slice(0, ref.indexOf(' '))))]}::text[])
      and ${GROUP} = any(${[...refs]}::text[]) order by token.made_at, token.id`.execute(query(tx));
  return rows;
}

/** Their time is over, or their person asked for it. */
export async function endTokens(tx: Tx, tenant: TenantId, ids: readonly string[], at: Date): Promise<void> {
  await sql`update vault_tokens set blind = null, owner = null, subject_key = null, sealed = null, ended_at = ${at}
    where tenant = ${tenant} and id = any(${[...ids]}::text[])`.execute(query(tx));
}

/** A token that was nobody's becomes somebody's; nothing happens when it ended, or became another's, meanwhile. */
export async function claimToken(
  tx: Tx,
  tenant: TenantId,
  one: Pick<TokenRow, 'id' | 'owner' | 'subjectKey' | 'sealed'> & { readonly ownerBefore: string | null },
): Promise<void> {
  await sql`update vault_tokens set owner = ${one.owner}, subject_key = ${one.subjectKey}, sealed = ${one.sealed}
    where tenant = ${tenant} and id = ${one.id} and ended_at is null and owner is not distinct from ${one.ownerBefore}`.execute(query(tx));
}

/** Of these keys, those that tokens still stand under. */
export async function keysInUse(tx: Tx, tenant: TenantId, keys: readonly string[]): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ key: string }>`
    select distinct subject_key as key from vault_tokens where tenant = ${tenant} and subject_key = any(${[...keys]}::text[])`.execute(
    query(tx),
  );
  return new Set(rows.map(({ key }) => key));
}

type Renamed = readonly [before: string | undefined, after: string | undefined];

/** A token was sealed anew: the key of whose it is, and that of its purpose, have other ids. */
export async function renameTokenKeys(
  tx: Tx,
  tenant: TenantId,
  { id, own, purpose }: { readonly id: string; readonly own: Renamed; readonly purpose: Renamed },
): Promise<void> {
  await sql`update vault_tokens set subject_key = ${own[1]}
    where tenant = ${tenant} and id = ${id} and subject_key = ${own[0]}`.execute(query(tx));
  await sql`update vault_token_purposes set key_id = ${purpose[1]}
    where tenant = ${tenant} and key_id = ${purpose[0]}`.execute(query(tx));
}

/** Ids of keys that purposes name, whether or not there are tokens. */
export async function keysOfPurposes(tx: Tx, tenant: TenantId): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select key_id as id from vault_token_purposes where tenant = ${tenant} and ended_at is null`.execute(query(tx));
  return rows.map(({ id }) => id);
}
