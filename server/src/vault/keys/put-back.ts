// The keys of a database that was put back to an older state: what it holds is wrapped as it was then, and opens nothing where an epoch, a
// tenant's key or the key file has been replaced since. INVARIANT: a key that is not in the list of survivors is not made to open again.

import type { Clock, Random, TenantId } from '#core';
import type { RoomDatabase } from '#storage';
import { vaultFault } from '../envelope.ts';
import type { Erasure } from '../erasure-journal.ts';
import { type KeyFileLocation, readKeyFile, unusable } from '../key-file.ts';
import { dropTenantVersions, listUnopenable, pageOfTenantKeys, putBackSubjectKeys, putBackTenantKeys } from '../store/all-keys.ts';
import { addEpoch, forgetEpochs, listEpochs } from '../store/epochs.ts';
import { bringBack, type Fit, holdKeys, lineHere } from './held-keys.ts';
import type { KeyBox } from './key-box.ts';
import { readSurvivors, type SubjectEntry, survivorsFault, type TenantEntry } from './survivors.ts';

export interface PutBack {
  /** Subject keys that were wrapped anew from the list. */
  readonly survivors: number;
  /** Keys that open nothing any more: their subjects were erased since. The rows are the caller's to delete, with what was sealed for them. */
  readonly erased: readonly Erasure[];
}

const BATCH = 500;

/** Brings the keys of a restored database to what the files of keys say. Does the same again when it was interrupted. */
export async function putBackKeys(input: {
  readonly db: Pick<RoomDatabase, 'asSystem'>;
  readonly keyFile: KeyFileLocation;
  readonly clock: Clock;
  readonly random: Random;
}): Promise<PutBack> {
  const { db, keyFile, clock, random } = input;
  const at = new Date(clock.now());
  const master = await readKeyFile(keyFile);
  if (master === null) throw unusable('it is missing; restore it from your copy');
  const rows = await db.asSystem('installer', listEpochs);
  // An epoch of the database that is over is in no box; one that is not over must be in this one, or it is older than the database.
  const lacks = (one: KeyBox): boolean =>
    rows.some(({ epoch, keyId }) => epoch > one.closed && one.epochs.find((held) => held.epoch === epoch)?.id !== keyId);
  const fitOf = (one: KeyBox): Fit => (lacks(one) ? 'not' : (rows[0]?.epoch ?? 0) > one.closed ? 'current' : 'past');
  await bringBack(keyFile, master, { random, fitOf });
  const held = await holdKeys(keyFile, master, random);
  if (!held.hasBox()) {
    if (rows.length > 0) throw vaultFault('VAULT_EPOCH_MISSING');
    return { survivors: 0, erased: [] };
  }
  const box = held.box();
  if (lacks(box)) throw vaultFault('VAULT_EPOCH_MISSING');
  let survivors = 0;
  if (box.survivors !== null) {
    for await (const entries of readSurvivors(held.places.survivors, box.survivors, BATCH)) {
      const tenants = entries.filter((entry): entry is TenantEntry => entry[0] === 't');
      const subjects = entries.filter((entry): entry is SubjectEntry => entry[0] === 's');
      survivors += await db.asSystem('installer', async (tx) => {
        const unwrapped = (text: string): Buffer => Buffer.from(text, 'base64url');
        const rows = tenants.map(([, tenant, version, kek, wrapped]) => ({
          tenant,
          version,
          kek,
          wrapped: unwrapped(wrapped),
          createdAt: at,
        }));
        if (rows.length > 0) await putBackTenantKeys(tx, rows);
        if (subjects.length === 0) return 0;
        return putBackSubjectKeys(
          tx,
          subjects.map(([, tenant, id, epoch, wrapKey, wrapped]) => ({ tenant, id, epoch, wrapKey, wrapped: unwrapped(wrapped) })),
        );
      });
    }
  } else if (box.closed >= 0) throw survivorsFault('it is not named in the key box');
  // From here on it is an installation of its own: where it was restored from may still run, and keep its box beside the same backups.
  const line = lineHere(keyFile);
  // What was put back may hold values of an older form than was asked for since.
  if (box.line !== line || box.minimum > 1) {
    await held.store({ ...box, line, minimum: 1 }, 'try');
    await held.copy('try');
  }
  const keks = [held.master().id, ...(box.next === null ? [] : [box.next.id])];
  const gone = await db.asSystem('installer', async (tx) => {
    await forgetEpochs(tx);
    const ordered = box.epochs.toSorted((left, right) => left.epoch - right.epoch);
    for (const [nth, { epoch, id }] of ordered.entries()) {
      await addEpoch(tx, { epoch, keyId: id, state: nth === ordered.length - 1 ? 'current' : 'ending', at });
    }
    if ((await pageOfTenantKeys(tx, ['', 0], 1)).length === 0) return [];
    const unopenable = await listUnopenable(tx, { closed: box.closed, keks });
    await dropTenantVersions(tx);
    return unopenable;
  });
  return { survivors, erased: gone.map(({ tenant, id }) => ({ tenant: tenant as TenantId, key: id, atMs: clock.now() })) };
}
