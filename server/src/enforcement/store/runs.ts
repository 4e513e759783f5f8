// What a bound run has seen: the labels of results we returned to it, so that they are recognised when they come back
// as tool messages, and the customers' values that must be tokenised in its model calls.

import type { Label, LabelJson, RunId, TenantId, Tx } from '#core';
import { join, joinAll, labelFromJson, labelToJson } from '#core';
import type { KnownValue } from '#dlp';
import { type Database, follow, notify, query, sql } from '#storage';

/** Where the values themselves are kept, sealed. */
export interface KnownValueStore {
  remember(tx: Tx, tenant: TenantId, run: RunId, values: readonly KnownValue[]): Promise<void>;
  load(
    tenant: TenantId,
    run: RunId,
  ): Promise<readonly { readonly type: string; readonly value: string; readonly subject: string | null }[]>;
  forget(tx: Tx, tenant: TenantId, run: RunId): Promise<void>;
}

interface Tables {
  run_results: { tenant: string; run: string; digest: string; tool_call_id: string; label: unknown };
}

/** Most runs a process keeps in memory; the oldest is dropped and read again when it comes back. */
const MAX_RUNS = 2_000;
/** Most customer values one run carries; later ones are kept in the vault only. */
const MAX_KNOWN = 5_000;

/** Tells the other processes that a run has read more: their memory of it is old. */
const CHANNEL = 'sallyport_runs';

interface RunMemory {
  /** `toolCallId/digest` to label. */
  readonly results: Map<string, Label>;
  readonly known: Map<string, KnownValue>;
  /** The join over `results`, kept as they come: a long run would pay for all of them at every call. */
  label: Label;
}

export interface RunStore {
  /** Loads the run once; later calls answer from memory. */
  open(tenant: TenantId, run: RunId): Promise<RunView>;
  /** Records a result that is about to be released to the run, and the customers' values in it. */
  record(
    tx: Tx,
    entry: { tenant: TenantId; run: RunId; toolCallId: string; digest: string; label: Label; known: readonly KnownValue[] },
  ): Promise<void>;
  /** Forgets what a run has read, values included. */
  forget(tx: Tx, tenant: TenantId, run: RunId): Promise<void>;
  /** Every process reads it anew: values of it were erased elsewhere. */
  reread(tx: Tx, tenant: TenantId, run: RunId): Promise<void>;
  close(): Promise<void>;
}

export interface RunView {
  /** The label of a tool result we returned under that id with exactly that content, or `null`. */
  recognise(toolCallId: string, digest: string): Label | null;
  readonly known: readonly KnownValue[];
  /** The join over everything the run has read. */
  readonly label: Label;
}

/** `self` names this process among those on the database. */
export async function createRunStore(database: Database, values: KnownValueStore, self: string): Promise<RunStore> {
  /** Calls that open a run together share one memory, or what one of them records would be lost with its own. */
  const runs = new Map<string, Promise<RunMemory>>();
  const onRecorded = (payload: string): void => {
    const [by, key] = payload.split(' ', 2);
    if (by !== self && key !== undefined) runs.delete(key);
  };
  // While another process could read for a run without our hearing of it, every call reads the run anew.
  const feed = await follow({
    db: database,
    // It only counts whether the feed is lost, not for how long.
    clock: { now: () => 0 },
    channel: CHANNEL,
    hear: onRecorded,
    reload: () => runs.clear(),
    onLost: () => runs.clear(),
    onFault: () => {},
  });

  const load = async (tenant: TenantId, run: RunId): Promise<RunMemory> => {
    const rows = await database.inTenant(tenant, (tx) =>
      query<Tables>(tx).selectFrom('run_results').selectAll().where('tenant', '=', tenant).where('run', '=', run).execute(),
    );
    const known = (await values.load(tenant, run)) as readonly KnownValue[];
    const results = new Map(rows.map((row) => [`${row.tool_call_id}/${row.digest}`, labelFromJson(row.label as LabelJson)]));
    return {
      results,
      label: joinAll(results.values()),
      known: new Map(known.slice(0, MAX_KNOWN).map((value) => [`${value.type}/${value.value}`, value])),
    };
  };
  const memoryOf = (tenant: TenantId, run: RunId): Promise<RunMemory> => {
    const key = `${tenant}/${run}`;
    const held = runs.get(key) ?? load(tenant, run);
    held.catch(() => {
      if (runs.get(key) === held) runs.delete(key);
    });
    runs.delete(key);
    if (feed.lostAtMs === null) runs.set(key, held);
    if (runs.size > MAX_RUNS) runs.delete(runs.keys().next().value as string);
    return held;
  };

  return {
    async open(tenant, run) {
      const memory = await memoryOf(tenant, run);
      return {
        recognise: (toolCallId, digest) => memory.results.get(`${toolCallId}/${digest}`) ?? null,
        known: [...memory.known.values()],
        label: memory.label,
      };
    },
    async forget(tx, tenant, run) {
      await query<Tables>(tx).deleteFrom('run_results').where('tenant', '=', tenant).where('run', '=', run).execute();
      await values.forget(tx, tenant, run);
      await notify(tx, CHANNEL, `${self} ${tenant}/${run}`);
      runs.delete(`${tenant}/${run}`);
    },
    async reread(tx, tenant, run) {
      await notify(tx, CHANNEL, `${self} ${tenant}/${run}`);
      runs.delete(`${tenant}/${run}`);
    },
    async record(tx, entry) {
      // What is not held is not loaded here, within a transaction: everything is written, and what was there stays.
      const memory = await runs.get(`${entry.tenant}/${entry.run}`);
      const key = `${entry.toolCallId}/${entry.digest}`;
      const isNew = memory?.results.has(key) !== true;
      if (isNew) {
        await sql`
          insert into run_results (tenant, run, tool_call_id, digest, label)
          values (${entry.tenant}, ${entry.run}, ${entry.toolCallId}, ${entry.digest}, ${JSON.stringify(labelToJson(entry.label))}::jsonb)
          on conflict do nothing`.execute(query<Tables>(tx));
      }
      const fresh = entry.known.filter((value) => memory?.known.has(`${value.type}/${value.value}`) !== true);
      if (fresh.length > 0) await values.remember(tx, entry.tenant, entry.run, fresh);
      if (isNew || fresh.length > 0) await notify(tx, CHANNEL, `${self} ${entry.tenant}/${entry.run}`);
      if (memory === undefined) return;
      if (isNew) {
        memory.results.set(key, entry.label);
        memory.label = join(memory.label, entry.label);
      }
      for (const value of fresh) if (memory.known.size < MAX_KNOWN) memory.known.set(`${value.type}/${value.value}`, value);
    },
    async close() {
      await feed.close();
    },
  };
}
