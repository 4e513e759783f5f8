// Whether this database was put back, who said yes to going on from there, and what the restore found.
// INVARIANT: a state only moves on: loading, pending, confirmed.

import { sql } from 'kysely';
import { type Endorsed, endorsedIn, isObject, type JsonObject, type JsonValue, type Tx } from '#core';
import type { Database } from '../database.ts';
import { query } from '../transaction.ts';

export interface RestoreState {
  readonly id: string;
  readonly state: 'loading' | 'pending' | 'confirmed';
  /** `null`: put back by other means, and adopted. */
  readonly backup: string | null;
  readonly needed: 1 | 2;
  readonly startedAtMs: number;
  readonly restoredAtMs: number | null;
  /** When the yes of somebody who is alone takes effect. */
  readonly runsAtMs: number | null;
  readonly confirmedAtMs: number | null;
  readonly witnessed: string | null;
  readonly restored: string | null;
  readonly report: JsonObject;
  readonly yes: readonly RestoreYes[];
}

export interface RestoreYes {
  readonly person: string;
  readonly atMs: number;
  /** What their passkey signed; null when the row is not whole. */
  readonly endorsed: Endorsed | null;
  /** The installation's signature over this yes; null of one without. */
  readonly seal: Uint8Array | null;
}

interface Row {
  id: string;
  state: RestoreState['state'];
  backup: string | null;
  needed: number;
  started_at: Date;
  restored_at: Date | null;
  runs_at: Date | null;
  confirmed_at: Date | null;
  witnessed: string | null;
  restored: string | null;
  report: JsonValue;
}

type Db = Pick<Database, 'asSystem'>;

/** One that is not confirmed comes first, whatever the clock said when it began. */
async function read(tx: Tx, lock: 'look' | 'hold'): Promise<RestoreState | null> {
  const held = lock === 'hold' ? sql`for update` : sql``;
  const { rows } = await sql<Row>`select * from storage_restore order by state = 'confirmed', started_at desc limit 1 ${held}`.execute(
    query(tx),
  );
  const row = rows[0];
  if (row === undefined) return null;
  const yes = await sql<{
    person: string;
    at: Date;
    signature: string | null;
    passkey: string | null;
    seal: Buffer | null;
  }>`select person, at, signature, passkey, seal from storage_restore_yes where restore = ${row.id} order by at`.execute(query(tx));
  return {
    id: row.id,
    state: row.state,
    backup: row.backup,
    needed: row.needed === 1 ? 1 : 2,
    startedAtMs: row.started_at.getTime(),
    restoredAtMs: row.restored_at?.getTime() ?? null,
    runsAtMs: row.runs_at?.getTime() ?? null,
    confirmedAtMs: row.confirmed_at?.getTime() ?? null,
    witnessed: row.witnessed,
    restored: row.restored,
    report: isObject(row.report) ? row.report : {},
    yes: yes.rows.map(({ person, at, seal, ...kept }) => ({ person, atMs: at.getTime(), seal, endorsed: endorsedIn(kept) })),
  };
}

/** The newest restore of this database; null for one that was never put back. */
export function readRestore(db: Db): Promise<RestoreState | null> {
  return db.asSystem('installer', (tx) => read(tx, 'look'));
}

/** What a step of a restore found, once it was done. In the transaction that does the step. */
export async function addStep(tx: Tx, restore: string, step: string, done: JsonObject): Promise<void> {
  await sql`insert into storage_restore_step (restore, step, done) values (${restore}, ${step}, ${JSON.stringify(done)}::json)`.execute(
    query(tx),
  );
}

/** What was found by the steps whose names begin so. */
export async function listSteps(tx: Tx, restore: string, prefix: string): Promise<ReadonlyMap<string, JsonObject>> {
  const { rows } = await sql<{ step: string; done: JsonObject }>`select step, done from storage_restore_step
    where restore = ${restore} and starts_with(step, ${prefix}) order by step`.execute(query(tx));
  return new Map(rows.map(({ step, done }) => [step.slice(prefix.length), done]));
}

export interface Finding {
  readonly needed: 1 | 2;
  readonly atMs: number;
  readonly witnessed: string | null;
  readonly restored: string | null;
  readonly report: JsonObject;
}

/** From here on people decide. */
export async function markPending(tx: Tx, restore: string, found: Finding): Promise<void> {
  await sql`update storage_restore set state = 'pending', needed = ${found.needed}, restored_at = ${new Date(found.atMs)},
    witnessed = ${found.witnessed}, restored = ${found.restored}, report = ${JSON.stringify(found.report)}::json
    where id = ${restore} and state = 'loading'`.execute(query(tx));
}

/** The state with one more yes. `work` decides, with the row held, whether the yes counts and when it takes effect. */
export function decideRestore<T>(db: Db, work: (tx: Tx, state: RestoreState | null) => Promise<T>): Promise<T> {
  return db.asSystem('installer', async (tx) => work(tx, await read(tx, 'hold')));
}

/** In place of an earlier one of that person, which did not hold. */
export async function addYes(tx: Tx, restore: string, yes: RestoreYes & { readonly runsAtMs: number | null }): Promise<void> {
  const { person, endorsed, seal } = yes;
  await sql`insert into storage_restore_yes (restore, person, at, signature, passkey, seal)
    values (${restore}, ${person}, ${new Date(yes.atMs)}, ${endorsed?.signature ?? null}, ${endorsed?.passkey ?? null}, ${seal === null ? null : Buffer.from(seal)})
    on conflict (restore, person) do update set at = excluded.at, signature = excluded.signature, passkey = excluded.passkey,
      seal = excluded.seal`.execute(query(tx));
  if (yes.runsAtMs !== null)
    await sql`update storage_restore set runs_at = ${new Date(yes.runsAtMs)} where id = ${restore}`.execute(query(tx));
}

/** True for the one caller that takes it from pending to confirmed. As the sequencer: the new epoch begins in the same transaction. */
export async function markConfirmed(tx: Tx, restore: string, atMs: number): Promise<boolean> {
  const { rows } = await sql`update storage_restore set state = 'confirmed', confirmed_at = ${new Date(atMs)}
    where id = ${restore} and state = 'pending' returning id`.execute(query(tx));
  return rows.length > 0;
}
