// Rows of flows, of what was declared about destinations, and of what was found. Every change of a declaration is sent with its commit.

import { type DataClass, type Handling, isDataClass, type OptOutUse, type TenantId, type Tx } from '#core';
import { type Database, notify, query, sql } from '#storage';
import type { TransferBasis } from '../flows/regions.ts';
import type { Destination, Direction, Finding, FlowRow, LegalBasis, PartyRole, Profile } from '../flows/types.ts';
import { readDecisions } from './decisions.ts';

export const FLOWS_CHANNEL = 'sallyport_flows';

/** Adds to what stands there; which of them nobody had seen. */
export async function addFlows(tx: Tx, tenant: TenantId, rows: readonly FlowRow[]): Promise<readonly FlowRow[]> {
  const column = <T>(of: (row: FlowRow) => T): T[] => rows.map(of);
  const texts = (of: (row: FlowRow) => string): string[] => column(of);
  const written = await sql<{ at: number; is_new: boolean }>`
    with given as (
      select * from unnest(${texts((row) => row.direction)}::text[], ${texts((row) => row.destination)}::text[],
        ${texts((row) => row.host)}::text[], ${texts((row) => row.region)}::text[], ${texts((row) => row.operation)}::text[],
        ${texts((row) => row.workflow)}::text[], ${texts((row) => row.dataClass)}::text[], ${texts((row) => row.handling)}::text[],
        ${column((row) => row.count)}::bigint[], ${column((row) => new Date(row.firstAtMs))}::timestamptz[],
        ${column((row) => new Date(row.lastAtMs))}::timestamptz[])
        with ordinality as given (direction, destination, host, region, operation, workflow, data_class, handling, count, first_at, last_at, at)
    ), written as (
      insert into governance_flows as held
        (tenant, direction, destination, host, region, operation, workflow, data_class, handling, count, first_at, last_at)
      select ${tenant}, direction, destination, host, region, operation, workflow, data_class, handling, count, first_at, last_at from given
      on conflict (tenant, direction, destination, host, region, operation, workflow, data_class, handling) do update
        set count = held.count + excluded.count, last_at = greatest(held.last_at, excluded.last_at)
      returning direction, destination, host, region, operation, workflow, data_class, handling, (xmax = 0) as is_new
    )
    select given.at::int as at, written.is_new from given
    join written using (direction, destination, host, region, operation, workflow, data_class, handling)`.execute(query(tx));
  return written.rows.filter(({ is_new }) => is_new).flatMap(({ at }) => rows[at - 1] ?? []);
}

interface Row {
  direction: Direction;
  destination: string;
  host: string;
  region: string;
  operation: string;
  workflow: string;
  data_class: string;
  handling: Handling;
  count: string;
  first_at: Date;
  last_at: Date;
}

/** Most rows that are shown at once: operations times classes of a large catalogue. */
export const MAX_FLOWS = 5_000;

export async function readFlows(tx: Tx, tenant: TenantId): Promise<readonly FlowRow[]> {
  const { rows } = await sql<Row>`select direction, destination, host, region, operation, workflow, data_class, handling, count::text,
    first_at, last_at from governance_flows where tenant = ${tenant}
    order by destination, direction, operation, workflow, data_class, handling, host, region limit ${MAX_FLOWS}`.execute(query(tx));
  return rows.flatMap(({ data_class, count, first_at, last_at, ...row }) =>
    isDataClass(data_class)
      ? [{ ...row, dataClass: data_class, count: Number(count), firstAtMs: first_at.getTime(), lastAtMs: last_at.getTime() }]
      : [],
  );
}

/** Those that are new; one that is known already is not found again. */
export async function addFindings(tx: Tx, tenant: TenantId, found: readonly Finding[]): Promise<readonly Finding[]> {
  const fresh: Finding[] = [];
  for (const one of found) {
    const { rows } = await sql`insert into governance_findings (tenant, kind, destination, region, data_class, first_at)
      values (${tenant}, ${one.kind}, ${one.destination}, ${one.region}, ${one.dataClass}, ${new Date(one.firstAtMs)})
      on conflict do nothing returning kind`.execute(query(tx));
    if (rows.length > 0) fresh.push(one);
  }
  return fresh;
}

export async function readFindings(tx: Tx, tenant: TenantId): Promise<readonly Finding[]> {
  const { rows } = await sql<{ kind: Finding['kind']; destination: string; region: string; data_class: string; first_at: Date }>`
    select kind, destination, region, data_class, first_at from governance_findings where tenant = ${tenant}
    order by first_at desc, destination, data_class limit ${MAX_FLOWS}`.execute(query(tx));
  return rows.flatMap(({ data_class, first_at, ...row }) =>
    isDataClass(data_class) ? [{ ...row, dataClass: data_class, firstAtMs: first_at.getTime() }] : [],
  );
}

