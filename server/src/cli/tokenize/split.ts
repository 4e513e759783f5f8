// Whether a text restores to the same however it is cut on its way: at every place, and at pseudo-random places into many pieces.
// Compares the streaming restorer with the whole text; decides nothing else.

import { createRestorer, type Destination, type Links, type Lookup, MAX_PLACEHOLDER, restoreText } from '#dlp';

export const SPLITS = ['bytes', 'utf16'] as const;
export type Split = (typeof SPLITS)[number];

export interface SplitCheck {
  cuts: number;
  mismatches: { readonly at: string; readonly cuts: readonly number[] }[];
}

/** Longer texts are cut at every place near a bracket only, and at random. Every place of a text costs its square. */
const MAX_WHOLE = 2_048;
const RANDOM_ROUNDS = 32;
const MAX_PIECES = 12;
const MAX_TOLD = 20;

/** Deterministic, so that a mismatch can be seen again. xorshift32 (Marsaglia 2003). */
export function pseudoRandom(seed: number): (below: number) => number {
  let state = seed >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

interface Cuttable {
  readonly length: number;
  /** The pieces between the given places, as they would arrive. */
  pieces(at: readonly number[]): readonly string[];
}

function cuttable(text: string, split: Split): Cuttable {
  if (split === 'utf16') {
    return { length: text.length, pieces: (at) => [0, ...at].map((from, index) => text.slice(from, at[index] ?? text.length)) };
  }
  const bytes = new TextEncoder().encode(text);
  return {
    length: bytes.length,
    pieces: (at) => {
      const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
      const parts = [0, ...at].map((from, index) => decoder.decode(bytes.subarray(from, at[index] ?? bytes.length), { stream: true }));
      return [...parts, decoder.decode()];
    },
  };
}

/** Places at which a cut can matter: within reach of a character that can open or close a placeholder. */
function telling(text: string, split: Split): readonly number[] {
  const reach = MAX_PLACEHOLDER + 4;
  const places = new Set<number>();
  let units = 0;
  for (const character of text) {
    if ('<>[]&;\\\uff1c\uff1e\uff3b\uff3d'.includes(character)) for (let at = units - reach; at <= units + reach; at += 1) places.add(at);
    units += split === 'bytes' ? Buffer.byteLength(character) : character.length;
  }
  return [...places].filter((at) => at > 0 && at < units);
}

export function checkSplits(
  text: string,
  {
    at,
    split,
    lookup,
    destination,
    links,
    random,
    into,
  }: {
    readonly at: string;
    readonly split: Split;
    readonly lookup: Lookup;
    readonly destination: Destination;
    readonly links: Links;
    readonly random: (below: number) => number;
    readonly into: SplitCheck;
  },
): void {
  const whole = restoreText(text, lookup, destination, links);
  const cut = cuttable(text, split);
  const check = (places: readonly number[]): void => {
    const stream = createRestorer(lookup, destination, links);
    let out = '';
    for (const piece of cut.pieces(places)) out += stream.push(piece);
    out += stream.end();
    into.cuts += 1;
    const isSame = out === whole.text && stream.restored === whole.restored && stream.foreign.join() === whole.foreign.join();
    if (!isSame && into.mismatches.length < MAX_TOLD) into.mismatches.push({ at, cuts: places });
  };
  const everywhere = cut.length <= MAX_WHOLE ? Array.from({ length: cut.length + 1 }, (_, place) => place) : telling(text, split);
  for (const place of everywhere) check([place]);
  for (let round = 0; round < RANDOM_ROUNDS; round += 1) {
    const places = Array.from({ length: 2 + random(MAX_PIECES) }, () => random(cut.length + 1));
    check(places.sort((left, right) => left - right));
  }
}
