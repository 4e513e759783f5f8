// Characters that a person does not see but a model reads: which they are, and where they are legitimate
// (emoji sequences, three flags, joiners of scripts that need them). Decides by position only; changes no text.

export type HiddenKind =
  | 'tag_characters'
  | 'zero_width'
  | 'bidi_control'
  | 'variation_selector'
  | 'control'
  | 'html_comment'
  | 'html_hidden';

/** A stretch of hidden text, in UTF-16 offsets of the text it was found in. Never holds the text itself. */
export interface HiddenText {
  readonly kind: HiddenKind;
  readonly start: number;
  readonly end: number;
  /** Hidden characters (code points) in it. */
  readonly count: number;
}

const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/u;
const MARK = /[\p{M}\u1160-\u11ff\uff9e\uff9f]/u;
const PLAIN = 1;
const JOINING = 2;
const HIDDEN = 3;
export type CharacterClass = typeof PLAIN | typeof JOINING | typeof HIDDEN;
export const CHARACTER_CLASS = { plain: PLAIN, joining: JOINING, hidden: HIDDEN } as const;

const classes = new Uint8Array(0x10000);

function computeClass(point: number): CharacterClass {
  if (point < 0x20) return point === 9 || point === 10 || point === 12 || point === 13 ? PLAIN : HIDDEN;
  if (point >= 0x7f && point < 0xa0) return point === 0x85 ? PLAIN : HIDDEN;
  const character = String.fromCodePoint(point);
  if (INVISIBLE.test(character)) return HIDDEN;
  return MARK.test(character) ? JOINING : PLAIN;
}

/** Plain, joining (composes with what stands before it) or hidden. Basic-plane answers are remembered. */
export function characterClass(point: number): CharacterClass {
  if (point > 0xffff) return computeClass(point);
  const known = classes[point] as CharacterClass | 0;
  if (known !== 0) return known;
  const computed = computeClass(point);
  classes[point] = computed;
  return computed;
}

export function hiddenKind(point: number): HiddenKind {
  if (point >= 0xe0000 && point <= 0xe007f) return 'tag_characters';
  if ((point >= 0xfe00 && point <= 0xfe0f) || (point >= 0xe0100 && point <= 0xe01ef) || (point >= 0x180b && point <= 0x180f)) {
    return 'variation_selector';
  }
  if (point === 0x200e || point === 0x200f || point === 0x61c || (point >= 0x202a && point <= 0x202e)) return 'bidi_control';
  if (point >= 0x2066 && point <= 0x2069) return 'bidi_control';
  return point < 0xa0 ? 'control' : 'zero_width';
}

const EMOJI = /[\p{Emoji}\p{Extended_Pictographic}]/u;
const PICTOGRAPH = /[\p{Extended_Pictographic}\p{Emoji_Modifier}]/u;
const JOINER_SCRIPT =
  /[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Nko}\p{Script=Mongolian}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Myanmar}\p{Script=Khmer}\p{Script=Tibetan}]/u;
const RIGHT_TO_LEFT = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;
const VARIED = /[\p{Ideographic}\p{Script=Mongolian}\p{Script=Myanmar}\p{Script=Phags_Pa}\p{Sm}]/u;
/** The only subdivision flags in general use; any other tag sequence could carry a message. UTS #51, emoji tag sequences. */
const FLAGS: ReadonlySet<string> = new Set(['gbeng', 'gbsct', 'gbwls']);
const BLACK_FLAG = 0x1f3f4;
const CANCEL_TAG = 0xe007f;

function pointBefore(text: string, at: number): number {
  if (at <= 0) return -1;
  const unit = text.charCodeAt(at - 1);
  return unit >= 0xdc00 && unit <= 0xdfff && at > 1 ? (text.codePointAt(at - 2) as number) : unit;
}

function matches(pattern: RegExp, point: number | undefined): boolean {
  return point !== undefined && point >= 0 && pattern.test(String.fromCodePoint(point));
}

/** End offset of a well-formed flag whose black flag stands at `at`, or -1. */
function flagEnd(text: string, at: number): number {
  let name = '';
  for (let next = at + 2; name.length <= 5; next += 2) {
    const point = text.codePointAt(next);
    if (point === undefined || point < 0xe0020 || point > CANCEL_TAG) return -1;
    if (point === CANCEL_TAG) return FLAGS.has(name) ? next + 2 : -1;
    name += String.fromCharCode(point - 0xe0000);
  }
  return -1;
}

function insideFlag(text: string, at: number): boolean {
  let start = at;
  for (let steps = 0; steps < 7; steps += 1) {
    const point = pointBefore(text, start);
    start -= point > 0xffff ? 2 : 1;
    if (point === BLACK_FLAG) return flagEnd(text, start) > at;
    if (point < 0xe0020 || point > CANCEL_TAG) return false;
  }
  return false;
}

function legitimateSelector(before: number, point: number): boolean {
  if (point === 0xfe0f || point === 0xfe0e) return matches(EMOJI, before) || matches(VARIED, before);
  return matches(VARIED, before);
}

function legitimateJoiner(text: string, at: number, before: number): boolean {
  if (matches(JOINER_SCRIPT, before)) return true;
  if (text.charCodeAt(at) !== 0x200d || !matches(PICTOGRAPH, text.codePointAt(at + 1))) return false;
  const base = before === 0xfe0f ? pointBefore(text, at - 1) : before;
  return matches(PICTOGRAPH, base);
}

/** True when the hidden character at `at` belongs there: removing it would spoil an emoji, a flag or a word. */
export function isLegitimate(text: string, at: number, point: number): boolean {
  if (point >= 0xe0000 && point <= CANCEL_TAG) return insideFlag(text, at);
  const before = pointBefore(text, at);
  if (point === 0x200c || point === 0x200d) return legitimateJoiner(text, at, before);
  // A single direction mark beside right-to-left letters; overrides and isolates never.
  if (point === 0x200e || point === 0x200f || point === 0x61c) {
    return matches(RIGHT_TO_LEFT, before) || matches(RIGHT_TO_LEFT, text.codePointAt(at + 1));
  }
  return hiddenKind(point) === 'variation_selector' && legitimateSelector(before, point);
}
