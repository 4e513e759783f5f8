// Sealing what stands in the database for minutes: under a key that is in this process's memory and nowhere else. Whatever is left behind when
// the process ends opens nothing, in the table, the write-ahead log or a backup.

import type { Random } from '#core';
import { decrypt, encrypt, newKey } from './envelope.ts';

export interface PassingKey {
  /** `place`: where it stands, so that pieces can not change places. */
  seal(place: string, plaintext: Uint8Array): Uint8Array;
  open(place: string, sealed: Uint8Array): Uint8Array;
}

export function createPassingKey(random: Random): PassingKey {
  const key = newKey(random);
  return {
    seal: (place, plaintext) => encrypt(key, plaintext, ['passing', place], random),
    open: (place, sealed) => decrypt(key, sealed, ['passing', place]),
  };
}
