// Keeps the ledger from sealing, as somebody's forgotten transaction would.

import pg from 'pg';

/** Holds what the sequencer needs, as an administrator's forgotten transaction would. */
export async function holdSealing(adminUrl: string): Promise<{ release(): Promise<void> }> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  await client.query('begin');
  await client.query('lock table audit_global in access exclusive mode');
  return {
    release: async () => {
      await client.query('rollback');
      await client.end();
    },
  };
}
