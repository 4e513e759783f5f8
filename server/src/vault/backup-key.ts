// Keys of backups: each part of a backup has a random key of its own, kept in its manifest wrapped under a key derived from the key file.
// So whoever keeps the key file can open every backup, and nothing else has to be kept. INVARIANT: no key leaves in clear.

import { createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import type { Random } from '#core';
import type { BackupCipher, BackupKeys } from '#storage';
import { decrypt, encrypt, KEY_BYTES, newKey, unwrapKey, wrapKey } from './envelope.ts';
import { type KeyFileLocation, readKeyFile, unusable } from './key-file.ts';
import { expand, rootOf } from './keys/derive.ts';
import { readHeldBox } from './keys/held-keys.ts';

const derived = (key: KeyObject, use: string): KeyObject =>
  createSecretKey(new Uint8Array(hkdfSync('sha256', key.export(), Buffer.alloc(0), use, KEY_BYTES)));

function cipherOf(key: KeyObject, wrapped: string, random: Random): BackupCipher {
  const vouching = derived(key, 'sallyport backup manifest v1');
  return {
    wrapped,
    seal: (plain, belongsTo) => encrypt(key, plain, ['backup', ...belongsTo], random),
    open: (sealed, belongsTo) => decrypt(key, sealed, ['backup', ...belongsTo]),
    vouch: (text) => createHmac('sha256', vouching).update(text, 'utf8').digest('hex'),
  };
}

/** `root`: what derived keys come from, which outlives the key file; `id` names the first one. */
export function createBackupKeys({ root, id }: { readonly root: Buffer; readonly id: string }, random: Random): BackupKeys {
  const wrapping = createSecretKey(expand(root, 'sallyport backup keys v1'));
  return {
    keyId: id,
    create(part) {
      const key = newKey(random);
      return cipherOf(key, wrapKey(wrapping, key, ['backup key', ...part], random).toString('base64url'), random);
    },
    open: (part, wrapped) => cipherOf(unwrapKey(wrapping, Buffer.from(wrapped, 'base64url'), ['backup key', ...part]), wrapped, random),
  };
}

/** From the key file alone: backups are checked and restored before there is a database. */
export async function openBackupKeys(location: KeyFileLocation, random: Random): Promise<BackupKeys> {
  const master = await readKeyFile(location);
  if (master === null) throw unusable('it is missing; a backup opens with the key file of the installation that made it');
  const box = await readHeldBox(location, master);
  return createBackupKeys(box === null ? { root: rootOf(master.key.export()), id: master.id } : { root: box.root, id: box.rootId }, random);
}
