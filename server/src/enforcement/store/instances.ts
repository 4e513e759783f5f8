// The processes that are alive, by their own word.

import type { Tx, UnixMs } from '#core';
import { query, sql } from '#storage';

interface Tables {
  instances: { instance: string; seen_at: Date };
}

export async function beatInstance(tx: Tx, instance: string, nowMs: UnixMs): Promise<void> {
  await sql`insert into instances (instance, seen_at) values (${instance}, ${new Date(nowMs)})
    on conflict (instance) do update set seen_at = excluded.seen_at`.execute(query<Tables>(tx));
}

export async function livingInstances(tx: Tx, seenAfterMs: UnixMs): Promise<readonly string[]> {
  const rows = await query<Tables>(tx).selectFrom('instances').select('instance').where('seen_at', '>', new Date(seenAfterMs)).execute();
  return rows.map((row) => row.instance);
}
