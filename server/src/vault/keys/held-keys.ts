// The keys a process holds open: the key of the key file, the epochs of the key box, and the root of derived keys. Read anew when something
// is asked for that they do not open, because another process may have changed the files. INVARIANT: an epoch that left the box is let go.

import type { KeyObject } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Random } from '#core';
import { vaultFault } from '../envelope.ts';
import { type KeyFileLocation, type MasterKey, readKeyFile, readSeal, unusable } from '../key-file.ts';
import { rootOf } from './derive.ts';
import { type KeyBox, readBox, storeBox, writeBox } from './key-box.ts';
import { settleSurvivors } from './survivors.ts';

export const BOX_FILE = 'vault-epochs';
export const SURVIVORS_FILE = 'vault-survivors';

export interface HeldKeys {
  readonly location: KeyFileLocation;
  readonly master: () => MasterKey;
  /** Under which tenant keys are wrapped from now on: the next one while the key file is being replaced. */
  readonly wrapping: () => MasterKey;
  readonly root: () => Buffer;
  readonly rootId: () => string;
  kek(id: string): KeyObject | null;
  epoch(epoch: number): KeyObject | null;
  /** What the box says; an installation that never had one has the root of its key file and no epochs. */
  readonly box: () => KeyBox;
  readonly hasBox: () => boolean;
  /** Reads both files anew. */
  refresh(): Promise<void>;
  /** Writes the box, here and to its copy, and holds it. Only one process at a time. */
  store(box: KeyBox): Promise<void>;
  /** Makes the copies say what stands here. */
  copy(): Promise<void>;
  readonly places: { readonly boxes: readonly string[]; readonly survivors: readonly string[] };
}

const here = (location: KeyFileLocation, name: string): string => join(dirname(resolve(location.path)), name);

/** Beside the key file first; a copy where the backups' keys are, so that a machine that is lost can be replaced. Several installations may share that folder. */
function placesOf(location: KeyFileLocation, rootId: string): HeldKeys['places'] {
  const places = (name: string): readonly string[] => {
    const copy = location.copyAt ?? null;
    return copy === null ? [here(location, name)] : [here(location, name), join(copy, `${rootId}.${name}`)];
  };
  return { boxes: places(BOX_FILE), survivors: places(SURVIVORS_FILE) };
}

export function emptyBox(master: MasterKey): KeyBox {
  return { root: rootOf(master.key.export()), rootId: master.id, closed: -1, epochs: [], survivors: null, next: null, written: 0 };
}

/** With the key of the file already read. */
export async function holdKeys(location: KeyFileLocation, first: MasterKey, random: Random): Promise<HeldKeys> {
  const boxFile = here(location, BOX_FILE);
  let master = first;
  let found: KeyBox | null = null;
  let box = emptyBox(first);

  const read = async (): Promise<void> => {
    found = await readBox(boxFile, master).catch(async (error: unknown) => {
      // Between the two files of a rotation: the box is read again with the key that stands in the file by now.
      const now = await readKeyFile(location);
      if (now === null || now.id === master.id) throw error;
      master = now;
      return readBox(boxFile, now);
    });
    // A copy from before was put under a running process, which would write it on.
    if (found !== null && found.rootId === box.rootId && found.written < box.written) throw vaultFault('VAULT_EPOCH_MISSING');
    if (found !== null) box = found;
    else if (box.epochs.length > 0) throw vaultFault('VAULT_EPOCH_MISSING');
  };
  await read();
  const places = placesOf(location, box.rootId);

  /** INVARIANT: an older box never takes the place of a newer one, which may be the last that has the epochs in use. */
  async function refuseNewerCopy(): Promise<void> {
    const copy = places.boxes[1];
    const copied = copy === undefined ? null : await readBox(copy, master).catch(() => null);
    const isOurs = (id: string): boolean => box.epochs.some((one) => one.id === id);
    // One of an installation that was copied from this one has other epochs by now.
    if (copied !== null && copied.written > box.written && copied.epochs.some(({ id }) => isOurs(id)))
      throw vaultFault('VAULT_EPOCH_MISSING', `a newer one is ${copy}`);
  }

  return {
    location,
    places,
    master: () => master,
    wrapping: () => box.next ?? master,
    root: () => box.root,
    rootId: () => box.rootId,
    kek: (id) => [master, box.next].find((key) => key?.id === id)?.key ?? null,
    epoch: (epoch) => box.epochs.find((one) => one.epoch === epoch)?.key ?? null,
    box: () => box,
    hasBox: () => found !== null,
    async refresh() {
      const there = await readSeal(location);
      if (there === null) throw unusable('it is missing; restore it from your copy');
      // Opened anew only when it is another key: a seal may take a passphrase, or a call to a KMS.
      if (there.id !== master.id) master = (box.next?.id === there.id ? box.next : await readKeyFile(location)) ?? master;
      await read();
    },
    async store(changed) {
      await refuseNewerCopy();
      const next = { ...changed, written: box.written + 1 };
      const keks = [master, ...(next.next === null || next.next.id === master.id ? [] : [next.next])];
      await storeBox(places.boxes, writeBox(next, keks, random), random);
      found = next;
      box = next;
    },
    async copy() {
      await refuseNewerCopy();
      const [from, to] = places.boxes;
      if (to !== undefined && found !== null) {
        const copied = await readBox(to, master).catch(() => null); // damaged, or of the key file before: written anew
        if (copied?.written !== found.written) await storeBox([to], await readFile(from as string, 'utf8'), random);
      }
      if (box.survivors !== null) await settleSurvivors(places.survivors, box.survivors, random);
    },
  };
}

/** The copy in the backups' folder that belongs to this key; null when there is none. */
async function findCopy(location: KeyFileLocation, master: MasterKey): Promise<{ readonly box: KeyBox; readonly rootId: string } | null> {
  if ((location.copyAt ?? null) === null) return null;
  const folder = location.copyAt as string;
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.endsWith(`.${BOX_FILE}`)) continue;
    const box = await readBox(join(folder, name), master).catch(() => null); // another installation's
    if (box !== null) return { box, rootId: box.rootId };
  }
  return null;
}

/** From the files alone, before there is a database: the newer of the box beside the key file and its copy beside the backups. */
export async function readHeldBox(location: KeyFileLocation, master: MasterKey): Promise<KeyBox | null> {
  const [own, copy] = [await readBox(here(location, BOX_FILE), master), await findCopy(location, master)];
  return own !== null && (copy === null || copy.rootId !== own.rootId || copy.box.written <= own.written) ? own : (copy?.box ?? null);
}

/** Puts the copies in the place of files that are not here or are older, as on a new machine. */
export async function bringBack(location: KeyFileLocation, master: MasterKey, random: Random): Promise<void> {
  const newest = await readHeldBox(location, master);
  if (newest === null) return;
  const { boxes, survivors } = placesOf(location, newest.rootId);
  const [own, copy] = boxes;
  if (copy !== undefined && (await readBox(own as string, master))?.written !== newest.written)
    await storeBox([own as string], await readFile(copy, 'utf8'), random);
  if (newest.survivors !== null) await settleSurvivors(survivors, newest.survivors, random);
}
