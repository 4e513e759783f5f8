// Rules of tenants about who may see what, and how often each cell of the matrix decided.

import {
  type DataClass,
  type DestinationKind,
  type Handling,
  isDataClass,
  type TenantId,
  type Tx,
  type UnixMs,
  type UnsureHandling,
} from '#core';
import { type Database, notify, query, sql } from '#storage';
import type { DataRule, RuleMode, UnsureRule } from '../data-matrix/matrix.ts';

export const DATA_RULES_CHANNEL = 'sallyport_data_rules';

export interface DataHit {
  /** UTC. */
  readonly day: string;
  readonly kind: DestinationKind;
  /** Empty where there is none, or it does not matter. */
  readonly integration: string;
  readonly dataClass: DataClass;
  readonly handling: Handling;
  readonly onTrial: boolean;
  readonly hits: number;
}

interface RuleRow {
  tenant: string;
  destination: string;
  class: string;
  mode: string;
  handling: string;
}

interface UnsureRow {
  tenant: string;
  class: string;
  unsure: string;
}

interface Tables {
  data_rules: RuleRow;
  data_unsure_rules: UnsureRow;
}

/** Rows whose class this version does not know are left out: what is in force for it here is the default. */
export async function loadDataRules(
  database: Pick<Database, 'asSystem'>,
): Promise<{ readonly rules: ReadonlyMap<string, DataRule[]>; readonly unsure: ReadonlyMap<string, UnsureRule[]> }> {
  const [rows, unsureRows] = await database.asSystem('authenticator', async (tx) => [
    await query<Tables>(tx).selectFrom('data_rules').select(['tenant', 'destination', 'class', 'mode', 'handling']).execute(),
    await query<Tables>(tx).selectFrom('data_unsure_rules').select(['tenant', 'class', 'unsure']).execute(),
  ]);
  const rules = new Map<string, DataRule[]>();
  for (const row of rows) {
    if (!isDataClass(row.class)) continue;
    const rule = { destination: row.destination, dataClass: row.class, mode: row.mode as RuleMode, handling: row.handling as Handling };
    rules.set(row.tenant, [...(rules.get(row.tenant) ?? []), rule]);
  }
  const unsure = new Map<string, UnsureRule[]>();
  for (const row of unsureRows) {
    if (!isDataClass(row.class)) continue;
    unsure.set(row.tenant, [...(unsure.get(row.tenant) ?? []), { dataClass: row.class, unsure: row.unsure as UnsureHandling }]);
  }
  return { rules, unsure };
}

export async function putDataRule(tx: Tx, tenant: TenantId, rule: DataRule): Promise<void> {
  await sql`insert into data_rules (tenant, destination, class, mode, handling)
    values (${tenant}, ${rule.destination}, ${rule.dataClass}, ${rule.mode}, ${rule.handling})
    on conflict (tenant, destination, class, mode) do update set handling = excluded.handling`.execute(query(tx));
  await notify(tx, DATA_RULES_CHANNEL, '');
}

/** False when there was none. */
export async function dropDataRule(tx: Tx, tenant: TenantId, rule: Omit<DataRule, 'handling'>): Promise<boolean> {
  const { rows } = await sql`delete from data_rules where tenant = ${tenant} and destination = ${rule.destination}
    and class = ${rule.dataClass} and mode = ${rule.mode} returning class`.execute(query(tx));
  if (rows.length > 0) await notify(tx, DATA_RULES_CHANNEL, '');
  return rows.length > 0;
}

/** The rules of one tenant as they stand in this transaction; those who change them wait for each other. */
export async function readDataRules(tx: Tx, tenant: TenantId): Promise<{ readonly rules: DataRule[]; readonly unsure: UnsureRule[] }> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${tenant}, 175))`.execute(query(tx));
  const rules = await query<Tables>(tx).selectFrom('data_rules').selectAll().where('tenant', '=', tenant).execute();
  const unsure = await query<Tables>(tx).selectFrom('data_unsure_rules').selectAll().where('tenant', '=', tenant).execute();
  return {
    rules: rules.flatMap((row) =>
      isDataClass(row.class)
        ? [{ destination: row.destination, dataClass: row.class, mode: row.mode as RuleMode, handling: row.handling as Handling }]
        : [],
    ),
    unsure: unsure.flatMap((row) => (isDataClass(row.class) ? [{ dataClass: row.class, unsure: row.unsure as UnsureHandling }] : [])),
  };
}

/** `null` puts the default back. */
export async function putUnsureRule(tx: Tx, tenant: TenantId, dataClass: DataClass, unsure: UnsureHandling | null): Promise<void> {
  if (unsure === null) await sql`delete from data_unsure_rules where tenant = ${tenant} and class = ${dataClass}`.execute(query(tx));
  else
    await sql`insert into data_unsure_rules (tenant, class, unsure) values (${tenant}, ${dataClass}, ${unsure})
      on conflict (tenant, class) do update set unsure = excluded.unsure`.execute(query(tx));
  await notify(tx, DATA_RULES_CHANNEL, '');
}

export async function addDataHits(tx: Tx, tenant: TenantId, hits: readonly DataHit[]): Promise<void> {
  await sql`insert into data_rule_hits as held (tenant, day, kind, integration, class, handling, on_trial, hits)
    select ${tenant}, day, kind, integration, class, handling, on_trial, hits from jsonb_to_recordset(${JSON.stringify(
      hits.map(({ dataClass, onTrial, ...hit }) => ({ ...hit, class: dataClass, on_trial: onTrial })),
    )}::jsonb) as row (day date, kind text, integration text, class text, handling text, on_trial boolean, hits bigint)
    on conflict (tenant, day, kind, integration, class, handling, on_trial) do update set hits = held.hits + excluded.hits`.execute(
    query(tx),
  );
}

export async function listDataHits(tx: Tx, tenant: TenantId, sinceMs: UnixMs): Promise<readonly Omit<DataHit, 'day'>[]> {
  const { rows } = await sql<{ kind: string; integration: string; class: string; handling: string; on_trial: boolean; hits: string }>`
    select kind, integration, class, handling, on_trial, sum(hits)::text as hits from data_rule_hits
    where tenant = ${tenant} and day >= ${new Date(sinceMs)}::date group by kind, integration, class, handling, on_trial
    order by kind, integration, class, handling, on_trial`.execute(query(tx));
  return rows.flatMap((row) =>
    isDataClass(row.class)
      ? [
          {
            kind: row.kind as DestinationKind,
            integration: row.integration,
            dataClass: row.class,
            handling: row.handling as Handling,
            onTrial: row.on_trial,
            hits: Number(row.hits),
          },
        ]
      : [],
  );
}

export async function pruneDataHits(database: Pick<Database, 'asSystem'>, beforeMs: number): Promise<number> {
  const { rows } = await database.asSystem('authenticator', (tx) =>
    sql`delete from data_rule_hits where day < ${new Date(beforeMs)}::date returning 1`.execute(query(tx)),
  );
  return rows.length;
}
