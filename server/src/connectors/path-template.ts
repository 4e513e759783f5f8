// Path templates: plain segments and `{name}` segments (with an optional plain suffix, as in `{id}.json`), and the one safe way
// to take a received path apart. Never normalises: a path that two servers could read differently is refused, not repaired.

/** One segment of a template: its literal text, or a parameter with the text that must follow it. */
export type Segment =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'parameter'; readonly name: string; readonly suffix: string };

const PARAMETER = /^\{([A-Za-z][A-Za-z0-9_.-]{0,63})\}([A-Za-z0-9_.~-]*)$/;
const LITERAL = /^(?!\.{1,2}$)[A-Za-z0-9_.~-]+$/;

/** The segments of a template, or null when a segment is neither plain nor a parameter. `/` alone has no segments. */
export function parseTemplate(template: string): readonly Segment[] | null {
  const segments: Segment[] = [];
  for (const text of template === '/' ? [] : template.slice(1).split('/')) {
    const parameter = PARAMETER.exec(text);
    if (parameter !== null) segments.push({ kind: 'parameter', name: parameter[1] as string, suffix: parameter[2] as string });
    else if (LITERAL.test(text)) segments.push({ kind: 'literal', text });
    else return null;
  }
  return segments;
}

export function parametersOf(template: string): readonly string[] {
  return (parseTemplate(template) ?? []).flatMap((segment) => (segment.kind === 'parameter' ? [segment.name] : []));
}

/** Templates that can not be told apart: same length, and no position at which two literals differ. */
export function overlap(left: readonly Segment[], right: readonly Segment[]): 'none' | 'same' | 'literal_wins' {
  if (left.length !== right.length) return 'none';
  let same = true;
  for (const [index, one] of left.entries()) {
    const other = right[index] as Segment;
    if (one.kind === 'literal' && other.kind === 'literal') {
      if (one.text !== other.text) return 'none';
    } else if (one.kind !== other.kind) same = false;
    else if (one.kind === 'parameter' && other.kind === 'parameter' && one.suffix !== other.suffix) same = false;
  }
  return same ? 'same' : 'literal_wins';
}

const MAX_PATH_CHARS = 2_048;

/**
 * The decoded segments of a received path, or null when any part of it is open to another reading: `%2f`, `%5c`, dot segments (also
 * encoded), empty segments and trailing slashes, `;` parameters, double encoding, control characters, invalid UTF-8, `?` or `#`.
 */
export function decodePath(path: string): readonly string[] | null {
  if (!path.startsWith('/') || path.length > MAX_PATH_CHARS) return null;
  if (path === '/') return [];
  const segments: string[] = [];
  for (const raw of path.slice(1).split('/')) {
    const segment = decodeSegment(raw);
    if (segment === null) return null;
    segments.push(segment);
  }
  return segments;
}

// RFC 3986 pchar without `;`, which some servers read as a parameter and others as text.
const RAW_SEGMENT = /^(?:[A-Za-z0-9\-._~!$&'()*+,=:@]|%[0-9A-Fa-f]{2})+$/;
// After one decoding nothing may be left that a second decoding or a lenient router would act on.
const UNSAFE_DECODED = /[/\\;]|%[0-9A-Fa-f]{2}|^\.{1,2}$|\p{C}|\p{Zl}|\p{Zp}/u;

function decodeSegment(raw: string): string | null {
  if (!RAW_SEGMENT.test(raw)) return null;
  try {
    const decoded = decodeURIComponent(raw);
    return isSafeSegment(decoded) ? decoded : null;
  } catch {
    return null;
  }
}

/** True when the text can stand as one segment that every server reads the same way. */
export function isSafeSegment(text: string): boolean {
  return text !== '' && !UNSAFE_DECODED.test(text) && text.trim() === text;
}

/** The template with its parameters filled in and encoded, so that it decodes to exactly the same segments. */
export function fillTemplate(segments: readonly Segment[], textOf: (name: string) => string): string {
  return `/${segments.map((segment) => (segment.kind === 'literal' ? segment.text : encodeSegment(textOf(segment.name)) + segment.suffix)).join('/')}`;
}

// INVARIANT: nothing is written into a path that `decodePath` would refuse. Arguments are checked long before; this is the last line.
function encodeSegment(text: string): string {
  if (!isSafeSegment(text)) throw new Error('a path argument that has more than one reading reached the encoder');
  return encodeURIComponent(text);
}
