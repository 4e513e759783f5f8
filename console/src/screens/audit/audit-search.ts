// Reads what is typed into the search of the Audit log: `type:`, `about:`, `by:` and so on before a word, a word whose form tells what it is,
// and whatever is left as text to look for. Pure. A word that contradicts what stands before it is given back, so that nothing is ignored
// silently.

import type { WordFilter } from '../../api/audit.ts';

type Place = WordFilter | 'event';

export type Found = { readonly [name in Place]?: string } & { readonly unknown: readonly string[] };

const TOKENS: Readonly<Record<string, WordFilter>> = {
  type: 'type',
  subject: 'subject',
  about: 'subject',
  by: 'actor',
  actor: 'actor',
  workflow: 'workflow',
  run: 'run',
  resource: 'resource',
  decision: 'decision',
};
/** As the server takes them. */
const TYPE = /^[a-z][a-z._]{0,99}$/;
const REFERENCE = /^[\w:./@+-]{1,200}$/;
const SEQ = /^#?(\d{1,15})$/;
const ACTOR = /^(?:act|per|wkl)_|^(?:person|workflow|integration|system):|^installation$/;
const ID = /^[a-z]{3,4}_[\w-]+$/;
const MAX_TEXT = 200;

export function readSearch(words: string): Found {
  const found: { -readonly [name in Place]?: string } = {};
  const unknown: string[] = [];
  const free: string[] = [];
  const all = words.split(/\s+/).filter((each) => each !== '');
  for (const word of all) {
    const place = placeOf(word, all.length === 1);
    if (place === 'text') free.push(word);
    else if (place === null || found[place.as] !== undefined) unknown.push(word);
    else found[place.as] = place.value;
  }
  const text = free.join(' ');
  if (text.length > MAX_TEXT) unknown.push(text);
  else if (text !== '') found.q = text;
  return { ...found, unknown };
}

function placeOf(word: string, isAlone: boolean): { readonly as: Place; readonly value: string } | 'text' | null {
  const [, token = '', rest = ''] = /^([a-z]+):(.+)$/.exec(word) ?? [];
  const named = TOKENS[token];
  // `workflow:name` is also how the log writes a workflow that acted; narrowing by the workflow finds that and more.
  if (named !== undefined) return valued(named, rest);
  const seq = SEQ.exec(word)?.[1];
  if (seq !== undefined && (isAlone || word.startsWith('#'))) return { as: 'event', value: seq };
  if (ACTOR.test(word) && REFERENCE.test(word)) return { as: 'actor', value: word };
  if (word.startsWith('run_') && REFERENCE.test(word)) return { as: 'run', value: word };
  if (ID.test(word) && REFERENCE.test(word)) return { as: 'subject', value: word };
  return TYPE.test(word) && word.includes('.') ? { as: 'type', value: word } : 'text';
}

const valued = (as: WordFilter, value: string): { readonly as: Place; readonly value: string } | null =>
  (as === 'type' ? TYPE : REFERENCE).test(value) ? { as, value } : null;