/** Forgets the findings about a destination: its declaration changed, and they are judged anew. */
export async function dropFindings(tx: Tx, tenant: TenantId, destination: string | null): Promise<void> {
  await sql`delete from governance_findings where tenant = ${tenant}
    and (${destination}::text is null or destination = ${destination})`.execute(query(tx));
}

export async function putDestination(tx: Tx, tenant: TenantId, one: Destination, by: string): Promise<void> {
  await sql`insert into governance_destinations (tenant, name, vendor, country, host, party, legal_basis, transfer_basis, purpose,
      retention_days, measures, classes, uses, opt_out_field, declared_at, declared_by)
    values (${tenant}, ${one.name}, ${one.vendor}, ${one.country}, ${one.host}, ${one.role}, ${one.legalBasis}, ${one.transferBasis},
      ${one.purpose}, ${one.retentionDays}, ${one.measures}, ${[...one.classes]}::text[], ${[...one.uses]}::text[], ${one.optOutField},
      ${new Date(one.declaredAtMs)}, ${by})
    on conflict (tenant, name) do update set vendor = excluded.vendor, country = excluded.country, host = excluded.host,
      party = excluded.party, legal_basis = excluded.legal_basis, transfer_basis = excluded.transfer_basis, purpose = excluded.purpose,
      retention_days = excluded.retention_days, measures = excluded.measures, classes = excluded.classes, uses = excluded.uses,
      opt_out_field = excluded.opt_out_field, declared_at = excluded.declared_at, declared_by = excluded.declared_by`.execute(query(tx));
  await announceRules(tx, tenant);
}

export async function dropDestination(tx: Tx, tenant: TenantId, name: string): Promise<boolean> {
  const { rows } = await sql`delete from governance_destinations where tenant = ${tenant} and name = ${name} returning name`.execute(
    query(tx),
  );
  if (rows.length > 0) await announceRules(tx, tenant);
  return rows.length > 0;
}

export async function putProfile(tx: Tx, tenant: TenantId, profile: Profile & { readonly atMs: number }, by: string): Promise<void> {
  await sql`insert into governance_profile (tenant, home, controller, contact, declared_at, declared_by)
    values (${tenant}, ${profile.home}, ${profile.controller}, ${profile.contact}, ${new Date(profile.atMs)}, ${by})
    on conflict (tenant) do update set home = excluded.home, controller = excluded.controller, contact = excluded.contact,
      declared_at = excluded.declared_at, declared_by = excluded.declared_by`.execute(query(tx));
  await announceRules(tx, tenant);
}

export const announceRules = (tx: Tx, tenant: TenantId): Promise<void> => notify(tx, FLOWS_CHANNEL, tenant);

interface DestinationRow {
  tenant: TenantId;
  name: string;
  vendor: string;
  country: string;
  host: string;
  party: PartyRole;
  legal_basis: LegalBasis;
  transfer_basis: TransferBasis;
  purpose: string;
  retention_days: number | null;
  measures: string;
  classes: string[];
  uses: OptOutUse[];
  opt_out_field: string | null;
  declared_at: Date;
}

export interface RuleRows {
  readonly profiles: readonly (Profile & { readonly tenant: TenantId })[];
  readonly destinations: readonly { readonly tenant: TenantId; readonly destination: Destination }[];
  readonly decisions: Awaited<ReturnType<typeof readDecisions>>;
}

/** What every tenant declared; of one where named. */
export async function readRules(db: Pick<Database, 'asSystem'>, tenant: TenantId | null): Promise<RuleRows> {
  return db.asSystem('authenticator', async (tx) => {
    const profiles = await sql<Profile & { tenant: TenantId }>`select tenant, home, controller, contact from governance_profile
      where ${tenant}::text is null or tenant = ${tenant}`.execute(query(tx));
    const destinations = await sql<DestinationRow>`select tenant, name, vendor, country, host, party, legal_basis, transfer_basis, purpose,
      retention_days, measures, classes, uses, opt_out_field, declared_at from governance_destinations
      where ${tenant}::text is null or tenant = ${tenant}`.execute(query(tx));
    return {
      profiles: profiles.rows,
      destinations: destinations.rows.map((row) => ({ tenant: row.tenant, destination: destinationOf(row) })),
      decisions: await readDecisions(tx, tenant),
    };
  });
}

function destinationOf(row: DestinationRow): Destination {
  return Object.freeze({
    name: row.name,
    vendor: row.vendor,
    country: row.country,
    host: row.host,
    role: row.party,
    legalBasis: row.legal_basis,
    transferBasis: row.transfer_basis,
    purpose: row.purpose,
    retentionDays: row.retention_days,
    measures: row.measures,
    classes: row.classes.filter((name): name is DataClass => isDataClass(name)),
    uses: row.uses,
    optOutField: row.opt_out_field,
    declaredAtMs: row.declared_at.getTime(),
  });
}
