// What API keys, tokens and private keys of common services look like: one table, one linear scanner anchored by prefix.
// A form says "this prefix, then at least so many characters of this kind", so that a verdict never depends on what follows.
// Recognises; never stores or returns a key.

/** `hex` is lower case only, `mixed` is `alnum` with at least one letter and one digit. */
type Alphabet = 'hex' | 'upper' | 'alnum' | 'token' | 'mixed';

export interface KeyForm {
  readonly name: string;
  readonly prefix: string;
  readonly alphabet: Alphabet;
  /** Fewest characters after the prefix. */
  readonly least: number;
  /** True when the prefix is short enough to stand inside ordinary words: no letter or digit may come before it. */
  readonly bounded: boolean;
}

export interface KeySpan {
  readonly start: number;
  readonly end: number;
  readonly form: string;
}

const rows: readonly (readonly [name: string, prefixes: string, alphabet: Alphabet, least: number, bounded?: 'bounded'])[] = [
  ['anthropic', 'sk-ant-', 'token', 20],
  ['openrouter', 'sk-or-v1-', 'hex', 32],
  ['openai', 'sk-proj- sk-svcacct- sk-admin-', 'token', 20],
  ['openai', 'sk-', 'mixed', 20, 'bounded'],
  ['stripe', 'sk_live_ sk_test_ rk_live_ rk_test_', 'alnum', 16],
  ['webhook_secret', 'whsec_', 'alnum', 24],
  ['aws', 'AKIA ASIA', 'upper', 16, 'bounded'],
  ['github', 'ghp_ gho_ ghu_ ghs_ ghr_', 'alnum', 30],
  ['github', 'github_pat_', 'token', 22],
  ['gitlab', 'glpat- gldt- glrt-', 'token', 20],
  ['slack', 'xoxb- xoxp- xoxa- xoxr- xoxs- xoxe- xapp-', 'token', 20],
  ['google', 'AIza', 'token', 35, 'bounded'],
  ['google', 'ya29.', 'token', 30, 'bounded'],
  ['google', 'GOCSPX-', 'token', 20],
  ['shopify', 'shpat_ shpca_ shppa_ shpss_', 'hex', 32],
  ['woocommerce', 'ck_ cs_', 'hex', 40, 'bounded'],
  ['klaviyo', 'pk_', 'hex', 34, 'bounded'],
  ['sendgrid', 'SG.', 'token', 20, 'bounded'],
  ['mailgun', 'key-', 'hex', 32, 'bounded'],
  ['twilio', 'SK', 'hex', 32, 'bounded'],
  ['square', 'sq0atp- sq0csp-', 'token', 22],
  ['npm', 'npm_', 'alnum', 36],
  ['pypi', 'pypi-AgE', 'token', 40],
  ['huggingface', 'hf_', 'alnum', 30, 'bounded'],
  ['groq', 'gsk_', 'alnum', 40],
  ['xai', 'xai-', 'alnum', 40, 'bounded'],
  ['perplexity', 'pplx-', 'alnum', 40],
  ['replicate', 'r8_', 'alnum', 37, 'bounded'],
  ['digitalocean', 'dop_v1_ doo_v1_ dor_v1_', 'hex', 64],
  ['databricks', 'dapi', 'hex', 32, 'bounded'],
  ['linear', 'lin_api_', 'alnum', 32],
  ['notion', 'ntn_', 'alnum', 40, 'bounded'],
  ['postman', 'PMAK-', 'hex', 24],
  ['newrelic', 'NRAK-', 'upper', 24],
  ['supabase', 'sbp_', 'hex', 40],
  ['hashicorp', 'hvs. hvb.', 'token', 24, 'bounded'],
  ['age', 'AGE-SECRET-KEY-1', 'upper', 50],
  ['sallyport', 'sp_', 'token', 50, 'bounded'],
];

export const KEY_FORMS: readonly KeyForm[] = rows.flatMap(([name, prefixes, alphabet, least, bounded]) =>
  prefixes.split(' ').map((prefix) => ({ name, prefix, alphabet, least, bounded: bounded === 'bounded' })),
);

