// The files of a backup: a folder with a manifest and one file a chunk, and beside it one file with the chunks of the key tables.
// INVARIANT: a folder without `.partial` in its name is complete; every file is on the disk before the manifest that names it.

import { hash } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder, writeNewFile } from '../durable-files.ts';
import { storageFault } from '../errors.ts';
import { type ChunkEntry, damaged, type Manifest, readManifest } from './manifest.ts';

const MANIFEST = 'manifest';
/** Id of the key file of the installation that makes it: several may write into one folder, and none clears up after another. */
const OWNER = 'owner';
export const PARTIAL = '.partial';
const ID = /^bak_[0-9a-f-]{36}$/;
const OWNER_ONLY = 0o600;
const OWNER_ONLY_FOLDER = 0o700;

export interface BackupPlace {
  /** Folder that holds the backups. */
  readonly folder: string;
  /** Folder that holds the files of keys; the same unless they are kept apart. */
  readonly keysFolder: string;
  readonly id: string;
}

const dataFolder = ({ folder, id }: BackupPlace): string => join(folder, id);
export const keysFile = ({ keysFolder, id }: BackupPlace): string => join(keysFolder, `${id}.keys`);
const chunkFile = (folder: string, n: number): string => join(folder, `${String(n).padStart(8, '0')}.chunk`);

function fileFault(path: string, cause: unknown): Error {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return storageFault('STORAGE_BACKUP_PART_MISSING', path, cause);
  if (code === 'ENOSPC' || code === 'EDQUOT') return storageFault('STORAGE_BACKUP_DISK_FULL', path, cause);
  return storageFault('STORAGE_BACKUP_FOLDER_UNUSABLE', path, cause);
}

export interface BackupWriter {
  /** Writes one sealed chunk; gives its place. */
  put(part: 'data' | 'keys', n: number, sealed: Uint8Array): Promise<Pick<ChunkEntry, 'at' | 'bytes' | 'sha256'>>;
  /** Makes the backup complete: from here on it has its name. */
  finish(manifest: string): Promise<void>;
  /** Removes what was written. */
  discard(): Promise<void>;
}

export async function createWriter(place: BackupPlace, owner: string): Promise<BackupWriter> {
  const partial = `${dataFolder(place)}${PARTIAL}`;
  const partialKeys = `${keysFile(place)}${PARTIAL}`;
  let keys: FileHandle | null = null;
  let keyBytes = 0;
  try {
    await mkdir(place.folder, { recursive: true, mode: OWNER_ONLY_FOLDER });
    await mkdir(place.keysFolder, { recursive: true, mode: OWNER_ONLY_FOLDER });
    await mkdir(partial, { mode: OWNER_ONLY_FOLDER });
    await writeNewFile(join(partial, OWNER), owner, OWNER_ONLY);
    keys = await open(partialKeys, 'wx', OWNER_ONLY);
  } catch (cause) {
    throw fileFault(place.folder, cause);
  }
  const opened = keys;
  return {
    async put(part, n, sealed) {
      const entry = { bytes: sealed.byteLength, sha256: hash('sha256', sealed, 'hex') };
      try {
        if (part === 'data') {
          await writeNewFile(chunkFile(partial, n), sealed, OWNER_ONLY);
          return { at: 0, ...entry };
        }
        await opened.write(sealed);
        keyBytes += sealed.byteLength;
        return { at: keyBytes - sealed.byteLength, ...entry };
      } catch (cause) {
        throw fileFault(partial, cause);
      }
    },
    async finish(manifest) {
      try {
        await opened.sync();
        await opened.close();
        await writeNewFile(join(partial, MANIFEST), manifest, OWNER_ONLY);
        await syncFolder(partial);
        await rename(partialKeys, keysFile(place));
        await syncFolder(place.keysFolder);
        await rename(partial, dataFolder(place));
        await syncFolder(place.folder);
      } catch (cause) {
        throw fileFault(partial, cause);
      }
    },
    async discard() {
      await opened.close().catch(() => undefined); // closed before
      await rm(partial, { recursive: true, force: true });
      await rm(partialKeys, { force: true });
    },
  };
}

