// How a planted value may be written where it crosses: as it is, spaced as people write it, escaped for an address, within base64.
// Holds values in memory only. INVARIANT: a spelling is one by which the value is surely told: its chance is in it.

import { FEWEST_BYTES } from '#dlp';
import type { ValueName } from './invent.ts';

const inGroups = (text: string, separator: string): string => (text.match(/.{1,4}/g) ?? []).join(separator);

/** The value as people and programs write it. */
export function spellingsOf(name: ValueName, value: string): readonly string[] {
  switch (name) {
    // The family name is the invented part, and stands alone as well.
    case 'name':
      return [value.slice(value.lastIndexOf(' ') + 1)];
    case 'phone': {
      const international = value.replace(/\s/g, '');
      const national = value.replace(/^\+33 /, '0');
      return [value, international, international.slice(1), national, national.replace(/\s/g, ''), value.replaceAll(' ', '-')];
    }
    case 'card':
      return [value, inGroups(value, ' '), inGroups(value, '-')];
    case 'iban':
      return [value, inGroups(value, ' '), value.slice(4)];
    case 'street':
      return [value.slice(0, value.lastIndexOf(' '))];
    case 'email':
    case 'secret':
      return [value];
    default:
      return name satisfies never;
  }
}

const BASE64_SHIFTS = [0, 1, 2] as const;

/** What stands in base64 of any text that holds the value, without what its neighbours decide. */
function base64Core(value: Buffer, shift: number): string {
  const encoded = Buffer.concat([Buffer.alloc(shift), value]).toString('base64');
  return encoded.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + value.length) * 8) / 6));
}

/** The bytes to look for in what crosses; values in it are ASCII by how they are made. */
export function formsInCalls(name: ValueName, value: string): readonly Uint8Array[] {
  const forms = new Map<string, Buffer>();
  const add = (text: string): void => {
    if (text.length >= FEWEST_BYTES) forms.set(text.toLowerCase(), Buffer.from(text, 'utf8'));
  };
  for (const spelling of spellingsOf(name, value)) {
    add(spelling);
    add(encodeURIComponent(spelling));
    add(encodeURIComponent(spelling).replaceAll('%20', '+'));
    if (spelling.length >= FEWEST_BYTES + 3) for (const shift of BASE64_SHIFTS) add(base64Core(Buffer.from(spelling), shift));
  }
  return [...forms.values()];
}
