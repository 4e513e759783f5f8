// Finds a secret in text that came back from an upstream, in the forms a program would echo it, and takes it out.
// INVARIANT: a stream cut anywhere gives the same result as the whole text.

const REMOVED = '[secret removed]';

export interface TextTransform {
  push(chunk: string): string;
  end(): string;
}

export interface Scrubber {
  scrub(text: string): string;
  stream(): TextTransform;
}

const JSON_QUOTES = /^"|"$/g;

/** The texts to look for: as it is, as JSON, URL, base64 at each of its three offsets, and hex write it. Longest first. */
export function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret, 'utf8');
  const forms = new Set<string>([
    secret,
    JSON.stringify(secret).replace(JSON_QUOTES, ''),
    encodeURIComponent(secret),
    new URLSearchParams({ s: secret }).toString().slice(2),
  ]);
  forms.add(JSON.stringify(secret).replace(JSON_QUOTES, '').replaceAll('/', '\\/'));
  for (const offset of [0, 1, 2]) {
    for (const core of base64Cores(bytes, offset)) forms.add(core);
  }
  forms.add(bytes.toString('hex'));
  forms.add(bytes.toString('hex').toUpperCase());
  return [...forms].sort((left, right) => right.length - left.length);
}

/** The characters of base64 that depend on the secret alone when it starts `offset` bytes into a longer text. */
function base64Cores(bytes: Buffer, offset: number): readonly string[] {
  const padded = Buffer.concat([Buffer.alloc(offset), bytes]);
  const first = Math.ceil((offset * 8) / 6);
  const last = Math.floor((padded.byteLength * 8) / 6);
  const plain = padded.toString('base64').slice(first, last);
  return [plain, plain.replaceAll('+', '-').replaceAll('/', '_'), encodeURIComponent(plain)];
}

export function createScrubber(forms: readonly string[]): Scrubber {
  const longest = forms.reduce((most, form) => Math.max(most, form.length), 0);
  const firsts = new Set(forms.map((form) => form[0]));

  /** The leftmost secret from `from` on, the longest of those that begin there. `forms` are sorted by length. */
  const findNext = (text: string, from: number): { at: number; length: number } | null => {
    let found: { at: number; length: number } | null = null;
    for (const form of forms) {
      const at = text.indexOf(form, from);
      if (at >= 0 && (found === null || at < found.at)) found = { at, length: form.length };
    }
    return found;
  };

  /** Where the end of the text may be the beginning of a secret; its length when it can not. */
  const openAt = (text: string, from: number): number => {
    for (let at = Math.max(from, text.length - longest + 1); at < text.length; at += 1) {
      if (firsts.has(text[at]) && forms.some((form) => form.length > text.length - at && isBeginning(form, text, at))) return at;
    }
    return text.length;
  };

  const pass = (text: string, isLast: boolean): { clean: string; held: string } => {
    let clean = '';
    let from = 0;
    for (;;) {
      const found = findNext(text, from);
      const open = isLast ? text.length : openAt(text, from);
      // A longer secret may still be growing where, or before, this one begins.
      if (found === null || open <= found.at) {
        return { clean: from === 0 && open === text.length ? text : clean + text.slice(from, open), held: text.slice(open) };
      }
      clean += text.slice(from, found.at) + REMOVED;
      from = found.at + found.length;
    }
  };

  return {
    scrub: (text) => pass(text, true).clean,
    stream: () => {
      let held = '';
      return {
        push: (chunk) => {
          const result = pass(held + chunk, false);
          held = result.held;
          return result.clean;
        },
        end: () => {
          const rest = pass(held, true).clean;
          held = '';
          return rest;
        },
      };
    },
  };
}

function isBeginning(form: string, text: string, at: number): boolean {
  for (let index = at; index < text.length; index += 1) {
    if (text.charCodeAt(index) !== form.charCodeAt(index - at)) return false;
  }
  return true;
}
