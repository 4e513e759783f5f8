// The key of the key file on paper: groups of five characters, each with a check of its own, so that a mistyped one is named.
// INVARIANT: it is the key itself; whoever reads it opens everything, so it is printed for people and written nowhere.

import { createHash, type KeyObject } from 'node:crypto';
import type { Random } from '#core';
import { KEY_BYTES, vaultFault } from './envelope.ts';
import { type KeyFileLocation, type MasterKey, masterKeyOf, readSeal, replaceKeyFile } from './key-file.ts';
import { readHeldBox } from './keys/held-keys.ts';

/** Crockford's: no I, L, O or U, and I, L, O read as 1, 1, 0. */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const BITS = 5;
const DATA_CHARS = 4;
const GROUPS = Math.ceil((KEY_BYTES * 8) / (BITS * DATA_CHARS));

const checkOf = (place: number, data: string): string =>
  LETTERS[(createHash('sha256').update(`sallyport recovery kit v1 ${place} ${data}`).digest()[0] as number) % 32] as string;

/** Thirteen groups. */
export function kitOf(key: KeyObject): readonly string[] {
  const bytes = key.export();
  let bits = '';
  for (const byte of bytes) bits += byte.toString(2).padStart(8, '0');
  bytes.fill(0);
  bits = bits.padEnd(GROUPS * DATA_CHARS * BITS, '0');
  return Array.from({ length: GROUPS }, (_, place) => {
    const at = place * DATA_CHARS * BITS;
    const data = Array.from(
      { length: DATA_CHARS },
      (_each, nth) => LETTERS[Number.parseInt(bits.slice(at + nth * BITS, at + (nth + 1) * BITS), 2)],
    ).join('');
    return data + checkOf(place + 1, data);
  });
}

const invalid = (detail: string): Error => vaultFault('VAULT_RECOVERY_KIT_INVALID', detail);

/** The key that the groups say, typed in any case, with any spaces and dashes between them. */
export function keyOfKit(text: string): MasterKey {
  const typed = text.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1');
  const length = GROUPS * (DATA_CHARS + 1);
  if (typed.length !== length) throw invalid(`${typed.length} characters, ${length} are needed`);
  let bits = '';
  for (let place = 0; place < GROUPS; place += 1) {
    const group = typed.slice(place * (DATA_CHARS + 1), (place + 1) * (DATA_CHARS + 1));
    const data = group.slice(0, DATA_CHARS);
    if ([...group].some((letter) => !LETTERS.includes(letter)) || checkOf(place + 1, data) !== group[DATA_CHARS])
      throw invalid(`look at group ${place + 1}`);
    for (const letter of data) bits += LETTERS.indexOf(letter).toString(2).padStart(BITS, '0');
  }
  if (/1/.test(bits.slice(KEY_BYTES * 8))) throw invalid(`look at group ${GROUPS}`);
  const bytes = Buffer.from(Array.from({ length: KEY_BYTES }, (_, nth) => Number.parseInt(bits.slice(nth * 8, nth * 8 + 8), 2)));
  return masterKeyOf(bytes);
}

/**
 * Puts the key of a kit into the key file, in clear. Refused for another key than the one the files here belong to: what was sealed under that
 * one would look lost. Where neither a key file nor a key box is left to compare it with, each group's check still lets one mistyped kit in
 * thirty-two pass, so `isRight` is asked for its id. Gives whether anything was changed.
 */
export async function recoverKeyFile(
  location: KeyFileLocation,
  kit: MasterKey,
  { random, isRight }: { readonly random: Random; readonly isRight: (keyId: string) => Promise<boolean> },
): Promise<boolean> {
  const there = await readSeal(location);
  if (there !== null && there.id !== kit.id) throw invalid('it is the kit of another key than the one in the key file');
  if (there?.seal.by === 'file') return false;
  const box = await readHeldBox(location, kit); // refuses a box that this key does not open
  if (there === null && box === null && !(await isRight(kit.id)))
    throw invalid('nothing here can tell whether it is the right key, and its id was not confirmed; nothing was changed');
  await replaceKeyFile(location, { key: kit.key, of: there?.id ?? null, wanted: { by: 'file' } }, random);
  return true;
}
