// How old the epoch is and what waits for its end, asked of the database alone: for the doctor, who holds no key.

import type { RoomDatabase } from '#storage';
import { countPending, listEpochs } from '../store/epochs.ts';

export interface EpochInspection {
  readonly current: number;
  readonly sinceMs: number | null;
  /** A round was begun and has not ended. */
  readonly isOpen: boolean;
  readonly pending: number;
  readonly oldestMs: number | null;
}

export async function inspectEpochs(db: Pick<RoomDatabase, 'asSystem'>): Promise<EpochInspection> {
  return db.asSystem('installer', async (tx) => {
    const rows = await listEpochs(tx);
    const current = rows.find(({ state }) => state === 'current');
    const closed = Math.max(-1, ...rows.filter(({ state }) => state === 'destroyed').map(({ epoch }) => epoch));
    const { count, oldestAt } = await countPending(tx, closed);
    return {
      current: current?.epoch ?? 0,
      sinceMs: current?.currentAt?.getTime() ?? null,
      isOpen: rows.some(({ state }) => state === 'prepared' || state === 'ending'),
      pending: count,
      oldestMs: oldestAt?.getTime() ?? null,
    };
  });
}
