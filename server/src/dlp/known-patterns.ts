// Under which spellings and parts a known value is recognised: whole, reversed, joined, single names, shortened streets.
// Makes token sequences for the matcher; looks at no text.

import { KIND, kindOf } from './characters.ts';
import { foldText, spellings } from './fold.ts';
import { ORDINARY_WORDS, PARTICLES } from './name-words.ts';
import type { DlpType, KnownValue } from './types.ts';
import { canonicalView } from './views.ts';

/** When a match counts. `capital`: only when written with a capital, because the word has an everyday meaning too. */
export type Condition = 'always' | 'capital' | 'exact' | 'number';

export interface Pattern {
  readonly tokens: readonly string[];
  readonly type: DlpType;
  /** What the match stands for, as the record writes it. */
  readonly value: string;
  readonly subject: string | null;
  readonly condition: Condition;
}

const MAX_TOKENS = 64;
const MIN_NAME = 3;
const MIN_JOINED = 6;

/** Runs of letters, single digits, single characters of unspaced scripts: the units that matching compares. */
export function tokensOf(folded: string): readonly string[] {
  const tokens: string[] = [];
  let start = -1;
  for (let at = 0; at <= folded.length; at += 1) {
    const kind = at < folded.length ? kindOf(folded.charCodeAt(at)) : KIND.separator;
    if (kind === KIND.letter) {
      if (start === -1) start = at;
      continue;
    }
    if (start !== -1) tokens.push(folded.slice(start, at));
    start = -1;
    if (kind !== KIND.separator) tokens.push(folded[at] as string);
  }
  return tokens;
}

function isUnspaced(token: string): boolean {
  return kindOf(token.charCodeAt(0)) === KIND.ideograph;
}

function plainFold(value: string): string {
  return foldText(canonicalView(value).text);
}

function sequences(value: string): readonly (readonly string[])[] {
  const found = new Map<string, readonly string[]>();
  const canonical = canonicalView(value).text;
  // `O'Neill` is also written without its apostrophe.
  const written = /['’]/.test(canonical) ? [canonical, canonical.replace(/['’]/g, '')] : [canonical];
  for (const spelled of written.flatMap(spellings)) {
    const tokens = tokensOf(spelled).slice(0, MAX_TOKENS);
    if (tokens.length > 0) found.set(tokens.join(' '), tokens);
  }
  return [...found.values()];
}

/** Abbreviations that people use for each other in addresses; the first of a row is what all of them become. */
const STREET_WORDS: ReadonlyMap<string, readonly string[]> = new Map(
  [
    'street st',
    'road rd',
    'avenue ave av',
    'boulevard blvd',
    'drive dr',
    'lane ln',
    'court ct',
    'place pl',
    'square sq',
    'terrace ter',
    'parkway pkwy',
    'highway hwy',
    'apartment apt',
    'suite ste',
    'strasse str',
    'platz pl',
    'north n',
    'south s',
    'east e',
    'west w',
    'calle c',
    'carretera ctra',
    'avenida av avda',
    'plaza pza',
    'via v',
    'saint st',
  ].flatMap((row) => {
    const forms = row.split(' ');
    return forms.map((form) => [form, forms] as const);
  }),
);
const MAX_VARIANTS = 16;

function streetForms(token: string): readonly string[] {
  const forms = STREET_WORDS.get(token);
  if (forms !== undefined) return forms;
  if (token.length > 5 && token.endsWith('str')) return [token, `${token}asse`];
  if (token.length > 8 && token.endsWith('strasse')) return [token, token.slice(0, -4)];
  return [token];
}

function streetVariants(tokens: readonly string[]): readonly (readonly string[])[] {
  let variants: (readonly string[])[] = [[]];
  for (const token of tokens) {
    const forms = variants.length >= MAX_VARIANTS ? [token] : streetForms(token);
    variants = variants.flatMap((variant) => forms.map((form) => [...variant, form]));
  }
  return variants.slice(0, MAX_VARIANTS);
}

/** The street and house number without what follows (flat, floor), or `null` when nothing follows or no street is left. */
function streetCore(value: string): string | null {
  const match = /^(?:(.*?\p{L}.*?\s\d{1,5}\s?[a-z]?)|(\d{1,6}[a-z]?\s.*?))[,;]?\s+(?:\p{L}{1,12}\.?\s?)?#?\d{1,5}\b.*$/iu.exec(
    value.slice(0, 200),
  );
  const core = match?.[1] ?? match?.[2];
  return core !== undefined && core.replace(/[^\p{L}]/gu, '').length >= 4 ? core.trim() : null;
}

/** A word without the quotes or brackets around it: what stands for it must not bring them back twice. */
function bareWord(word: string): string {
  return word.replace(/^[^\p{L}\p{M}]+|[^\p{L}\p{M}]+$/gu, '');
}

