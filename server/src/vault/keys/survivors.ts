// The list of keys that are not erased, wrapped as they are wrapped now, in a file beside the key box: a backup made before an epoch ended
// holds them wrapped under a key that is gone, and takes them from here. INVARIANT: written whole before an epoch is destroyed; no person in it.

import { createHash } from 'node:crypto';
import { constants, copyFile, type FileHandle, open, readdir, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { findOwnRecord, type Random } from '#core';
import { syncFolder } from '#storage';
import { vaultFault } from '../envelope.ts';
import type { SurvivorsMark } from './key-box.ts';

/** `[tenant, version, kek, wrapped]` */
export type TenantEntry = readonly ['t', tenant: string, version: number, kek: string, wrapped: string];
/** `[tenant, id, epoch, version of the tenant key, wrapped]` */
export type SubjectEntry = readonly ['s', tenant: string, id: string, epoch: number, wrapKey: number, wrapped: string];
export type Entry = TenantEntry | SubjectEntry;

const KIND = 'sallyport-vault-survivors';
const FLUSH_CHARS = 1 << 20;

export const survivorsFault = (detail: string, cause?: unknown): Error =>
  vaultFault('VAULT_SURVIVORS_UNUSABLE', detail, (cause as NodeJS.ErrnoException | undefined)?.code);

/** Whole, and not yet named by the box. */
const nextName = (place: string): string => `${place}.next`;
const draftName = (place: string, random: Random): string => `${place}.new-${Buffer.from(random.bytes(6)).toString('hex')}`;

/**
 * Written beside the list in use at every place: until the box names the new one, the old one is what a restore reads. What it replaces opens
 * nothing once its epoch is gone.
 */
export async function writeSurvivors(
  places: readonly string[],
  entries: AsyncIterable<readonly Entry[]>,
  random: Random,
): Promise<SurvivorsMark> {
  for (const place of places) await dropDrafts(place);
  const drafts = places.map((place) => draftName(place, random));
  const files: FileHandle[] = [];
  const digest = createHash('sha256');
  let count = 0;
  try {
    for (const draft of drafts) files.push(await open(draft, 'wx', 0o600));
    const put = async (text: string): Promise<void> => {
      digest.update(text, 'utf8');
      for (const file of files) await file.write(text);
    };
    let text = `${JSON.stringify({ kind: KIND, v: 1 })}\n`;
    for await (const some of entries) {
      for (const entry of some) text += `${JSON.stringify(entry)}\n`;
      count += some.length;
      if (text.length < FLUSH_CHARS) continue;
      await put(text);
      text = '';
    }
    await put(text);
    for (const file of files) await file.sync();
    for (const [at, place] of places.entries()) {
      await rename(drafts[at] as string, nextName(place));
      await syncFolder(dirname(place));
    }
  } catch (error) {
    // A full disk would otherwise be filled by every further try.
    for (const place of places) await dropDrafts(place);
    throw survivorsFault('it can not be written', error);
  } finally {
    for (const file of files) await file.close();
  }
  return { digest: digest.digest('hex'), count };
}

/** What a killed writer left. */
async function dropDrafts(place: string): Promise<void> {
  const folder = dirname(place);
  for (const name of await readdir(folder).catch(() => []))
    if (name.startsWith(`${basename(place)}.new-`)) await unlink(join(folder, name)).catch(() => undefined);
}

/** Where the list lies that the box speaks of: at a place, or beside it when a kill came before it took the place. Null: nowhere. */
export async function findSurvivors(places: readonly string[], mark: SurvivorsMark): Promise<string | null> {
  for (const path of places.flatMap((place) => [place, nextName(place)])) if ((await digestAt(path)) === mark.digest) return path;
  return null;
}

/** Every place has the list that the box speaks of, where it can be found at all. */
export async function settleSurvivors(places: readonly string[], mark: SurvivorsMark, random: Random): Promise<void> {
  const found = await findSurvivors(places, mark);
  if (found === null) return;
  for (const place of places) {
    if (place === found || (await digestAt(place)) === mark.digest) continue;
    const draft = draftName(place, random);
    try {
      await copyFile(found, draft, constants.COPYFILE_EXCL);
      const file = await open(draft, 'r+');
      try {
        await file.chmod(0o600);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(draft, place);
      await syncFolder(dirname(place));
    } catch (error) {
      throw survivorsFault('it can not be written', error);
    }
  }
  for (const place of places) {
    await unlink(nextName(place)).catch(() => undefined); // none
    await dropDrafts(place);
  }
}

/** In batches, after the whole file was found to be the one the box speaks of. */
export async function* readSurvivors(places: readonly string[], mark: SurvivorsMark, batch: number): AsyncGenerator<readonly Entry[]> {
  const path = await findSurvivors(places, mark);
  if (path === null) throw survivorsFault('it is not the one that the key box speaks of');
  const file = await opened(path);
  try {
    let some: Entry[] = [];
    let at = 0;
    for await (const line of file.readLines({ encoding: 'utf8' })) {
      if (at++ === 0) {
        if (findOwnRecord(line)?.kind !== KIND) throw survivorsFault('it is damaged');
        continue;
      }
      some.push(JSON.parse(line) as Entry);
      if (some.length < batch) continue;
      yield some;
      some = [];
    }
    if (some.length > 0) yield some;
  } finally {
    await file.close().catch(() => undefined); // readLines closes it at its end
  }
}

async function opened(path: string): Promise<FileHandle> {
  return open(path, 'r').catch((error: unknown) => {
    throw survivorsFault('it can not be read', error);
  });
}

/** Null when there is no file. */
async function digestAt(path: string): Promise<string | null> {
  const digest = createHash('sha256');
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw survivorsFault('it can not be read', error);
  });
  if (file === null) return null;
  for await (const chunk of file.createReadStream({ highWaterMark: FLUSH_CHARS })) digest.update(chunk as Buffer);
  return digest.digest('hex');
}
