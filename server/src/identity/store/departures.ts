// Who and what was let in no longer: read over all tenants for the note that is kept outside the database, and ended again in one that was
// put back to before. INVARIANT: a restore leaves every tenant an owner.

import type { TenantId, Tx, UnixMs } from '#core';
import { type Database, query, sql } from '#storage';
import { ownersIn } from '../people/owners.ts';
import { endAccessOf } from './deprovision.ts';
import { closeGrantsOf } from './grants.ts';
import { removePerson } from './people.ts';

export const DEPARTED = ['person', 'key', 'passkey', 'grant', 'client'] as const;
export type DepartedKind = (typeof DEPARTED)[number];

export interface Departure {
  readonly tenant: TenantId;
  readonly kind: DepartedKind;
  readonly id: string;
  readonly at: Date;
}

/** What ended since then, oldest first. */
export function departedSince(db: Pick<Database, 'asSystem'>, since: Date): Promise<readonly Departure[]> {
  return db.asSystem('authenticator', async (tx) => {
    const { rows } = await sql<Departure>`
      select tenant, 'person' as kind, id, removed_at as at from identity_people where removed_at >= ${since}
      union all select tenant, 'key', id, revoked_at from identity_keys where revoked_at >= ${since}
      union all select tenant, 'passkey', id, removed_at from identity_passkeys where removed_at >= ${since}
      union all select tenant, 'grant', id, ended_at from identity_grants where ended_at >= ${since}
      union all select tenant, 'client', id, ended_at from identity_clients where ended_at >= ${since}
      order by at, id`.execute(query(tx));
    return rows;
  });
}

/** Which of these people and grants are there again: both can be given back under the id they had. */
export function backAmong(db: Pick<Database, 'asSystem'>, ids: readonly string[]): Promise<readonly string[]> {
  return db.asSystem('authenticator', async (tx) => {
    const { rows } = await sql<{ id: string }>`
      select id from identity_people where id = any(${[...ids]}) and removed_at is null
      union all select id from identity_grants where id = any(${[...ids]}) and ended_at is null`.execute(query(tx));
    return rows.map(({ id }) => id);
  });
}

export interface EndedAgain {
  readonly people: readonly string[];
  readonly keys: readonly string[];
  readonly passkeys: number;
  readonly grants: number;
  readonly clients: number;
  /** People and grants that stay, because without them nobody would own the tenant. */
  readonly kept: readonly string[];
}

/** Ends again what of this was alive when the backup was made. Nobody may be serving from this database. */
export async function endAgain(
  tx: Tx,
  tenant: TenantId,
  gone: readonly Pick<Departure, 'kind' | 'id'>[],
  end: { readonly by: string; readonly atMs: UnixMs },
): Promise<EndedAgain> {
  const at = new Date(end.atMs);
  const on = query(tx);
  const ids = (kind: DepartedKind): string[] => gone.filter((one) => one.kind === kind).map(({ id }) => id);
  const ended = async (statement: ReturnType<typeof sql<{ id: string }>>): Promise<string[]> =>
    (await statement.execute(on)).rows.map(({ id }) => id);
  const kept: string[] = [];
  const isLastOwner = async (person: string): Promise<boolean> => {
    const owners: readonly string[] = await ownersIn(tx, tenant, end.atMs);
    return owners.length === 1 && owners[0] === person;
  };
  const people: string[] = [];
  const keys = await ended(sql`update identity_keys set revoked_at = ${at}
    where tenant = ${tenant} and id = any(${ids('key')}) and revoked_at is null returning id`);
  for (const id of ids('person')) {
    if (await isLastOwner(id)) {
      kept.push(id);
      continue;
    }
    if (!(await removePerson(tx, tenant, id as never, at))) continue;
    await closeGrantsOf(tx, tenant, id, { by: end.by, at });
    keys.push(...(await endAccessOf(tx, tenant, id as never, at)).keys);
    await sql`update identity_clients set ended_at = ${at}
      where tenant = ${tenant} and created_by = ${id} and kind = 'service' and ended_at is null`.execute(on);
    people.push(id);
  }
  let grants = 0;
  for (const id of ids('grant')) {
    const { rows } = await sql<{ subject: string; role: string }>`select subject, role from identity_grants
      where tenant = ${tenant} and id = ${id} and ended_at is null`.execute(on);
    const [live] = rows;
    if (live === undefined) continue;
    if (live.role === 'owner' && (await isLastOwner(live.subject))) kept.push(id);
    else {
      await sql`update identity_grants set ended_at = ${at}, ended_by = ${end.by} where tenant = ${tenant} and id = ${id}`.execute(on);
      grants += 1;
    }
  }
  const passkeys = await ended(sql`update identity_passkeys set removed_at = ${at}
    where tenant = ${tenant} and id = any(${ids('passkey')}) and removed_at is null returning id`);
  const clients = await ended(sql`update identity_clients set ended_at = ${at}
    where tenant = ${tenant} and id = any(${ids('client')}) and ended_at is null returning id`);
  return { people, keys, passkeys: passkeys.length, grants, clients: clients.length, kept };
}
