// The placeholders of one conversation: one numbering over all its parts, by first appearance, so that replicas agree without state.
// INVARIANT: two different values never share a number, and nothing outside this conversation is ever restored.

import { type Doubt, type Handling, type JsonValue, type PartRole, SallyportError } from '#core';
import { collectKnown } from './collect-known.ts';
import { createSearch, findApart } from './detect.ts';
import type { Guessing } from './guess/guess.ts';
import { parseContainer, rewriteLeaves } from './json-leaves.ts';
import { createKnownMatcher } from './known-matcher.ts';
import { digitsOf, passesLuhn } from './number-groups.ts';
import { formatPlaceholder, typeOfPlaceholder } from './placeholder.ts';
import type { RestoreResult, TextTransform } from './restore.ts';
import { createRestorer, restoreText } from './restore.ts';
import type { TenantPattern } from './tenant-patterns.ts';
import type { Destination, DlpType, Hit, HitType, KnownValue } from './types.ts';
import { DLP_TYPES } from './types.ts';
import { canonicalView } from './views.ts';

export interface RenderOptions {
  /** `json`: the text is JSON, its leaves are rendered and escaped again. */
  readonly format: 'text' | 'json';
  readonly role: PartRole;
}

export interface Conversation {
  /** Placeholders given out. */
  readonly size: number;
  /** What was masked, by type and counted per occurrence: for the ledger. */
  readonly counts: Readonly<Record<string, number>>;
  /** What was found and left as it is, and what the call is refused for. Both counted per occurrence. */
  readonly cleared: Readonly<Record<string, number>>;
  readonly refused: Readonly<Record<string, number>>;
  /** Guesses that are not sure and for which a person is asked, or the call refused. Counted per occurrence. */
  readonly doubted: { readonly ask: Readonly<Record<string, number>>; readonly refuse: Readonly<Record<string, number>> };
  /** What each placeholder stands for, in the order they were given out. For whoever owns the conversation. */
  tokens(): readonly IssuedToken[];
  /** Placeholders of values that are known to be of somebody else alone. */
  ofOthers(subject: string): ReadonlySet<string>;
  /** The text as the model may see it; the same string when nothing in it is personal. */
  render(text: string, options: RenderOptions): string;
  restore(text: string, destination: Destination): RestoreResult;
  restoreStream(destination: Destination): TextTransform;
}

export interface IssuedToken {
  readonly placeholder: string;
  readonly type: HitType;
  readonly value: string;
}

/** One find in a text: the stretch of the original. */
export interface Found {
  readonly start: number;
  readonly end: number;
  /** The text, or the leaf of one, in which it stands. */
  readonly text: string;
  readonly types: readonly HitType[];
  /** Set for a guess that is not sure and that a person decides about. */
  readonly isAsked: boolean;
}

export interface Replaced extends Found {
  /** What stands there now. */
  readonly by: string;
}

export interface ConversationOptions {
  readonly known: readonly KnownValue[];
  /** What is done with each type; without it everything becomes a placeholder but what is masked for good. */
  readonly handling?: Readonly<Record<DlpType, Handling>>;
  /** Also guess at people, streets and places that nobody named. */
  readonly guessing?: Guessing;
  /** What the tenant itself looks for. */
  readonly patterns?: readonly TenantPattern[];
  /** Told of each replacement in a text or a leaf of one, in order. */
  readonly onReplaced?: (replaced: Replaced) => void;
  /** Told of each find that stays as it is because it may, in one order with what is replaced. */
  readonly onLeft?: (left: Found) => void;
  /** Whether a person who was asked lets this guess through as it is. INVARIANT: only what is in doubt can stay by it. */
  readonly staysByPerson?: (doubt: Doubt) => boolean;
  /** Countries whose national phone numbers are expected. */
  readonly regions?: readonly string[];
}

const MAX_PLACEHOLDERS = 99_999;
const MAX_NESTED_JSON = 4;

/** As written, but for compatibility forms and invisible characters. Look-alike letters stay apart: they are another address. */
function plainForm(value: string): string {
  return value
    .normalize('NFKC')
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .trim();
}

