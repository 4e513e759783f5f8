// The processes that are alive, by their own word, and those that are not any more.

import type { Tx, UnixMs } from '#core';
import { query, sql } from '#storage';

interface Tables {
  instances: { instance: string; seen_at: Date; mark: string | null };
}

export interface DeadInstance {
  readonly instance: string;
  readonly seenAtMs: UnixMs;
}

export async function beatInstance(
  tx: Tx,
  instance: string,
  { mark, nowMs }: { readonly mark: string; readonly nowMs: UnixMs },
): Promise<void> {
  await sql`insert into instances (instance, seen_at, mark) values (${instance}, ${new Date(nowMs)}, ${mark})
    on conflict (instance) do update set seen_at = excluded.seen_at, mark = excluded.mark`.execute(query<Tables>(tx));
}

/** With the mark of each: who has none of ours is no process of this installation. */
export async function livingInstances(
  tx: Tx,
  seenAfterMs: UnixMs,
): Promise<readonly { readonly instance: string; readonly mark: string | null }[]> {
  return query<Tables>(tx).selectFrom('instances').select(['instance', 'mark']).where('seen_at', '>', new Date(seenAfterMs)).execute();
}

/** Takes the instance that is dead for longest, until the end of the transaction; `null` when there is none, or another process has it. */
export async function takeDeadInstance(tx: Tx, seenBeforeMs: UnixMs, self: string): Promise<DeadInstance | null> {
  const row = await query<Tables>(tx)
    .selectFrom('instances')
    .selectAll()
    .where('seen_at', '<=', new Date(seenBeforeMs))
    .where('instance', '!=', self)
    .orderBy('seen_at')
    .limit(1)
    .forUpdate()
    .skipLocked()
    .executeTakeFirst();
  return row === undefined ? null : { instance: row.instance, seenAtMs: row.seen_at.getTime() };
}

export async function forgetInstance(tx: Tx, instance: string): Promise<void> {
  await query<Tables>(tx).deleteFrom('instances').where('instance', '=', instance).execute();
}
