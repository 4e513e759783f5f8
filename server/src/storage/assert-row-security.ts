// Looks at every table, view and function of the database and refuses any through which one tenant could see another's rows.
// INVARIANT: it lists what exists, never what we think exists; finding no tenant table at all is a failure too.

import { sql } from 'kysely';
import type { Database } from './database.ts';
import { storageFault } from './errors.ts';
import { OUR_ROLES } from './logins.ts';
import { APP_ROLE } from './roles.ts';
import { ROOM_ROLES, roomRole } from './room-rights.ts';
import { query } from './transaction.ts';

export interface RowSecurityReport {
  readonly tenantTables: readonly string[];
  /** One sentence per hole; empty when the walls are complete. */
  readonly holes: readonly string[];
}

/** Tables without a tenant that belong to storage. Rooms that need one name it when they call. */
const STORAGE_TABLES: readonly string[] = [
  'storage_app_login',
  'storage_backups',
  'storage_migration_steps',
  'storage_migrations',
  'storage_replicas',
  'storage_backups',
  'storage_restore',
  'storage_restore_step',
  'storage_restore_yes',
  'storage_restore',
  'storage_restore_step',
  'storage_restore_yes',
];

interface TableRow {
  readonly name: string;
  readonly kind: string;
  readonly isEnabled: boolean;
  readonly isForced: boolean;
  readonly tenantIsText: boolean | null;
  readonly tenantIsRequired: boolean | null;
  readonly firstKeyColumn: string | null;
  readonly owner: string;
  readonly isInvoker: boolean;
  readonly isOpen: boolean;
}

const TABLES = sql<TableRow>`
select c.relnamespace::regnamespace::text || '.' || c.relname as name, c.relkind::text as kind,
  c.relrowsecurity as "isEnabled", c.relforcerowsecurity as "isForced",
  t.atttypid = 'text'::regtype as "tenantIsText", t.attnotnull as "tenantIsRequired",
  (select a.attname from pg_index i join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
    where i.indrelid = c.oid and i.indisprimary) as "firstKeyColumn",
  pg_get_userbyid(c.relowner) as owner,
  coalesce(c.reloptions && array['security_invoker=true', 'security_invoker=on', 'security_invoker=1'], false) as "isInvoker",
  exists (select 1 from aclexplode(c.relacl) g where g.grantee = 0) as "isOpen"
from pg_class c
left join pg_attribute t on t.attrelid = c.oid and t.attname = 'tenant' and not t.attisdropped
where c.relkind in ('r', 'p', 'v', 'm', 'f')
  and c.relnamespace::regnamespace::text not in ('pg_catalog', 'information_schema', 'pg_toast')
order by 1`;

interface PolicyRow {
  readonly name: string;
  readonly policy: string;
  readonly roles: readonly string[];
  readonly permissive: string;
  readonly qual: string | null;
  readonly check: string | null;
}

const POLICIES = sql<PolicyRow>`
select schemaname || '.' || tablename as name, policyname as policy, roles::text[] as roles, permissive, qual, with_check as "check" from pg_policies`;

const DEFINER_FUNCTIONS = sql<{ name: string }>`
select p.oid::regprocedure::text as name from pg_proc p
where p.prosecdef and p.pronamespace::regnamespace::text not in ('pg_catalog', 'information_schema')`;

const POWERFUL_ROLES = sql<{ name: string }>`
select rolname as name from pg_roles where (rolsuper or rolbypassrls) and rolname in (${sql.join([...OUR_ROLES])})`;

/** The condition `tenantTable` writes, as Postgres prints it back. */
const WALL = '(tenant = ( SELECT sallyport_tenant() AS sallyport_tenant))';
const ROOMS: ReadonlySet<string> = new Set(ROOM_ROLES.map(roomRole));
const SERVER_ROLES: ReadonlySet<string> = new Set(OUR_ROLES);

function isWall({ qual, check }: PolicyRow): boolean {
  const conditions = [qual, check].filter((condition) => condition !== null);
  return conditions.length > 0 && conditions.every((condition) => condition === WALL);
}

