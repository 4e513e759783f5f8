// Card numbers and their codes anywhere in a dataset, before anything of it is kept: the number goes for good, its last four digits stay.
// INVARIANT: whatever column it stands in; what is not sure to be one is judged as it is towards models.

import { detect } from '#dlp';

export interface Dropped {
  cards: number;
  codes: number;
}

/** Thirteen digits or more, in groups; or a word for a card's code. Everything else is passed by unread. */
const MAYBE_CARD = /\d(?:[ .\u00a0-]{0,2}\d){12}/u;
const MAYBE_CODE =
  /cv[vc]|csc|cid\b|security code|sicherheitscode|pr\u00fcfnummer|pr\u00fcfziffer|cryptogramme|c\u00f3digo de seguridad|codice di sicurezza|beveiligingscode/iu;
const CODE = /^\d{3,4}$/;

export function dropCards(value: string, dropped: Dropped): string {
  if (!MAYBE_CARD.test(value) && !MAYBE_CODE.test(value)) return value;
  let out = '';
  let from = 0;
  for (const { start, end, type } of detect(value)) {
    const found = value.slice(start, end);
    if (start < from || (type !== 'CARD' && !(type === 'SECRET' && CODE.test(found)))) continue;
    out += value.slice(from, start);
    if (type === 'CARD') {
      dropped.cards += 1;
      out += `[card ending ${found.replace(/\D/g, '').slice(-4)}]`;
    } else {
      dropped.codes += 1;
      out += '[code not kept]';
    }
    from = end;
  }
  return out + value.slice(from);
}
