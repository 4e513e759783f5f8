// One conversation in, the same with placeholders out, and back. What leaves says everything that is needed to give the input back exactly,
// so it is as sensitive as the input. INVARIANT: card numbers and secrets are in nothing that leaves.

import { isObject, type JsonObject, type JsonValue } from '#core';
import {
  collectKnown,
  createConversation,
  type Destination,
  type Guessing,
  type KnownValue,
  type Links,
  type Lookup,
  type Replaced,
  restoreText,
} from '#dlp';
import { pointer, type RowLeaf, rowLeaves, withLeaves } from './leaves.ts';
import { alignWritten, type Written } from './written.ts';

const OWN_TEXT: Destination = Object.freeze({ types: 'all', escape: 'none', inLinks: false });
const OWN_JSON: Destination = Object.freeze({ types: 'all', escape: 'json', inLinks: false });

export interface Tokenized {
  readonly row: JsonObject;
  /** Occurrences by type. */
  readonly counts: Readonly<Record<string, number>>;
}

/** Whether a text is rendered as JSON: arguments of tools and their results often are. */
export function isJsonLeaf({ role }: Pick<RowLeaf, 'role'>, text: string): boolean {
  return (role === 'tool_arguments' || role === 'tool_result') && containerOf(text) !== null;
}

export function destinationOf(leaf: RowLeaf, text: string): Destination {
  return isJsonLeaf(leaf, text) ? OWN_JSON : OWN_TEXT;
}

function containerOf(text: string): JsonValue | null {
  const first = text.trimStart()[0];
  if (first !== '{' && first !== '[') return null;
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return null;
  }
}

/** What the program itself wrote, and messages, whose texts speak for themselves. */
const NO_RECORDS: ReadonlySet<string> = new Set(['messages', 'tools', 'functions', 'response_format', 'reply']);

/** What the row itself says is personal, before any text of it is read: the customer's record and others beside it, tools' inputs and results. */
function knownOf(row: JsonObject): KnownValue[] {
  const known = Object.entries(row).flatMap(([key, value]) =>
    NO_RECORDS.has(key) || typeof value !== 'object' || value === null ? [] : collectKnown(value),
  );
  const open: JsonValue[] = Array.isArray(row.messages) ? [...(row.messages as readonly JsonValue[])] : [];
  for (let here = open.pop(); here !== undefined; here = open.pop()) {
    if (Array.isArray(here)) for (const item of here) open.push(item);
    else if (isObject(here)) {
      if (isObject(here.input)) known.push(...collectKnown(here.input));
      if (here.type === 'tool_result' && isObject(here.content)) known.push(...collectKnown(here.content));
      for (const item of Object.values(here)) open.push(item);
    }
  }
  for (const leaf of rowLeaves(row)) {
    if (leaf.role !== 'tool_arguments' && leaf.role !== 'tool_result') continue;
    const value = containerOf(String(leaf.value));
    if (value !== null) known.push(...collectKnown(value));
  }
  return known;
}

export function tokenizeRow(row: JsonObject, guessing: Guessing): Tokenized {
  let replaced: Replaced[] = [];
  const conversation = createConversation({ known: knownOf(row), guessing, onReplaced: (one) => replaced.push(one) });
  const changed = new Map<string, JsonValue>();
  const written: Written[] = [];
  const masked = (): number => (conversation.counts.CARD ?? 0) + (conversation.counts.SECRET ?? 0);
  // The map grows while texts are rendered, and what a text says differently is found against the whole of it.
  const later: (() => void)[] = [];
  for (const leaf of rowLeaves(row)) {
    const original = String(leaf.value);
    const isJson = isJsonLeaf(leaf, original);
    const before = masked();
    replaced = [];
    const rendered = conversation.render(original, { format: isJson ? 'json' : 'text', role: leaf.role });
    if (rendered === original) continue;
    const at = pointer(leaf.path);
    changed.set(at, rendered);
    const known = { at, original, rendered, edits: isJson ? null : replaced, isMasked: masked() > before };
    later.push(() => {
      if (typeof leaf.value === 'number') {
        if (!known.isMasked) written.push({ at, start: 0, end: rendered.length, text: original, number: true });
      } else written.push(...alignWritten(known, (text, own) => giveBack(text, own, lookup, destinationOf(leaf, rendered))));
    });
  }
  const tokens = conversation.tokens();
  const values = new Map(tokens.map(({ placeholder, value }) => [placeholder, value]));
  const lookup: Lookup = (placeholder) => values.get(placeholder);
  for (const find of later) find();
  const { counts } = conversation;
  const gone = (['CARD', 'SECRET'] as const).flatMap((type) => (counts[type] === undefined ? [] : [{ type, count: counts[type] }]));
  return {
    counts,
    row: {
      ...(withLeaves(row, changed) as JsonObject),
      tokens: tokens.map((token) => ({ ...token })),
      ...(written.length === 0 ? {} : { written: written.map((one) => ({ ...one })) }),
      ...(gone.length === 0 ? {} : { irreversible: gone }),
    },
  };
}

/** A text of the row as it was: what is noted as written differently, and values for all other placeholders. */
export function giveBack(text: string, own: readonly Written[], lookup: Lookup, destination: Destination): string {
  let out = '';
  let at = 0;
  const restored = (from: number, to: number): string => restoreText(text.slice(from, to), lookup, destination, OWN_LINKS).text;
  for (const { start, end, text: before } of own) {
    out += restored(at, start) + before;
    at = end;
  }
  return out + restored(at, text.length);
}

/** The row's texts go back to whoever wrote them, so their links are whole again. */
export const OWN_LINKS: Links = 'filled';
