// What one value of a field is, judged by itself: the class a recogniser gives the whole of it, and the classes it has inside.

import { type DataClass, dataClassOfType } from '#core';
import { detect } from '../detect.ts';
import { foldText } from '../fold.ts';
import type { NameLists } from '../guess/lists.ts';

export interface ValueClass {
  /** What the whole value is. */
  readonly whole: DataClass | null;
  /** What stands in it, beside other text. */
  readonly inside: ReadonlySet<DataClass>;
  readonly isProse: boolean;
}

/** A recognised stretch of this share is the value; what is left is a label or a full stop. */
const WHOLE = 0.8;
const MAX_CHARS = 2_000;
/** A sentence has so many words; a title or a name has fewer. */
const PROSE_WORDS = 6;
const PERSON_WORDS = /^\p{Lu}[\p{L}'’.-]+(?: (?:\p{Lu}[\p{L}'’.-]*|van|von|de|der|den|da|di|del|la|le|du|dos)){1,3}$/u;

/** A name standing alone has nothing around it that says so: only the lists do. */
function isPersonAlone(text: string, lists: NameLists): boolean {
  if (!PERSON_WORDS.test(text)) return false;
  const words = foldText(text).split(' ');
  return lists.isGiven(words[0] as string) && (lists.isFamily(words.at(-1) as string) || !lists.isWord(words.at(-1) as string));
}

export function classOfValue(value: string, lists: NameLists): ValueClass {
  const text = value.trim().slice(0, MAX_CHARS);
  const inside = new Set<DataClass>();
  let whole: DataClass | null = null;
  for (const { start, end, type, personal } of detect(text, { guessing: { lists, language: null, catalogue: null } })) {
    const found = personal ? dataClassOfType(type) : null;
    if (found === null) continue;
    if (end - start >= text.length * WHOLE) whole = found;
    else inside.add(found);
  }
  if (whole === null && isPersonAlone(text, lists)) whole = 'person_name';
  return { whole, inside, isProse: text.split(/\s+/).length >= PROSE_WORDS && /\p{L}{3}/u.test(text) };
}
