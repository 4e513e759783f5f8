// A tokenised conversation back to what it was, and a model's reply to it with values for its placeholders. The map comes with the row:
// a number that is not in it is kept and told, never guessed.

import { isArray, isObject, type JsonObject, type JsonValue } from '#core';
import { type Destination, type Lookup, readPlaceholder, restoreText } from '#dlp';
import { OWN_MEMBERS, pointer, type RowLeaf, rowLeaves, withLeaves } from './leaves.ts';
import { destinationOf, giveBack } from './row.ts';
import type { Written } from './written.ts';

export interface Restored {
  readonly row: JsonObject;
  readonly restored: number;
  /** Placeholders of the reply that the map does not hold, and those that stood in a link. */
  readonly foreign: readonly string[];
  readonly withheld: readonly string[];
}

export interface TokenMap {
  readonly lookup: Lookup;
  readonly written: ReadonlyMap<string, readonly Written[]>;
}

/** The map of a row, or what is wrong with it. */
export function readMap(row: JsonObject): TokenMap | string {
  const { tokens, written = [] } = row;
  if (!isArray(tokens)) return 'has no tokens, so there is nothing to restore from.';
  const values = new Map<string, string>();
  for (const token of tokens) {
    if (!isObject(token) || typeof token.placeholder !== 'string' || typeof token.value !== 'string')
      return 'has a token without a placeholder or a value.';
    const reading = readPlaceholder(token.placeholder, 0);
    const isWhole = reading.kind === 'placeholder' && reading.end === token.placeholder.length;
    if (!isWhole || token.placeholder !== `<${reading.type}_${reading.number}>`) return 'has a token whose placeholder is none.';
    if (values.has(token.placeholder)) return 'has two tokens of one placeholder.';
    values.set(token.placeholder, token.value);
  }
  const own = new Map<string, Written[]>();
  if (!isArray(written)) return 'has a member `written` that is no list.';
  for (const one of written) {
    if (!isObject(one)) return 'has a member `written` with an entry that is no object.';
    const { at, start, end, text, number } = one;
    if (typeof at !== 'string' || !isPlace(start) || !isPlace(end) || typeof text !== 'string')
      return 'has a member `written` with an entry that lacks a place or a text.';
    own.set(at, [...(own.get(at) ?? []), { at, start, end, text, ...(number === true ? { number } : {}) }]);
  }
  return { lookup: (placeholder) => values.get(placeholder), written: own };
}

const isPlace = (value: JsonValue | undefined): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

/** Entries of a text that has been changed since would cut it anywhere, so only those count whose stretches follow each other and fit. */
function fitting(entries: readonly Written[], text: string): readonly Written[] {
  let at = 0;
  const sorted = [...entries].sort((left, right) => left.start - right.start);
  return sorted.every(({ start, end }) => {
    const fits = start >= at && end >= start && end <= text.length && isBorder(text.slice(start, end), start === 0 && end === text.length);
    at = end;
    return fits;
  })
    ? sorted
    : [];
}

/** A stretch is one placeholder, quoted or not, or the whole text. */
function isBorder(stretch: string, isWhole: boolean): boolean {
  return isWhole || /^"?<[A-Z_]+_\d+>"?$/.test(stretch);
}

const REPLY: Destination = Object.freeze({ types: 'all', escape: 'none', inLinks: false });
const REPLY_JSON: Destination = Object.freeze({ types: 'all', escape: 'json', inLinks: false });

/** Where a reply's text goes: arguments of its tool calls are JSON. */
export function replyDestination({ path }: Pick<RowLeaf, 'path'>): Destination {
  return path[path.length - 1] === 'arguments' ? REPLY_JSON : REPLY;
}

export function isOfReply({ path }: Pick<RowLeaf, 'path'>): boolean {
  return path[0] === 'reply';
}

export function restoreRow(row: JsonObject, { lookup, written }: TokenMap): Restored {
  const changed = new Map<string, JsonValue>();
  const foreign = new Set<string>();
  const withheld = new Set<string>();
  let restored = 0;
  for (const leaf of rowLeaves(row)) {
    if (typeof leaf.value === 'number') continue;
    const at = pointer(leaf.path);
    if (isOfReply(leaf)) {
      const result = restoreText(leaf.value, lookup, replyDestination(leaf));
      for (const name of result.foreign) foreign.add(name);
      for (const name of result.withheld) withheld.add(name);
      restored += result.restored;
      if (result.text !== leaf.value) changed.set(at, result.text);
      continue;
    }
    const own = fitting(written.get(at) ?? [], leaf.value);
    const text = giveBack(leaf.value, own, lookup, destinationOf(leaf, leaf.value));
    if (text !== leaf.value) restored += 1;
    if (own[0]?.number === true) changed.set(at, Number(text));
    else if (text !== leaf.value) changed.set(at, text);
  }
  const { irreversible } = row;
  const rest = Object.fromEntries(Object.entries(row).filter(([key]) => !OWN_MEMBERS.has(key)));
  return {
    restored,
    foreign: [...foreign],
    withheld: [...withheld],
    row: {
      ...(withLeaves(rest, changed) as JsonObject),
      ...(irreversible === undefined ? {} : { irreversible }),
      ...(foreign.size === 0 ? {} : { foreign: [...foreign] }),
      ...(withheld.size === 0 ? {} : { withheld: [...withheld] }),
    },
  };
}
