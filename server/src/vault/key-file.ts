// The file that holds the key-encryption key, in clear or sealed by a passphrase or a KMS: made once, read at each start, never repaired.
// INVARIANT: only a rotation or a change of its seal replaces it, and a file that others could read or that lies with the data is refused.

import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { link, mkdir, realpath, unlink } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { type JsonObject, type Random, SallyportError } from '#core';
import { syncFolder, writeNewFile } from '#storage';
import { KEY_BYTES, vaultFault } from './envelope.ts';
import { readPrivateFile, replacePrivateFile } from './keys/private-file.ts';

/** How the key in the file is sealed: the kind, and what else opening it takes. Never a secret. */
export type Seal = JsonObject & { readonly by: string };

/** Opens and makes what a passphrase or a KMS seals. */
export interface KeySealer {
  open(seal: Seal, keyId: string, sealed: Uint8Array): Promise<Uint8Array>;
  seal(seal: Seal, keyId: string, key: Uint8Array): Promise<{ readonly seal: Seal; readonly sealed: Uint8Array }>;
}

export interface KeyFileLocation {
  readonly path: string;
  /** The folder the database lives in: a key beside the data would fall into the same backup. */
  readonly dataDir: string;
  /** Absent: only a file in clear can be used. */
  readonly sealer?: KeySealer;
  /** Where a copy of the key box is kept beside the backups; see keys/held-keys.ts. */
  readonly copyAt?: string | null;
}

export interface MasterKey {
  /** Derived from the key itself, so that a file can not claim to be another key. */
  readonly id: string;
  readonly key: KeyObject;
}

const FORMAT = 'sallyport-vault-key';
const SEALED_FORMAT = 'sallyport-vault-key-sealed';
const MAX_FILE_BYTES = 8_192;
const KEY_TEXT = /^[A-Za-z0-9_-]{43}$/;

function keyId(bytes: Uint8Array): string {
  return `kek_${createHmac('sha256', bytes).update('sallyport key id v1').digest('hex').slice(0, 32)}`;
}

export function masterKeyOf(bytes: Uint8Array): MasterKey {
  return { id: keyId(bytes), key: createSecretKey(bytes) };
}

/** How the key in the file is sealed; null when there is no file. Opens nothing. */
export async function readSeal(location: KeyFileLocation): Promise<{ readonly id: string; readonly seal: Seal } | null> {
  const text = await readPrivateFile(location.path, MAX_FILE_BYTES, unusable);
  if (text === null) return null;
  const { kind, id, seal } = recordIn(text);
  if (kind === SEALED_FORMAT) return { id: id as string, seal: seal as Seal };
  return { id: id as string, seal: { by: 'file' } };
}

/** The key in the file, or null when there is no file. */
export async function readKeyFile(location: KeyFileLocation): Promise<MasterKey | null> {
  await refuseInsideData(location);
  const text = await readPrivateFile(location.path, MAX_FILE_BYTES, unusable);
  return text === null ? null : openKeyFile(recordIn(text), location.sealer);
}

function recordIn(text: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as Record<string, unknown>;
  } catch {
    // told below
  }
  throw unusable('it is damaged; restore it from your copy');
}

async function openKeyFile(record: Record<string, unknown>, sealer: KeySealer | undefined): Promise<MasterKey> {
  const { kind, id, key, seal, sealed, ...rest } = record;
  const isClear = kind === FORMAT && typeof key === 'string' && KEY_TEXT.test(key) && seal === undefined && sealed === undefined;
  const isSealed = kind === SEALED_FORMAT && typeof sealed === 'string' && isSeal(seal) && key === undefined;
  if (typeof id !== 'string' || !(isClear || isSealed) || Object.keys(rest).length > 0)
    throw unusable('it is damaged; restore it from your copy');
  const bytes = isClear
    ? Buffer.from(key, 'base64url')
    : await unseal(seal as Seal, id, Buffer.from(sealed as string, 'base64url'), sealer);
  if (bytes.byteLength !== KEY_BYTES || keyId(bytes) !== id)
    throw unusable('its key and its key id do not belong together; restore it from your copy');
  const master = masterKeyOf(bytes);
  bytes.fill(0);
  return master;
}