const PEM_PREFIX = '-----BEGIN ';
const PEM_HEADER_END = 'PRIVATE KEY';
/** `-----BEGIN ENCRYPTED PRIVATE KEY-----` is 37 long, PGP's ends in ` BLOCK-----`. */
const MAX_PEM_HEADER = 64;
const JWT_PREFIX = 'eyJ';
const JWT_LEAST = 10;
/** A body is looked at so far; longer runs are no key of these forms. */
const MAX_BODY = 256;
const MAX_JWT = 4096;
const DOT = 46;

const DIGIT = 1;
const LOWER = 2;
const UPPER = 4;
const HEX_LETTER = 8;
const JOINER = 16;
const kinds = new Uint8Array(128);
for (let unit = 0; unit < 128; unit += 1) {
  const character = String.fromCharCode(unit);
  if (/[0-9]/.test(character)) kinds[unit] = DIGIT;
  else if (/[a-f]/.test(character)) kinds[unit] = LOWER | HEX_LETTER;
  else if (/[g-z]/.test(character)) kinds[unit] = LOWER;
  else if (/[A-Z]/.test(character)) kinds[unit] = UPPER;
  else if (/[-_]/.test(character)) kinds[unit] = JOINER;
}
const ALLOWED: Readonly<Record<Alphabet, number>> = {
  hex: DIGIT | HEX_LETTER,
  upper: DIGIT | UPPER,
  alnum: DIGIT | LOWER | UPPER,
  token: DIGIT | LOWER | UPPER | JOINER,
  mixed: DIGIT | LOWER | UPPER,
};

function kindAt(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  return unit < 128 ? (kinds[unit] as number) : 0;
}

/** Prefixes by their first two characters: one table look-up per character of a clean text. */
const slots = new Uint8Array(128 * 128);
const formsBySlot: KeyForm[][] = [[]];
const PEM_PAIR = ('-'.charCodeAt(0) << 7) | '-'.charCodeAt(0);
const JWT_PAIR = ('e'.charCodeAt(0) << 7) | 'y'.charCodeAt(0);
for (const start of [...KEY_FORMS.map((form) => form.prefix), PEM_PREFIX, JWT_PREFIX]) {
  const at = (start.charCodeAt(0) << 7) | start.charCodeAt(1);
  if (slots[at] === 0) {
    slots[at] = formsBySlot.length;
    formsBySlot.push(KEY_FORMS.filter((form) => form.prefix.startsWith(start.slice(0, 2))));
  }
}

/** `open`: the prefix is there and the text ends before the form could be decided. */
type Reading = { readonly kind: 'none' } | { readonly kind: 'open' } | { readonly kind: 'key'; readonly end: number };
const NONE: Reading = { kind: 'none' };
const OPEN: Reading = { kind: 'open' };

function readRun(text: string, from: number, allowed: number, most: number): number {
  const limit = Math.min(text.length, from + most);
  let at = from;
  while (at < limit && (kindAt(text, at) & allowed) !== 0) at += 1;
  return at;
}

function isMixed(text: string, from: number, to: number): boolean {
  let seen = 0;
  for (let at = from; at < to; at += 1) {
    const kind = kindAt(text, at);
    seen |= kind & DIGIT ? 1 : kind & (LOWER | UPPER) ? 2 : 0;
    if (seen === 3) return true;
  }
  return false;
}

function readForm(text: string, at: number, form: KeyForm): Reading {
  if (form.bounded && at > 0 && (kindAt(text, at - 1) & ALLOWED.alnum) !== 0) return NONE;
  if (!text.startsWith(form.prefix, at)) return NONE;
  const body = at + form.prefix.length;
  const end = readRun(text, body, ALLOWED[form.alphabet], MAX_BODY);
  if (end - body >= form.least && (form.alphabet !== 'mixed' || isMixed(text, body, end))) return { kind: 'key', end };
  return end === text.length && end - body < MAX_BODY ? OPEN : NONE;
}

function readPem(text: string, at: number): Reading {
  if (!text.startsWith(PEM_PREFIX, at)) return NONE;
  const header = text.slice(at + PEM_PREFIX.length, at + MAX_PEM_HEADER);
  const line = header.indexOf('\n');
  const dashes = header.indexOf('-----');
  if (line !== -1 && (dashes === -1 || line < dashes)) return NONE;
  if (dashes === -1) return at + MAX_PEM_HEADER > text.length ? OPEN : NONE;
  if (!header.slice(0, dashes).includes(PEM_HEADER_END)) return NONE;
  const footer = text.indexOf('-----END ', at + PEM_PREFIX.length + dashes + 5);
  const close = footer === -1 ? -1 : text.indexOf('-----', footer + 9);
  return { kind: 'key', end: close === -1 ? text.length : close + 5 };
}

