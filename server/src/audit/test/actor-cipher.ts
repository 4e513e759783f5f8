// A cipher of links for tests of this room, which may not reach the vault: one key for all subjects, made of a constant so that the
// processes of a trial share it; an erased subject opens no more.

import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { type ActorCipher, createActorCipher } from '../actor-cipher.ts';

const KEY = createHash('sha256').update('key of tests').digest();
const [IV_BYTES, TAG_BYTES] = [12, 16];

export interface TestCipher {
  readonly actors: ActorCipher;
  erase(subject: string): void;
}

export function testActorCipher(): TestCipher {
  const erased = new Set<string>();
  const actors = createActorCipher({
    indexKey: KEY,
    vault: {
      async seal(_tx, { tenant, subject, purpose, plaintext }) {
        const iv = randomBytes(IV_BYTES);
        const cipher = createCipheriv('aes-256-gcm', KEY, iv).setAAD(Buffer.from(`${tenant} ${purpose}`));
        const text = Buffer.concat([Buffer.from(`${subject}\n`), plaintext]);
        const body = Buffer.concat([cipher.update(text), cipher.final()]);
        return Buffer.concat([iv, cipher.getAuthTag(), body]);
      },
      async openMany(_tx, { tenant, purpose, sealed }) {
        return sealed.map((value) => {
          const decipher = createDecipheriv('aes-256-gcm', KEY, value.subarray(0, IV_BYTES)).setAAD(Buffer.from(`${tenant} ${purpose}`));
          decipher.setAuthTag(value.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
          const text = Buffer.concat([decipher.update(value.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
          const end = text.indexOf(0x0a);
          return erased.has(text.subarray(0, end).toString()) ? null : text.subarray(end + 1);
        });
      },
    },
  });
  return { actors, erase: (subject) => void erased.add(subject) };
}
