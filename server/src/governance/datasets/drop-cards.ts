// Card numbers and their codes anywhere in a dataset, before anything of it is kept: the number goes for good, its last four digits stay.
// INVARIANT: whatever column it stands in; what is not sure to be one is judged as it is towards models.

import { detect } from '#dlp';

export interface Dropped {
  cards: number;
  codes: number;
}

/** Thirteen digits or more of any script, close together; more loosely where the text is escaped; or a long word, which may be encoded. */
const CLOSE = /\p{Nd}(?:[^\p{L}\p{Nd}]{0,6}\p{Nd}){12}/u;
const ESCAPED = /[%&\\]/;
const ANYWHERE = /\p{Nd}(?:\P{Nd}*\p{Nd}){12}/u;
const LONG = /[\w+/-]{16}/;
/** Or a word for a card's code. Everything else is passed by unread. INVARIANT: this passes by nothing that the search would find. */
const MAYBE_CODE = /c[vs][cvn]|cid|code|codig|codice|pruf|cryptogramme/i;
const ASCII = /^[\0-\x7f]*$/;

function maybeCard(value: string): boolean {
  return CLOSE.test(value) || LONG.test(value) || (ESCAPED.test(value) && ANYWHERE.test(value));
}

function maybeCode(value: string): boolean {
  return MAYBE_CODE.test(ASCII.test(value) ? value : value.normalize('NFKD').replace(/\p{M}/gu, ''));
}

const CODE = /^\d{3,4}$/;

export function dropCards(value: string, dropped: Dropped): string {
  if (!maybeCard(value) && !maybeCode(value)) return value;
  let out = '';
  let from = 0;
  for (const { start, end, type } of detect(value)) {
    const found = value.slice(start, end);
    if (start < from || (type !== 'CARD' && !(type === 'SECRET' && CODE.test(found)))) continue;
    out += value.slice(from, start);
    if (type === 'CARD') {
      dropped.cards += 1;
      const digits = found.normalize('NFKC').replace(/\D/g, '');
      out += digits.length < 13 || ESCAPED.test(found) ? '[card not kept]' : `[card ending ${digits.slice(-4)}]`;
    } else {
      dropped.codes += 1;
      out += '[code not kept]';
    }
    from = end;
  }
  return out + value.slice(from);
}