const isSeal = (seal: unknown): boolean => typeof seal === 'object' && seal !== null && typeof (seal as { by?: unknown }).by === 'string';

async function unseal(seal: Seal, id: string, sealed: Uint8Array, sealer: KeySealer | undefined): Promise<Buffer> {
  if (sealer === undefined) throw vaultFault('VAULT_KEY_SEALED', String(seal.by));
  return Buffer.from(await sealer.open(seal, id, sealed));
}

const clearText = (bytes: Uint8Array): string =>
  `${JSON.stringify({ kind: FORMAT, id: keyId(bytes), key: Buffer.from(bytes).toString('base64url') })}\n`;

/**
 * Puts another key, or the same under another seal, in the place of the one in the file; what the file held is written over.
 * `of`: id of the key that is expected there. Sealing takes as long as somebody types, or a KMS answers: a rotation meanwhile must not be undone.
 */
export async function replaceKeyFile(
  location: KeyFileLocation,
  { key, of, wanted }: { readonly key: KeyObject; readonly of: string | null; readonly wanted: Seal },
  random: Random,
): Promise<void> {
  await mkdir(dirname(resolve(location.path)), { recursive: true, mode: 0o700 });
  await refuseInsideData(location);
  const bytes = key.export();
  let text = clearText(bytes);
  if (wanted.by !== 'file') {
    if (location.sealer === undefined) throw vaultFault('VAULT_KEY_SEALED', wanted.by);
    const id = keyId(bytes);
    const made = await location.sealer.seal(wanted, id, bytes);
    // Tried before the file in clear goes: a seal that does not open would be the end of everything under it.
    const opened = await location.sealer.open(made.seal, id, made.sealed);
    if (!Buffer.from(opened).equals(bytes)) throw unusable('what the seal gives back is not the key');
    text = `${JSON.stringify({ kind: SEALED_FORMAT, id, seal: made.seal, sealed: Buffer.from(made.sealed).toString('base64url') })}\n`;
  }
  bytes.fill(0);
  if (((await readSeal(location))?.id ?? null) !== of) throw unusable('it was replaced by another process meanwhile; nothing was changed');
  await replacePrivateFile(location.path, text, random).catch((error: unknown) => {
    throw error instanceof SallyportError ? error : unusable('it can not be written', error);
  });
}

/** Makes the file. Of two processes that start at once one makes it and both use it. */
export async function createKeyFile(location: KeyFileLocation, random: Random): Promise<MasterKey> {
  const folder = dirname(resolve(location.path));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await refuseInsideData(location);
  const bytes = random.bytes(KEY_BYTES);
  const text = clearText(bytes);
  // Written beside and linked: a crash leaves no half file, and `link` fails when the name is taken (as O_EXCL does).
  const draft = join(folder, `.new-key-${Buffer.from(random.bytes(8)).toString('hex')}`);
  try {
    await writeNewFile(draft, text, 0o600);
    await link(draft, location.path);
    await syncFolder(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unusable('it can not be written', error);
  } finally {
    await unlink(draft).catch(() => undefined); // a draft that never came to be
  }
  const made = await readKeyFile(location);
  if (made === null) throw unusable('it vanished while it was made');
  return made;
}

async function refuseInsideData(location: KeyFileLocation): Promise<void> {
  const real = async (path: string): Promise<string> => realpath(path).catch(() => resolve(path)); // not there yet: as written
  const [data, folder] = await Promise.all([real(location.dataDir), real(dirname(resolve(location.path)))]);
  const steps = relative(data, folder);
  const isInside = steps === '' || !(steps.startsWith('..') || resolve(steps) === steps);
  if (isInside) throw unusable('it lies in the data folder; choose a place that is not copied with the data');
}

export function unusable(detail: string, cause?: unknown): Error {
  return vaultFault('VAULT_KEY_FILE_UNUSABLE', detail, (cause as NodeJS.ErrnoException | undefined)?.code);
}