function policyHoles(table: string, policies: readonly PolicyRow[]): string[] {
  const holes: string[] = [];
  const forApp = policies.filter((policy) => policy.roles.includes(APP_ROLE));
  if (forApp.length === 0) holes.push(`${table} has no policy for ${APP_ROLE}; use tenantTable() in its migration`);
  for (const policy of forApp) {
    if (policy.permissive === 'PERMISSIVE' && !isWall(policy))
      holes.push(`${table} lets ${APP_ROLE} past the tenant by the policy ${policy.policy}`);
  }
  for (const policy of policies) {
    const rooms = policy.roles.filter((role) => ROOMS.has(role));
    if (rooms.length > 0 && !isWall(policy))
      holes.push(`${table} lets ${rooms.join(' and ')} past the tenant by the policy ${policy.policy}`);
  }
  for (const policy of policies.filter((one) => one.roles.includes('public')))
    holes.push(`${table} has the policy ${policy.policy} for everybody`);
  return holes;
}

function tableHoles(table: TableRow, policies: readonly PolicyRow[], allowed: ReadonlySet<string>): string[] {
  const holes: string[] = [];
  if (SERVER_ROLES.has(table.owner)) holes.push(`${table.name} is owned by a role of the server`);
  if (table.isOpen) holes.push(`${table.name} is granted to everybody`);
  if (table.kind === 'v') return table.isInvoker ? holes : [...holes, `the view ${table.name} does not use security_invoker`];
  if (table.kind === 'm' || table.kind === 'f') return [...holes, `${table.name} can not have row security, use a plain table`];
  if (table.tenantIsText === null) {
    return allowed.has(table.name) ? holes : [...holes, `${table.name} has no tenant column and is not on the list of tables without one`];
  }
  if (!table.tenantIsText || table.tenantIsRequired !== true) holes.push(`${table.name}.tenant is not "text not null"`);
  if (table.firstKeyColumn !== 'tenant') holes.push(`${table.name} does not have tenant first in its primary key`);
  if (!table.isEnabled) holes.push(`${table.name} has row security switched off`);
  if (!table.isForced) holes.push(`${table.name} does not force row security on its owner`);
  return [...holes, ...policyHoles(table.name, policies)];
}

const qualified = (table: string): string => (table.includes('.') ? table : `public.${table}`);

/** What an auditor would look for by hand. `withoutTenant` names the tables that hold nothing of any tenant. */
export async function inspectRowSecurity(db: Database, withoutTenant: readonly string[] = []): Promise<RowSecurityReport> {
  const allowed = new Set([...STORAGE_TABLES, ...withoutTenant].map(qualified));
  return db.asSystem('installer', async (tx) => {
    const on = query(tx);
    const tables = (await TABLES.execute(on)).rows;
    const policies = Map.groupBy((await POLICIES.execute(on)).rows, (policy) => policy.name);
    const definers = (await DEFINER_FUNCTIONS.execute(on)).rows;
    const powerful = (await POWERFUL_ROLES.execute(on)).rows;
    return {
      tenantTables: tables.filter((table) => table.tenantIsText !== null).map((table) => table.name),
      holes: [
        ...tables.flatMap((table) => tableHoles(table, policies.get(table.name) ?? [], allowed)),
        ...definers.map(({ name }) => `the function ${name} runs with its owner's rights`),
        ...powerful.map(({ name }) => `the role ${name} may bypass row security`),
      ],
    };
  });
}

/** Throws STORAGE_ROW_SECURITY_OPEN naming every hole. */
export async function assertRowSecurity(db: Database, withoutTenant: readonly string[] = []): Promise<void> {
  const { tenantTables, holes } = await inspectRowSecurity(db, withoutTenant);
  if (tenantTables.length === 0) throw storageFault('STORAGE_ROW_SECURITY_OPEN', 'no tenant table was found, so nothing was checked');
  if (holes.length > 0) throw storageFault('STORAGE_ROW_SECURITY_OPEN', holes.join('; '));
}