function nameParts(known: KnownValue): readonly Pattern[] {
  const { type, subject, value } = known;
  const parts = value
    .split(/[\s,;/]+/)
    .map(bareWord)
    .flatMap((part) => (part.includes('-') ? [part, ...part.split('-')] : [part]));
  const patterns: Pattern[] = [];
  for (const part of parts) {
    const folded = plainFold(part).replace(/[^\p{L}]/gu, '');
    if (folded.length < MIN_NAME || PARTICLES.has(folded) || part === value) continue;
    const condition = ORDINARY_WORDS.has(folded) ? 'capital' : 'always';
    for (const tokens of [...sequences(part), [folded]]) patterns.push({ type, subject, value: part, tokens, condition });
  }
  return patterns;
}

/** How a name that stands alone has to be written to count. `null`: too short to mean anything. */
function nameCondition(value: string): Condition | null {
  const tokens = tokensOf(plainFold(value));
  const [first = ''] = tokens;
  if (tokens.length > 1) return 'always';
  if (isUnspaced(first)) return null;
  if (first.length < 2) return null;
  if (first.length < MIN_NAME) return ORDINARY_WORDS.has(first) ? null : 'exact';
  return ORDINARY_WORDS.has(first) || PARTICLES.has(first) ? 'capital' : 'always';
}

/** `annamueller`, `muelleranna`, `amueller`: as in user names. */
function joinedPatterns(known: KnownValue, words: readonly string[]): readonly Pattern[] {
  const [first = '', last = ''] = [words[0], words.at(-1)];
  const joined = new Set([words.join(''), last + first, first + last, first.slice(0, 1) + last]);
  return [...joined].flatMap((value) =>
    sequences(value)
      .map((tokens) => tokens.join(''))
      .filter((token) => token.length >= MIN_JOINED && !/[^\p{L}]/u.test(token))
      .map((token) => ({ type: known.type, subject: known.subject, value, tokens: [token], condition: 'always' as const })),
  );
}

function namePatterns(known: KnownValue): readonly Pattern[] {
  const { type, subject, value } = known;
  const whole = nameCondition(value);
  const words = value.split(/\s+/).filter((word) => word !== '');
  const patterns: Pattern[] = [...nameParts(known)];
  if (whole !== null) patterns.push(...sequences(value).map((tokens) => ({ type, subject, value, tokens, condition: whole })));
  if (words.length < 2) return patterns;
  const reversed = sequences(`${words.slice(1).join(' ')} ${words[0]}`);
  patterns.push(...reversed.map((tokens) => ({ type, subject, value, tokens, condition: 'always' as const })));
  return [...patterns, ...joinedPatterns(known, words)];
}

function streetPatterns(known: KnownValue): readonly Pattern[] {
  const { type, subject, value } = known;
  const core = streetCore(value);
  return [value, ...(core === null ? [] : [core])].flatMap((written) =>
    sequences(written)
      .flatMap(streetVariants)
      .filter((tokens) => tokens.length > 1 || written.length > 4)
      .map((tokens) => ({ type, subject, value: written, tokens, condition: 'always' as const })),
  );
}

function emailPatterns(known: KnownValue): readonly Pattern[] {
  const { type, subject, value } = known;
  const [local = '', domain = ''] = value.split('@');
  const spoken = `${local} at ${domain.replaceAll('.', ' dot ')}`;
  return [value, `${local} at ${domain}`, spoken, spoken.replace(' at ', ' ')].flatMap((written) =>
    sequences(written).map((tokens) => ({ type, subject, value, tokens, condition: 'always' as const })),
  );
}

/** Every way in which a known value is looked for; none for values too short to mean anything. Phones are matched by digits elsewhere. */
export function patternsOf(known: KnownValue): readonly Pattern[] {
  const value = known.value.trim();
  const trimmed = { ...known, value };
  switch (known.type) {
    case 'PHONE':
      return [];
    case 'PERSON':
      return namePatterns(trimmed);
    case 'STREET_ADDRESS':
      return value.length < 4 ? [] : streetPatterns(trimmed);
    case 'EMAIL':
      return value.includes('@') ? emailPatterns(trimmed) : [];
    case 'CITY': {
      const folded = plainFold(value);
      if (folded.length < MIN_NAME) return [];
      const condition = ORDINARY_WORDS.has(folded) ? 'capital' : 'always';
      return sequences(value).map((tokens) => ({ type: 'CITY', subject: known.subject, value, tokens, condition }));
    }
    case 'POSTCODE':
    case 'CUSTOMER_ID':
    case 'DATE_OF_BIRTH':
    case 'USERNAME':
    case 'CARD':
    case 'IBAN':
    case 'IP':
    case 'SECRET':
    case 'SSN':
    case 'URL': {
      if (value.length < 4) return [];
      const condition = /^\d+$/.test(value.replace(/[\s-]/g, '')) ? 'number' : 'always';
      return sequences(value).map((tokens) => ({ type: known.type, subject: known.subject, value, tokens, condition }));
    }
    default:
      known.type satisfies never;
      return [];
  }
}
