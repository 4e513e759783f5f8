// The keys a process holds open: the key of the key file, the epochs of the key box, and the root of derived keys. Read anew when something
// is asked for that they do not open, because another process may have changed the files. INVARIANT: an epoch that left the box is let go.

import { createHash, type KeyObject } from 'node:crypto';
import { realpathSync, statSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Random } from '#core';
import { vaultFault } from '../envelope.ts';
import { type KeyFileLocation, type MasterKey, readKeyFile, readSeal, unusable } from '../key-file.ts';
import { rootOf } from './derive.ts';
import { type KeyBox, readBox, storeBox, writeBox } from './key-box.ts';
import { settleSurvivors } from './survivors.ts';

export const BOX_FILE = 'vault-epochs';
export const SURVIVORS_FILE = 'vault-survivors';

interface Places {
  readonly boxes: readonly string[];
  readonly survivors: readonly string[];
}
/** Whether what is done depends on the copies being written. */
export type Copies = 'must' | 'try';
export interface CopyState {
  readonly fault: string | null;
  readonly others: number;
}

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
  /** Writes the box, here and to its copy, and holds it. Only one process at a time. `try`: a copy that can not be written is noted. */
  store(box: KeyBox, copies?: Copies): Promise<void>;
  /** Makes the copies say what stands here. */
  copy(copies?: Copies): Promise<void>;
  /** How the copies stand: why the last one could not be written, and those of other installations with these keys beside them. */
  copies(): Promise<CopyState>;
  readonly places: Places;
}

const LINE_BYTES = 6;

/** Names the installation by where its keys are: the same for one that is restored in its place, another for one that is restored elsewhere. */
export function lineHere(location: KeyFileLocation): string {
  const folder = realpathSync(dirname(resolve(location.path)));
  const { dev, ino } = statSync(folder);
  return createHash('sha256')
    .update(JSON.stringify([hostname(), folder, dev, ino]))
    .digest('hex')
    .slice(0, 2 * LINE_BYTES);
}

const here = (location: KeyFileLocation, name: string): string => join(dirname(resolve(location.path)), name);

/** Beside the key file first; a copy where the backups' keys are, so that a machine that is lost can be replaced. Several installations may share that folder. */
function placesOf(location: KeyFileLocation, { rootId, line }: Pick<KeyBox, 'rootId' | 'line'>): Places {
  const places = (name: string): readonly string[] => {
    const copy = location.copyAt ?? null;
    const own = line === null ? rootId : `${rootId}-${line}`;
    return copy === null ? [here(location, name)] : [here(location, name), join(copy, `${own}.${name}`)];
  };
  return { boxes: places(BOX_FILE), survivors: places(SURVIVORS_FILE) };
}

export function emptyBox(master: MasterKey): KeyBox {
  return {
    root: rootOf(master.key.export()),
    rootId: master.id,
    closed: -1,
    minimum: 1,
    epochs: [],
    survivors: null,
    next: null,
    written: 0,
    line: null,
  };
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
  let fault: string | null = null;

  /**
   * INVARIANT: an older box never takes the place of a newer one, which may be the last that has the epochs in use; neither its own nor that
   * of an installation that was copied from this one and has other epochs by now. Gives the line to go on under.
   */
  async function ownLine(): Promise<string | null> {
    const copy = placesOf(location, box).boxes[1];
    const copied = copy === undefined ? null : await readBox(copy, master).catch(() => null);
    if (copied === null || copied.written <= box.written) return found === null ? lineHere(location) : box.line;
    const isOurs = (id: string): boolean => box.epochs.some((one) => one.id === id);
    if (copied.epochs.some(({ id }) => isOurs(id))) throw vaultFault('VAULT_EPOCH_MISSING', `a newer one is ${copy}`);
    return Buffer.from(random.bytes(LINE_BYTES)).toString('hex');
  }

  async function copying(copies: Copies, work: () => Promise<void>): Promise<void> {
    try {
      await work();
      fault = null;
    } catch (error) {
      fault = (error as { code?: string }).code ?? 'unknown';
      if (copies === 'must') throw error;
    }
  }
  const wrapped = (next: KeyBox): string => {
    const keks = [master, ...(next.next === null || next.next.id === master.id ? [] : [next.next])];
    return writeBox(next, keks, random);
  };

  const held: HeldKeys = {
    location,
    get places() {
      return placesOf(location, box);
    },
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
    async store(changed, copies = 'must') {
      const line = await ownLine();
      const next = { ...changed, written: box.written + 1, line: changed.line === box.line ? line : changed.line };
      const [own, copy] = placesOf(location, next).boxes;
      const text = wrapped(next);
      // The one that counts first, so that no copy is ever newer.
      await storeBox(own as string, text, random);
      found = next;
      box = next;
      if (copy !== undefined) await copying(copies, () => storeBox(copy, text, random));
    },
    async copy(copies = 'must') {
      if (found === null) return;
      const line = await ownLine();
      if (line !== box.line) return held.store(box, copies);
      const { boxes, survivors } = held.places;
      const [own, to] = boxes;
      await copying(copies, async () => {
        if (to !== undefined && !(await isSame(to, box, master))) await storeBox(to, await readFile(own as string, 'utf8'), random);
        if (box.survivors !== null) await settleSurvivors(survivors, box.survivors, random);
      });
    },
    async copies() {
      const [, own] = held.places.boxes;
      const others = (await findCopies(location, master)).filter(({ path }) => path !== own);
      return { fault, others: others.length };
    },
  };
  return held;
}

