// Reads what is typed into the search of the Audit log: `type:`, `subject:` and `by:` before a word, or a word whose form tells what it
// is. Pure. What it can not place it gives back, so that nothing is ignored silently.

export interface Found {
  readonly type?: string;
  readonly subject?: string;
  readonly actor?: string;
  /** The number of one event. */
  readonly event?: string;
  readonly unknown: readonly string[];
}

const TOKENS: Readonly<Record<string, 'type' | 'subject' | 'actor'>> = {
  type: 'type',
  subject: 'subject',
  about: 'subject',
  by: 'actor',
  actor: 'actor',
};
/** As the server takes them. */
const TYPE = /^[a-z][a-z._]{0,99}$/;
const REFERENCE = /^[\w:.-]{1,200}$/;
const SEQ = /^#?(\d{1,15})$/;
const ACTOR = /^(?:act|per|wkl)_|^(?:person|workflow|integration|system):|^installation$/;
const ID = /^[a-z]{3,4}_[\w-]+$/;

export function readSearch(words: string): Found {
  const found: { -readonly [name in 'type' | 'subject' | 'actor' | 'event']?: string } = {};
  const unknown: string[] = [];
  for (const word of words.split(/\s+/).filter((each) => each !== '')) {
    const place = placeOf(word);
    if (place === null || found[place.as] !== undefined) unknown.push(word);
    else found[place.as] = place.value;
  }
  return { ...found, unknown };
}

function placeOf(word: string): { readonly as: 'type' | 'subject' | 'actor' | 'event'; readonly value: string } | null {
  const [, token = '', rest = ''] = /^([a-z]+):(.+)$/.exec(word) ?? [];
  const named = TOKENS[token];
  if (named !== undefined) return (named === 'type' ? TYPE : REFERENCE).test(rest) ? { as: named, value: rest } : null;
  const seq = SEQ.exec(word)?.[1];
  if (seq !== undefined) return { as: 'event', value: seq };
  if (ACTOR.test(word) && REFERENCE.test(word)) return { as: 'actor', value: word };
  if (ID.test(word) && REFERENCE.test(word)) return { as: 'subject', value: word };
  return TYPE.test(word) && word.includes('.') ? { as: 'type', value: word } : null;
}
