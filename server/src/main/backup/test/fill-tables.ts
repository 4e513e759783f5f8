// Puts rows into every table of data, whatever tables there are: texts are the same in every table, so that references hold.

import type { TestDatabase } from '@sallyport/testkit';

interface Column {
  readonly name: string;
  readonly type: string;
  /** The first value that a check of the column allows by name. */
  readonly allowed: string | null;
  /** Characters it must have, where a check of the column says so. */
  readonly length: string | null;
  /** When what stands sealed in the row ended: it has not. */
  readonly isOpen: boolean;
}

const COLUMNS = String.raw`
select n.nspname || '.' || c.relname as table, json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, null),
  'length', (select substring(pg_get_constraintdef(k.oid) from '^CHECK \(\(length\(\w+\) = (\d+)\)\)$') from pg_constraint k
    where k.conrelid = c.oid and k.contype = 'c' and k.conkey = array[a.attnum] and pg_get_constraintdef(k.oid) like 'CHECK ((length(%) = %' limit 1),
  'isOpen', not a.attnotnull and a.attname in ('ended_at', 'retired_at') and exists (select from pg_attribute s where s.attrelid = c.oid and s.attname = 'sealed'),
  'allowed', (select substring(pg_get_constraintdef(k.oid) from $$'([^']+)'::text$$) from pg_constraint k
    where k.conrelid = c.oid and k.contype = 'c' and k.conkey = array[a.attnum] and pg_get_constraintdef(k.oid) like '%''%' limit 1))
  order by a.attnum) as columns
from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
where c.relkind = 'r' and n.nspname in ('public', 'dbos') and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
  and c.relname !~ '^(storage_|dbos_migrations)'
group by 1 order by 1`;

/** Text with everything COPY has to escape. */
const awkward = (row: number): string => `v${row}\t\\\n\r"quotes" {braces} \u00e9 \ud83d\ude80`;

function literalOf({ name, type, allowed, isOpen, length }: Column, row: number): string {
  if (isOpen) return 'null';
  // Who decides is somebody else than who asked, and an agency another tenant than its client.
  const own = name === 'decided_by' || name === 'agency' ? `w${row}` : null;
  // A form instead of values: the first of these that fits it.
  const letter = 'abc'.charAt(row % 3);
  const forms = [`v${row}`, letter, `integration:v${row}`, letter.toUpperCase().repeat(2)];
  const isForm = allowed?.startsWith('^') === true;
  const named = isForm ? (forms.find((form) => new RegExp(allowed, 'u').test(form)) ?? null) : allowed;
  const text = named ?? own ?? (['tenant', 'content', 'leaf', 'sentence'].includes(name) ? awkward(row) : `v${row}`);
  const fitting = length === null ? text : text.padEnd(Number(length), 'x');
  const quoted = `'${fitting.replaceAll("'", "''")}'`;
  if (type === 'text' || type.startsWith('character')) return quoted;
  if (type === 'text[]') return `array[${quoted}, '']::text[]`;
  if (type === 'bytea') return `decode('${(row + 1).toString(16).padStart(2, '0').repeat(32)}', 'hex')`;
  if (type.startsWith('json')) return `'{"a": [${row}, null, "\\u00e9"], "b": 1.50}'`;
  if (type === 'boolean') return name.startsWith('only') ? 'true' : String(row % 2 === 0);
  if (type.startsWith('timestamp')) return `'2026-11-0${row + 1} 10:${['expires_at', 'ends_at'].includes(name) ? '31' : '11'}:12.345678Z'`;
  if (type === 'date') return `'2026-11-0${row + 1}'`;
  if (type === 'uuid') return `'00000000-0000-4000-8000-00000000000${row}'`;
  if (type === 'smallint') return '1';
  return name === 'epoch' || name === 'sequence' ? String(row + 2) : String(row + 1);
}

/** Names of the tables, each with `rows` rows; one that takes only one row has one. */
export async function fillTables(database: TestDatabase, rows: number): Promise<readonly string[]> {
  const tables = await database.admin<{ table: string; columns: Column[] }>(COLUMNS);
  const statements = tables.flatMap(({ table, columns }) =>
    Array.from({ length: columns.some(({ name }) => name.startsWith('only')) ? 1 : rows }, (_, row) => {
      const names = columns.map(({ name }) => `"${name}"`).join(', ');
      return `insert into ${table} (${names}) overriding system value values (${columns.map((column) => literalOf(column, row)).join(', ')});`;
    }),
  );
  await database.admin(`set session_replication_role = replica; ${statements.join('\n')}`);
  return tables.map(({ table }) => table);
}
