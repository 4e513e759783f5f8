// Every row of every table as text, read as the administrator: what a dump of the database would hold, compressed values unpacked.
// For searching an installation for values that should not be in it; writes nothing and changes nothing.

import pg from 'pg';
import { connectionSettings, DEFAULT_LIMITS } from './connection-settings.ts';
import { translateError } from './translate-error.ts';

const BATCH = 500;
/** Of a search beside a server's work: less is held, and looked at, at once. */
const PACED_BATCH = 50;
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/**
 * `table`: `public.identity_people`. Nothing is sorted: a search needs no order. `rest`: awaited between batches, by who reads beside a server's
 * work; what is in memory only is then not written first.
 */
export async function readEveryRow(
  adminUrl: string,
  onRow: (table: string, row: string) => void,
  rest: (() => Promise<void>) | null = null,
): Promise<void> {
  const batch = rest === null ? BATCH : PACED_BATCH;
  const client = new pg.Client(connectionSettings(adminUrl, DEFAULT_LIMITS, 'sallyport-search'));
  client.on('error', () => {});
  await client.connect().catch((error: unknown) => {
    throw translateError(error);
  });
  try {
    // What is in memory only is written, so that the files hold what the tables do.
    if (rest === null) await client.query('checkpoint');
    await client.query('begin read only');
    const { rows: tables } = await client.query<{ schema: string; name: string }>(
      `select schemaname as schema, tablename as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema') order by 1, 2`,
    );
    for (const { schema, name } of tables) {
      await client.query(`declare every_row no scroll cursor for select t::text as line from ${quoted(schema)}.${quoted(name)} t`);
      for (;;) {
        const { rows } = await client.query<{ line: string }>(`fetch ${batch} from every_row`);
        for (const { line } of rows) onRow(`${schema}.${name}`, line);
        await rest?.();
        if (rows.length < batch) break;
      }
      await client.query('close every_row');
    }
  } finally {
    await client.query('rollback').catch(() => {});
    await client.end();
  }
}
