// How it stands with the keys, in numbers: for `sallyport keys status` and the doctor. Names no key and no person.

import type { RoomDatabase } from '#storage';
import { readSeal } from '../key-file.ts';
import { countSubjectKeys, countTenantKeys } from '../store/all-keys.ts';
import { countPending, listEpochs } from '../store/epochs.ts';
import type { HeldKeys } from './held-keys.ts';

export interface KeyStatus {
  /** Id of the key in the key file, and how it is sealed there: file, passphrase, aws-kms or transit. */
  readonly key: { readonly id: string; readonly sealedBy: string; readonly isBeingReplaced: boolean };
  readonly epoch: {
    readonly current: number;
    /** Since when it is the current one; null: none yet. */
    readonly since: string | null;
    /** Epochs that are not destroyed yet though another is current. */
    readonly ending: readonly number[];
    readonly lastDestroyedAt: string | null;
  };
  /** Erasures that become final when the current epoch is destroyed. */
  readonly pending: { readonly erasures: number; readonly oldestAt: string | null };
  readonly tenantKeys: {
    readonly tenants: number;
    readonly newestVersion: number;
    readonly olderVersions: number;
    readonly underOtherFile: number;
  };
  readonly subjectKeys: { readonly all: number; readonly underOtherEpoch: number; readonly underOlderKey: number };
  /** Keys in the list that a restore of an older backup takes them from. */
  readonly survivors: number;
}

export async function readKeyStatus(db: RoomDatabase, held: HeldKeys): Promise<KeyStatus> {
  await held.refresh();
  const box = held.box();
  const seal = await readSeal(held.location);
  return db.asSystem('installer', async (tx) => {
    const epochs = await listEpochs(tx);
    const current = epochs.find(({ state }) => state === 'current');
    const destroyed = epochs.find(({ state }) => state === 'destroyed');
    const pending = await countPending(tx, box.closed);
    const subjects = await countSubjectKeys(tx, current?.epoch ?? 0);
    const tenants = await countTenantKeys(tx, held.wrapping().id);
    return {
      key: { id: held.master().id, sealedBy: seal?.seal.by ?? 'file', isBeingReplaced: box.next !== null },
      epoch: {
        current: current?.epoch ?? 0,
        since: current?.currentAt?.toISOString() ?? null,
        ending: epochs.filter(({ state }) => state === 'ending').map(({ epoch }) => epoch),
        lastDestroyedAt: destroyed?.destroyedAt?.toISOString() ?? null,
      },
      pending: { erasures: pending.count, oldestAt: pending.oldestAt?.toISOString() ?? null },
      tenantKeys: {
        tenants: tenants.tenants,
        newestVersion: tenants.newest,
        olderVersions: tenants.older,
        underOtherFile: tenants.otherKek,
      },
      subjectKeys: { all: subjects.all, underOtherEpoch: subjects.otherEpoch, underOlderKey: subjects.olderKey },
      survivors: box.survivors?.count ?? 0,
    };
  });
}
