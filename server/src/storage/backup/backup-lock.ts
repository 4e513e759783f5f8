// One process at a time makes, drills or removes backups of a database: a lock of the session, which a killed process lets go of.

import { storageFault } from '../errors.ts';
import { withSession } from './session.ts';

const LOCK = 7_255_901_485;

/** Throws STORAGE_BACKUP_BUSY while another process works. */
export function withBackupLock<T>(adminUrl: string, work: () => Promise<T>): Promise<T> {
  return withSession(adminUrl, 'sallyport-backup-lock', async (client) => {
    const { rows } = await client.query<{ taken: boolean }>(`select pg_try_advisory_lock(${LOCK}) as taken`);
    if (rows[0]?.taken !== true) throw storageFault('STORAGE_BACKUP_BUSY');
    return work();
  });
}