/** header.payload.signature, each base64url; header and payload are JSON objects, hence `eyJ`. RFC 7519. */
function readJwt(text: string, at: number): Reading {
  if (!text.startsWith(JWT_PREFIX, at) || (at > 0 && (kindAt(text, at - 1) & ALLOWED.alnum) !== 0)) return NONE;
  let from = at;
  for (let segment = 1; segment <= 3; segment += 1) {
    const end = readRun(text, from, ALLOWED.token, MAX_JWT);
    if (segment < 3 && !text.startsWith(JWT_PREFIX, from)) {
      return end === text.length && JWT_PREFIX.startsWith(text.slice(from)) ? OPEN : NONE;
    }
    if (segment === 3 && end - from >= JWT_LEAST) return { kind: 'key', end };
    if (end === text.length) return end - from < MAX_JWT ? OPEN : NONE;
    if (end - from < JWT_LEAST || text[end] !== '.') return NONE;
    from = end + 1;
  }
  return NONE;
}

function pairAt(text: string, at: number): number {
  const first = text.charCodeAt(at);
  const second = text.charCodeAt(at + 1);
  return first < 128 && second < 128 ? (first << 7) | second : 0;
}

/** The first form that reads a key at `at`; otherwise whether one is still open. */
function readKey(text: string, at: number, pair: number): { readonly reading: Reading; readonly form: string } {
  if (pair === PEM_PAIR) return { reading: readPem(text, at), form: 'private_key' };
  if (pair === JWT_PAIR) return { reading: readJwt(text, at), form: 'jwt' };
  let undecided = NONE;
  for (const form of formsBySlot[slots[pair] as number] as readonly KeyForm[]) {
    const reading = readForm(text, at, form);
    if (reading.kind === 'key') return { reading, form: form.name };
    if (reading.kind === 'open') undecided = reading;
  }
  return { reading: undecided, form: '' };
}

const NO_KEYS: readonly KeySpan[] = Object.freeze([]);

/** Keys in the text, in order, not overlapping. Give it canonical text when disguise matters. */
export function findKeys(text: string): readonly KeySpan[] {
  let found: KeySpan[] | null = null;
  // One run of characters holds at most one token: after a failed reading the rest of its run is not read again.
  let jwtFrom = 0;
  let first = text.charCodeAt(0);
  for (let at = 0; at + 1 < text.length; at += 1) {
    const second = text.charCodeAt(at + 1);
    const pair = (first | second) < 128 ? (first << 7) | second : 0;
    first = second;
    if (slots[pair] === 0 || (pair === JWT_PAIR && at < jwtFrom)) continue;
    const { reading, form } = readKey(text, at, pair);
    if (reading.kind === 'key') {
      found ??= [];
      found.push({ start: at, end: reading.end, form });
      at = reading.end - 1;
      first = text.charCodeAt(reading.end);
    } else if (pair === JWT_PAIR && text.startsWith(JWT_PREFIX, at)) {
      jwtFrom = readRun(text, at, ALLOWED.token, MAX_JWT);
    }
  }
  return found ?? NO_KEYS;
}

/**
 * Where the earliest key begins whose prefix is complete but which the end of the text leaves undecided; the text's length
 * when there is none. For streams: a prefix alone is no secret, so nothing before its last character has to be held.
 */
export function openKeyStart(text: string): number {
  let from = text.length;
  const least = Math.max(0, text.length - 2 * MAX_JWT);
  while (from > least && (kindAt(text, from - 1) !== 0 || text.charCodeAt(from - 1) === DOT)) from -= 1;
  let start = text.length;
  for (let at = from; at + 1 < text.length; at += 1) {
    const pair = pairAt(text, at);
    if (slots[pair] === 0 || readKey(text, at, pair).reading.kind !== 'open') continue;
    start = at;
    break;
  }
  // A private key's header line has spaces, so it may begin before that run.
  const header = text.length > PEM_PREFIX.length ? text.lastIndexOf(PEM_PREFIX) : -1;
  return header !== -1 && header < start && readPem(text, header).kind === 'open' ? header : start;
}