/** What makes two writings the same value. */
function identity(type: HitType, value: string): string {
  switch (type) {
    case 'LITERAL':
    case 'PERSON':
    case 'URL':
    case 'CARD':
    case 'SECRET':
      return value;
    case 'EMAIL':
    case 'IP':
    case 'CUSTOMER_ID':
    case 'USERNAME':
    case 'DATE_OF_BIRTH':
      return plainForm(value).toLowerCase();
    case 'PHONE': {
      const { text } = canonicalView(value);
      const digits = digitsOf(text, 0, text.length);
      return /^\(?\+/.test(text) ? `+${digits}` : digits.replace(/^00/, '+');
    }
    case 'IBAN':
    case 'SSN':
    case 'POSTCODE':
      return plainForm(value)
        .replace(/[^\p{L}\p{N}]/gu, '')
        .toUpperCase();
    case 'CITY':
    case 'STREET_ADDRESS':
      return plainForm(value).toLowerCase().replace(/\s+/g, ' ');
    default:
      return type satisfies never;
  }
}

/** Values that lead somewhere: a known one is meant only when it is written the same. Names and places may be spelled freely. */
const EXACT: ReadonlySet<HitType> = new Set<HitType>(['EMAIL', 'IBAN', 'SSN', 'IP', 'CUSTOMER_ID', 'URL']);

/** The value a find stands for: the record's spelling of a known one, else as it reads. */
function meantValue(hit: Hit, surface: string): string {
  const written = hit.plain ?? surface;
  if (hit.entry === null) return written;
  return EXACT.has(hit.type) && identity(hit.type, hit.entry) !== identity(hit.type, written) ? written : hit.entry;
}

/** What stands for a value that is gone for good. Of a card the last four digits are all that PCI DSS 3.4.1 lets anybody see. */
export function maskOf(type: DlpType, surface: string): string {
  if (type !== 'CARD') return `[${type.toLowerCase().replaceAll('_', ' ')} removed]`;
  const digits = digitsOf(surface, 0, surface.length);
  return digits.length <= 19 && passesLuhn(surface, 0, surface.length) ? `[card ending ${digits.slice(-4)}]` : '[card removed]';
}

/** Parts that people and shops wrote. The words of a program's own prompts and of its tools are not guessed at. */
const GUESSED: ReadonlySet<PartRole> = new Set<PartRole>(['user', 'assistant', 'tool_result', 'tool_arguments', 'other']);

function add(counts: Record<string, number>, type: string): void {
  counts[type] = (counts[type] ?? 0) + 1;
}

export function createConversation(options: ConversationOptions): Conversation {
  const learned = new Set<string>();
  const byIdentity = new Map<string, string>();
  const values = new Map<string, string>();
  const numbers = new Map<HitType, number>();
  const counts: Record<string, number> = {};
  const cleared: Record<string, number> = {};
  const refused: Record<string, number> = {};
  const doubted: { readonly ask: Record<string, number>; readonly refuse: Record<string, number> } = { ask: {}, refuse: {} };
  const matcher = createKnownMatcher([]);
  // One search for all parts, so that its bound on slow confirmations holds for the conversation.
  const { regions, guessing, onReplaced, staysByPerson, handling, patterns, onLeft } = options;
  // INVARIANT: card numbers and secrets are masked for good, whatever is asked for.
  const isMasked = (type: DlpType): boolean => type === 'CARD' || type === 'SECRET' || (handling?.[type] ?? 'tokenise') !== 'tokenise';
  const mayStay = new Set<HitType>(DLP_TYPES.filter((type) => handling?.[type] === 'clear' && type !== 'CARD' && type !== 'SECRET'));
  const search = createSearch(
    {
      known: matcher,
      ...(regions === undefined ? {} : { regions }),
      ...(guessing === undefined ? {} : { guessing }),
      ...(patterns === undefined ? {} : { patterns }),
    },
    true,
    mayStay,
  );

  const certainly = { ...search, guessing: null };

  /** Whose a value is, by what makes it the same value; null is nobody in particular. */
  const owners = new Map<string, Set<string | null>>();

  const learn = (found: readonly KnownValue[]): void => {
    for (const { type, value, subject } of found) {
      const key = `${type}\0${identity(type, value)}`;
      owners.set(key, (owners.get(key) ?? new Set()).add(subject));
    }
    matcher.add(
      found.filter(({ type, value }) => {
        const key = `${type}\0${value}`;
        return !learned.has(key) && learned.add(key).has(key);
      }),
    );
  };

  const placeholderFor = (type: HitType, value: string): string => {
    const key = `${type}\0${identity(type, value)}`;
    const issued = byIdentity.get(key);
    if (issued !== undefined) return issued;
    const number = (numbers.get(type) ?? 0) + 1;
    if (number > MAX_PLACEHOLDERS) {
      throw new SallyportError('DLP_TOO_MANY_VALUES', 'The conversation holds more different personal values than can be numbered.');
    }
    const placeholder = formatPlaceholder(type, number);
    numbers.set(type, number);
    byIdentity.set(key, placeholder);
    values.set(placeholder, value);
    return placeholder;
  };

  const replacement = (text: string, hit: Hit): string => {
    const surface = text.slice(hit.start, hit.end);
    add(counts, hit.type);
    if (hit.doubt !== undefined) add(doubted[hit.doubt], hit.type);
    // A class that is refused or gone for good is so within a find of another class too: the strictest decides over the whole.
    let isGone: DlpType | null = null;
    for (const type of [hit.type, ...(hit.within ?? [])]) {
      if (type === 'LITERAL') continue;
      if (handling?.[type] === 'refuse') add(refused, type);
      if (isMasked(type)) isGone ??= type;
    }
    if (isGone !== null) return maskOf(isGone, hit.plain ?? surface);
    return placeholderFor(hit.type, meantValue(hit, surface));
  };

  /** Tells of what stays, up to the next place; what overlaps a replacement is told of for the rest of it. */
  const tellLeft = (text: string, clear: readonly Hit[]): ((from: number, to: number) => void) => {
    if (onLeft === undefined) return () => {};
    const left = clear.filter(({ personal }) => personal);
    let next = 0;
    return (from, to) => {
      for (let hit = left[next]; hit !== undefined && hit.start < to; hit = left[++next]) {
        const [start, end] = [Math.max(hit.start, from), Math.min(hit.end, to)];
        if (start < end) onLeft({ start, end, text, types: [hit.type, ...(hit.within ?? [])], isAsked: false });
        if (hit.end > to) return;
      }
    };
  };

  const renderText = (text: string, role: PartRole): string => {
    let out = '';
    let copied = 0;
    const { kept, clear } = findApart(text, GUESSED.has(role) ? search : certainly);
    for (const { type, personal } of clear) if (personal) add(cleared, type);
    const tell = tellLeft(text, clear);
    for (const hit of kept) {
      if (!hit.personal) continue;
      const types = [hit.type, ...(hit.within ?? [])];
      const isAsked = hit.doubt === 'ask';
      if (isAsked && staysByPerson?.({ types, text: text.slice(hit.start, hit.end) }) === true) {
        for (const type of types) add(cleared, type);
        continue;
      }
      const by = replacement(text, hit);
      tell(copied, hit.start);
      onReplaced?.({ start: hit.start, end: hit.end, by, text, types, isAsked });
      out += text.slice(copied, hit.start) + by;
      copied = hit.end;
    }
    tell(copied, text.length);
    return copied === 0 ? text : out + text.slice(copied);
  };

  /** Field names tell what short values are, so they are learned before any leaf is rendered. */
  const renderJson = (text: string, value: object, role: PartRole, depth: number): string => {
    if (role !== 'tool_schema') learn(collectKnown(value as JsonValue));
    return rewriteLeaves(text, (leaf) => {
      const inner = leaf.kind === 'value' && depth < MAX_NESTED_JSON ? parseContainer(leaf.text) : undefined;
      return inner === undefined ? renderText(leaf.text, role) : renderJson(leaf.text, inner, role, depth + 1);
    });
  };

  learn(options.known);
  const lookup = (placeholder: string): string | undefined => values.get(placeholder);
  return {
    get size() {
      return values.size;
    },
    get counts() {
      return { ...counts };
    },
    get cleared() {
      return { ...cleared };
    },
    get refused() {
      return { ...refused };
    },
    get doubted() {
      return { ask: { ...doubted.ask }, refuse: { ...doubted.refuse } };
    },
    ofOthers: (subject) =>
      new Set(
        [...byIdentity].flatMap(([key, placeholder]) => {
          const whose = owners.get(key);
          return whose === undefined || whose.has(subject) || whose.has(null) ? [] : [placeholder];
        }),
      ),
    tokens: () => [...values].map(([placeholder, value]) => ({ placeholder, type: typeOfPlaceholder(placeholder), value })),
    render: (text, { format, role }) => {
      const value = parseContainer(text);
      if (value !== undefined && format === 'json') return renderJson(text, value, role, 0);
      // Tool results are often JSON without saying so: its field names tell what is personal all the same.
      if (value !== undefined && (role === 'tool_result' || role === 'tool_arguments')) learn(collectKnown(value as JsonValue));
      return renderText(text, role);
    },
    restore: (text, destination) => restoreText(text, lookup, destination),
    restoreStream: (destination) => createRestorer(lookup, destination),
  };
}
