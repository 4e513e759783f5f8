// What the guesses at names share: the text, its words, the lists; and the questions asked of a word and of what stands before it.

import type { Language } from './language.ts';
import type { NameLists } from './lists.ts';
import { CAPITALISED, INTRODUCES, LABELS, MAY_INTRODUCE, MAY_INTRODUCE_ENGLISH } from './name-context.ts';
import { isOtherWord } from './other-words.ts';
import type { Word } from './words.ts';

export interface PersonContext {
  readonly text: string;
  readonly words: readonly Word[];
  readonly language: Language;
  readonly lists: NameLists;
  /** Folded local parts of the e-mail addresses of the text. */
  readonly mailboxes: readonly string[];
  /** Where addresses of streets begin. */
  readonly streets: ReadonlySet<number>;
}

const BEFORE = 48;

export const isInitial = (word: Word): boolean => word.capital && word.text.length === 1;

export function isOrdinary({ lists, language }: PersonContext, word: Word): boolean {
  const { folded } = word;
  if (CAPITALISED.has(folded)) return true;
  return !isInitial(word) && (lists.isWord(folded) || isOtherWord(language, folded, lists.isGiven(folded) || lists.isFamily(folded)));
}

export const isListed = ({ lists }: PersonContext, word: Word): boolean => lists.isGiven(word.folded) || lists.isFamily(word.folded);

export function isInMailbox({ mailboxes }: PersonContext, word: Word): boolean {
  const bare = word.folded.replace(/[^a-z]/g, '');
  return bare.length >= 3 && mailboxes.some((mailbox) => mailbox.includes(bare));
}

/** `firmly`: only a name can follow. `perhaps`: `I am` and greetings, behind which other words stand too. */
export type Introduction = 'firmly' | 'perhaps' | 'no';

export const before = (text: string, at: number): string => text.slice(Math.max(0, at - BEFORE), at);

export function introductionOf(lead: string, language: Language): Introduction {
  if (INTRODUCES.test(lead) || LABELS.test(lead)) return 'firmly';
  // `M.` is a gentleman in French only.
  if (language === 'fr' && /(?:^|[^\p{L}])M\. $/u.test(lead)) return 'firmly';
  return MAY_INTRODUCE.test(lead) || (language === 'en' && MAY_INTRODUCE_ENGLISH.test(lead)) ? 'perhaps' : 'no';
}
