// Patterns of tenants. Read whole at start and after a change, by the feed of the rules beside which they run.

import { type DataClass, isDataClass, isJsonFault, isObject, parseOwnJson, type TenantId, type Tx } from '#core';
import type { PatternSpec } from '#dlp';
import { type Database, notify, query, sql } from '#storage';
import { DATA_RULES_CHANNEL } from './data-rules.ts';

interface Row {
  readonly tenant: string;
  readonly name: string;
  readonly class: string;
  readonly pattern: string;
  readonly examples: string;
}

function specOf({ name, class: dataClass, pattern, examples }: Row): PatternSpec | null {
  const value = parseOwnJson(examples);
  if (!isDataClass(dataClass) || isJsonFault(value) || !isObject(value)) return null;
  const texts = (member: unknown): readonly string[] => (Array.isArray(member) ? member.filter((one) => typeof one === 'string') : []);
  return { name, dataClass, pattern, matches: texts(value.matches), differs: texts(value.differs) };
}

/** Rows of classes this version does not know are left out. */
export async function loadDataPatterns(database: Pick<Database, 'asSystem'>): Promise<ReadonlyMap<string, readonly PatternSpec[]>> {
  const { rows } = await database.asSystem('authenticator', async (tx) =>
    sql<Row>`select tenant, name, class, pattern, examples::text as examples from data_patterns order by tenant, name`.execute(query(tx)),
  );
  const found = new Map<string, PatternSpec[]>();
  for (const row of rows) {
    const spec = specOf(row);
    if (spec !== null) found.set(row.tenant, [...(found.get(row.tenant) ?? []), spec]);
  }
  return found;
}

export async function listDataPatterns(tx: Tx, tenant: TenantId): Promise<readonly PatternSpec[]> {
  const { rows } = await sql<Row>`select tenant, name, class, pattern, examples::text as examples from data_patterns
    where tenant = ${tenant} order by name`.execute(query(tx));
  return rows.flatMap((row) => specOf(row) ?? []);
}

/** Replaces what stood under that name. */
export async function putDataPattern(tx: Tx, tenant: TenantId, spec: PatternSpec): Promise<void> {
  const examples = JSON.stringify({ matches: spec.matches, differs: spec.differs });
  await sql`insert into data_patterns (tenant, name, class, pattern, examples)
    values (${tenant}, ${spec.name}, ${spec.dataClass satisfies DataClass}, ${spec.pattern}, ${examples}::jsonb)
    on conflict (tenant, name) do update set class = excluded.class, pattern = excluded.pattern, examples = excluded.examples`.execute(
    query(tx),
  );
  await notify(tx, DATA_RULES_CHANNEL, '');
}

/** False when there was none. */
export async function dropDataPattern(tx: Tx, tenant: TenantId, name: string): Promise<boolean> {
  const { rows } = await sql`delete from data_patterns where tenant = ${tenant} and name = ${name} returning name`.execute(query(tx));
  if (rows.length > 0) await notify(tx, DATA_RULES_CHANNEL, '');
  return rows.length > 0;
}

/** One change of a tenant's patterns after the other, so that their number holds. */
export async function lockDataPatterns(tx: Tx, tenant: TenantId): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${tenant}, 180))`.execute(query(tx));
}