/** The sealed bytes of a chunk, as the manifest says they are. */
export async function readChunk(place: BackupPlace, part: 'data' | 'keys', chunk: ChunkEntry): Promise<Buffer> {
  const path = part === 'data' ? chunkFile(dataFolder(place), chunk.n) : keysFile(place);
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (cause) {
    throw fileFault(path, cause);
  }
  try {
    if (part === 'data' && (await file.stat()).size !== chunk.bytes) throw damaged(`chunk ${chunk.n} has another length`);
    const bytes = Buffer.alloc(chunk.bytes);
    const { bytesRead } = await file.read(bytes, 0, chunk.bytes, chunk.at);
    if (bytesRead !== chunk.bytes) throw damaged(`chunk ${chunk.n} is cut`);
    if (hash('sha256', bytes, 'hex') !== chunk.sha256) throw damaged(`chunk ${chunk.n} was changed`);
    return bytes;
  } finally {
    await file.close();
  }
}

/** Text of the manifest of a complete backup. */
export async function readManifestFile(place: BackupPlace): Promise<string> {
  const path = join(dataFolder(place), MANIFEST);
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw fileFault(path, cause);
  }
}

export interface ListedBackup {
  readonly id: string;
  readonly createdAt: string;
  readonly bytes: number;
  readonly rows: number;
  readonly tables: number;
  readonly events: number;
  readonly keyId: string;
  /** Whether the file of keys is there. */
  readonly hasKeys: boolean;
  /** What keeps its manifest from being read; then the numbers are 0. */
  readonly code: string | null;
}

const summary = (manifest: Manifest): Omit<ListedBackup, 'hasKeys' | 'code'> => ({
  id: manifest.id,
  createdAt: manifest.createdAt,
  bytes: manifest.chunks.reduce((sum, chunk) => sum + chunk.bytes, 0),
  rows: manifest.tables.reduce((sum, table) => sum + table.rows, 0),
  tables: manifest.tables.length,
  events: manifest.tables.find(({ name }) => name === 'public.audit_log')?.rows ?? 0,
  keyId: manifest.keyId,
});

async function names(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw fileFault(folder, cause);
  }
}

/** The complete backups of a folder, newest first. Their manifests are read, not vouched for. */
export async function listBackupFolder(folders: Omit<BackupPlace, 'id'>): Promise<readonly ListedBackup[]> {
  const found: ListedBackup[] = [];
  for (const id of (await names(folders.folder)).filter((name) => ID.test(name))) {
    const place = { ...folders, id };
    const hasKeys = await stat(keysFile(place)).then(
      () => true,
      () => false,
    );
    try {
      const { manifest } = readManifest(await readManifestFile(place));
      // Not vouched for yet: what it calls itself must never become the path of something that is read or removed.
      if (manifest.id !== id) throw damaged('it lies under the name of another backup');
      if (Number.isNaN(Date.parse(manifest.createdAt))) throw damaged('its manifest has no date');
      found.push({ ...summary(manifest), hasKeys, code: null });
    } catch (fault) {
      const code = (fault as { code?: string }).code ?? 'STORAGE_BACKUP_DAMAGED';
      found.push({ id, createdAt: '', bytes: 0, rows: 0, tables: 0, events: 0, keyId: '', hasKeys, code });
    }
  }
  return found.toSorted((left, right) => (left.id < right.id ? 1 : -1));
}

const KEYS_PARTIAL = `.keys${PARTIAL}`;

/** Removes what a killed process of this owner had begun; gives the ids. Only for whoever holds the lock of backups. */
export async function removePartials(folders: Omit<BackupPlace, 'id'>, owner: string): Promise<readonly string[]> {
  const begun = (await names(folders.folder)).filter((name) => name.endsWith(PARTIAL)).map((name) => name.slice(0, -PARTIAL.length));
  const own: string[] = [];
  const others = new Set<string>();
  for (const id of begun.filter((name) => ID.test(name))) {
    const by = await readFile(join(folders.folder, `${id}${PARTIAL}`, OWNER), 'utf8').catch(() => owner); // killed before it said whose it is
    if (by === owner) own.push(id);
    else others.add(id);
  }
  const keys = (await names(folders.keysFolder)).filter((name) => name.startsWith('bak_') && name.endsWith(KEYS_PARTIAL));
  for (const id of own) await rm(join(folders.folder, `${id}${PARTIAL}`), { recursive: true, force: true });
  for (const name of keys) if (!others.has(name.slice(0, -KEYS_PARTIAL.length))) await rm(join(folders.keysFolder, name), { force: true });
  return own;
}

export async function removeBackup(place: BackupPlace): Promise<void> {
  // The keys first: whatever is left after a kill opens nothing.
  await rm(keysFile(place), { force: true });
  const gone = `${dataFolder(place)}${PARTIAL}`;
  await rename(dataFolder(place), gone).catch(() => undefined); // not there any more
  await rm(gone, { recursive: true, force: true });
}