interface FoundCopy {
  readonly path: string;
  readonly box: KeyBox;
}

/** Copies in the backups' folder that this key opens, the newest first. */
async function findCopies(location: KeyFileLocation, master: MasterKey): Promise<readonly FoundCopy[]> {
  const folder = location.copyAt ?? null;
  if (folder === null) return [];
  const copies: FoundCopy[] = [];
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.endsWith(`.${BOX_FILE}`)) continue;
    const path = join(folder, name);
    const box = await readBox(path, master).catch(() => null); // another key's
    if (box !== null) copies.push({ path, box });
  }
  return copies.toSorted((left, right) => right.box.written - left.box.written);
}

/** Whether the copy is this box; one that is damaged, or of the key file before, is not. */
async function isSame(path: string, box: KeyBox, master: MasterKey): Promise<boolean> {
  const copied = await readBox(path, master).catch(() => null);
  return copied !== null && copied.written === box.written && copied.line === box.line;
}

/** How a box goes with a database: it has the epoch in use, it has gone on since, or it is of another time or installation. */
export type Fit = 'current' | 'past' | 'not';

/**
 * From the files alone: the box beside the key file, or the newer of its line beside the backups. Where there is none that fits, one of another
 * line: its machine is gone and this is where it goes on.
 */
export async function readHeldBox(location: KeyFileLocation, master: MasterKey, fitOf?: (box: KeyBox) => Fit): Promise<KeyBox | null> {
  const [own, copies] = [await readBox(here(location, BOX_FILE), master), (await findCopies(location, master)).map(({ box }) => box)];
  const isLater = (copy: KeyBox): boolean =>
    own !== null && copy.rootId === own.rootId && copy.line === own.line && copy.written > own.written;
  const mine = copies.find(isLater) ?? own;
  if (mine !== null && (fitOf === undefined || fitOf(mine) !== 'not')) return mine;
  const fitting = (fit: Fit): readonly KeyBox[] => (fitOf === undefined ? copies : copies.filter((copy) => fitOf(copy) === fit));
  const [current] = fitting('current');
  if (current !== undefined) return current;
  const [past, another] = fitting('past');
  if (another !== undefined)
    throw vaultFault(
      'VAULT_EPOCH_MISSING',
      'several installations with these keys keep theirs beside the backups; put the right one there',
    );
  return past ?? mine ?? copies[0] ?? null;
}

/** Puts the copies in the place of files that are not here or are older, as on a new machine. */
export async function bringBack(
  location: KeyFileLocation,
  master: MasterKey,
  { random, fitOf }: { readonly random: Random; readonly fitOf: (box: KeyBox) => Fit },
): Promise<void> {
  const newest = await readHeldBox(location, master, fitOf);
  if (newest === null) return;
  const { boxes, survivors } = placesOf(location, newest);
  const [own, copy] = boxes;
  if (copy !== undefined && !(await isSame(own as string, newest, master)))
    await storeBox(own as string, await readFile(copy, 'utf8'), random);
  if (newest.survivors !== null) await settleSurvivors(survivors, newest.survivors, random);
}
