// User names: what stands where a text names a login, and words of the shape that sign-up forms propose (`anna.quist42`).

import type { Report } from '../types.ts';

const HANDLE = /(?<![\p{L}\d@./:_-])(?:[a-z]{1,20}[._][a-z]{2,24}\d{1,5}|@[a-z\d][a-z\d_.]{2,29})(?![\p{L}\d@/_-]|\.[\p{L}\d])/giu;
const NAMED =
  /(?:user ?name|user ?id|\blogin(?: name)?|screen name|nickname|benutzername|nutzername|nom d['’]utilisateur|identifiant|nombre de usuario|usuario|nome utente|gebruikersnaam|\bunlock|entsperren)(?:(?: (?:on|for|of|in) [^\n.,:]{1,24}?)? (?:is|ist|est|es|è|was))?[:=]?\s{0,2}["'“]?([\p{L}\d][\p{L}\d._-]{3,38}[\p{L}\d])/giu;

export function guessUserNames(text: string, isOrdinary: (word: string) => boolean, report: Report): void {
  for (const match of text.matchAll(HANDLE)) report(match.index, match.index + match[0].length, 'USERNAME', 0.8);
  for (const match of text.matchAll(NAMED)) {
    const name = match[1] as string;
    const end = match.index + match[0].length;
    if (text[end] === '@' || (!/[\d._-]/.test(name) && isOrdinary(name.toLowerCase()))) continue;
    report(end - name.length, end, 'USERNAME', 0.85);
  }
}
