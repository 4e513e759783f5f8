// What a connection to Postgres is protected by, and which columns of the tables hold their values in the form of sealed ones: for the picture
// of where plain text exists. Reads catalogues and the first byte of values; never a value.

import type { Tx } from '#core';
import { askOf, withServer } from './ask-server.ts';

export interface WireInspection {
  /** As Postgres sees this very connection. */
  readonly isTls: boolean;
  /** `TLSv1.3`; null without. */
  readonly protocol: string | null;
  /** Null: a socket file of this machine. */
  readonly address: string | null;
}

export interface StoredColumn {
  readonly table: string;
  readonly column: string;
  /** As Postgres names it: `text`, `bytea`, `jsonb`, `text[]` ... */
  readonly type: string;
  /** Whether whoever asks may read it: the login of a part may not read everything. */
  readonly isReadable: boolean;
}

export interface SampledColumn {
  readonly table: string;
  readonly column: string;
  /** Values that were looked at; 0: it holds none of this tenant. */
  readonly looked: number;
  /** Those that begin as nothing sealed does, or are too short for it. */
  readonly unlike: number;
}

/** Of a connection made for it, as those of the pool are made: within a role that was put on, Postgres tells nobody about the connection. */
export async function inspectWire(url: string): Promise<WireInspection> {
  return withServer(url, async (ask) => {
    const [row] = await ask<{ tls: boolean; protocol: string | null; address: string | null }>(
      'select ssl as tls, version as protocol, host(inet_server_addr()) as address from pg_stat_ssl where pid = pg_backend_pid()',
    );
    return { isTls: row?.tls ?? false, protocol: row?.protocol ?? null, address: row?.address ?? null };
  });
}

/** Every column of every table of ours and of the workflow engine. */
export function listColumns(tx: Tx): Promise<readonly StoredColumn[]> {
  return askOf(tx)<StoredColumn>(
    `select case n.nspname when 'public' then '' else n.nspname || '.' end || c.relname as table, a.attname::text as column,
       format_type(a.atttypid, null) as type, has_column_privilege(c.oid, a.attnum, 'select') as "isReadable"
     from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and n.nspname in ('public', 'dbos') and a.attnum > 0 and not a.attisdropped order by 1, a.attnum`,
  );
}

const NAME = /^[a-z][a-z0-9_]{0,62}$/;
/** Values of one column: enough to notice that something else is written there, few enough to ask at any time. */
const SAMPLE = 200;

/** Looks at some values of the tenant in each column: do they have the form of sealed ones. */
export async function sampleSealed(
  tx: Tx,
  columns: readonly Pick<StoredColumn, 'table' | 'column'>[],
  form: { readonly formats: readonly number[]; readonly leastBytes: number },
): Promise<readonly SampledColumn[]> {
  const named = columns.filter(({ table, column }) => NAME.test(table) && NAME.test(column));
  if (named.length === 0) return [];
  const parts = named.map(
    ({ table, column }) =>
      `select '${table}' as table, '${column}' as column, count(*)::int as looked,
         (count(*) filter (where octet_length(v) < $2 or not get_byte(v, 0) = any ($1::int[])))::int as unlike
       from (select "${column}" as v from "${table}" where tenant = current_setting('sallyport.tenant') and "${column}" is not null limit ${SAMPLE}) s`,
  );
  return askOf(tx)<SampledColumn>(parts.join(' union all '), [[...form.formats], form.leastBytes]);
}
