// The list of keys that are not erased, wrapped as they are wrapped now, in a file beside the key box: a backup made before an epoch ended
// holds them wrapped under a key that is gone, and takes them from here. INVARIANT: written whole before an epoch is destroyed; no person in it.

import { createHash } from 'node:crypto';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
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

/** Written beside and renamed at every place; what it replaces opens nothing once its epoch is gone. */
export async function writeSurvivors(
  places: readonly string[],
  entries: AsyncIterable<readonly Entry[]>,
  random: Random,
): Promise<SurvivorsMark> {
  const drafts = places.map((place) => `${place}.new-${Buffer.from(random.bytes(6)).toString('hex')}`);
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
  } catch (error) {
    throw survivorsFault('it can not be written', error);
  } finally {
    for (const file of files) await file.close();
  }
  for (const [at, place] of places.entries()) {
    await rename(drafts[at] as string, place);
    await syncFolder(dirname(place));
  }
  return { digest: digest.digest('hex'), count };
}

/** In batches, after the whole file was found to be the one the box speaks of. */
export async function* readSurvivors(path: string, mark: SurvivorsMark, batch: number): AsyncGenerator<readonly Entry[]> {
  if ((await digestOf(path)) !== mark.digest) throw survivorsFault('it is not the one that the key box speaks of');
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

async function digestOf(path: string): Promise<string> {
  const digest = createHash('sha256');
  const file = await opened(path);
  for await (const chunk of file.createReadStream()) digest.update(chunk as Buffer);
  return digest.digest('hex');
}
