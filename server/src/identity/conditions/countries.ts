// Which country an address belongs to, from a file the operator supplies: `range,country[,latitude,longitude]` a line. Pure: it is handed the text.
// INVARIANT: without a file, and for an address the file does not name, the country is unknown, and nothing is claimed.

import { type Address, parseRange, type Range } from './networks.ts';

export interface Place {
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  readonly at: { readonly latitude: number; readonly longitude: number } | null;
}

export interface Countries {
  /** Of the narrowest range that holds the address; null when none does. */
  find(address: Address): Place | null;
  readonly size: number;
}

export const NO_COUNTRIES: Countries = Object.freeze({ find: () => null, size: 0 });

interface Entry extends Range {
  readonly place: Place;
  /** Last address of this and every earlier entry: how far back a search has to look. */
  reach: bigint;
}

const COUNTRY = /^[A-Z]{2}$/;
/** The free lists have under a million ranges. */
const MAX_LINES = 2_000_000;

function readLine(line: string): Omit<Entry, 'reach'> | null {
  const [range, country = '', latitude, longitude, more] = line.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
  const parsed = parseRange(range ?? '');
  if (parsed === null || !COUNTRY.test(country) || more !== undefined) return null;
  if ((latitude ?? '') === '' && (longitude ?? '') === '') return { ...parsed, place: { country, at: null } };
  const at = { latitude: Number(latitude), longitude: Number(longitude) };
  const isOnEarth = Math.abs(at.latitude) <= 90 && Math.abs(at.longitude) <= 180 && latitude !== '' && longitude !== '';
  return isOnEarth ? { ...parsed, place: { country, at } } : null;
}

/** Throws with the number of the first line that can not be read; a heading in the first line is let pass. */
export function parseCountries(text: string): Countries {
  const entries: { 32: Entry[]; 128: Entry[] } = { 32: [], 128: [] };
  const lines = text.split(/\r?\n/);
  if (lines.length > MAX_LINES) throw new Error(`more than ${MAX_LINES} lines`);
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const entry = readLine(line);
    if (entry !== null) entries[entry.bits].push({ ...entry, reach: entry.last });
    else if (index > 0) throw new Error(`line ${index + 1} is not range,country[,latitude,longitude]`);
  }
  for (const list of [entries[32], entries[128]]) {
    list.sort((left, right) => (left.first < right.first ? -1 : left.first > right.first ? 1 : left.last > right.last ? -1 : 1));
    for (let at = 1; at < list.length; at += 1) {
      const [before, entry] = [list[at - 1] as Entry, list[at] as Entry];
      if (before.reach > entry.reach) entry.reach = before.reach;
    }
  }
  return {
    size: entries[32].length + entries[128].length,
    find: (address) => search(entries[address.bits], address.value),
  };
}

/** The last entry that begins at or before the value and still holds it: ranges lie inside each other, so that one is the narrowest. */
function search(list: readonly Entry[], value: bigint): Place | null {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle] as Entry).first <= value) low = middle + 1;
    else high = middle;
  }
  for (let at = low - 1; at >= 0; at -= 1) {
    const entry = list[at] as Entry;
    if (entry.reach < value) return null;
    if (entry.last >= value) return entry.place;
  }
  return null;
}

const EARTH_KM = 6_371;

/** Along the great circle. */
export function distanceKm(from: NonNullable<Place['at']>, to: NonNullable<Place['at']>): number {
  const radians = (degrees: number): number => (degrees * Math.PI) / 180;
  const [dLat, dLon] = [radians(to.latitude - from.latitude), radians(to.longitude - from.longitude)];
  const a = Math.sin(dLat / 2) ** 2 + Math.cos(radians(from.latitude)) * Math.cos(radians(to.latitude)) * Math.sin(dLon / 2) ** 2;
  return 2 * EARTH_KM * Math.asin(Math.min(1, Math.sqrt(a)));
}
