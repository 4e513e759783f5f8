// What a placeholder alone does not give back: another spelling of its value, an escape, a number that stood without quotes.
// Finds it by comparing what would be given back with what there was.

import type { Replaced } from '#dlp';
import { readPlaceholder } from '#dlp';

export interface Written {
  /** JSON pointer of the text. */
  readonly at: string;
  /** The stretch of the tokenised text, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
  /** What stood there. */
  readonly text: string;
  /** The whole was a number. */
  readonly number?: true;
}

export interface RenderedText {
  readonly at: string;
  readonly original: string;
  readonly rendered: string;
  /** Every replacement, in order; null where the text is JSON and its leaves were rewritten one by one. */
  readonly edits: readonly Replaced[] | null;
  /** Something in it is gone for good. */
  readonly isMasked: boolean;
}

export type GiveBack = (text: string, own: readonly Written[]) => string;

/** Stretches to note so that giving back is exact; none when the placeholders alone do it. */
export function alignWritten(text: RenderedText, giveBack: GiveBack): readonly Written[] {
  const { at, original, rendered, edits, isMasked } = text;
  if (giveBack(rendered, []) === original) return [];
  const stretches = edits === null ? (isMasked ? null : alignJson(text)) : alignEdits(text, edits);
  const noted = (stretches ?? []).filter(({ start, end, text: before }) => giveBack(rendered.slice(start, end), []) !== before);
  if (isMasked || giveBack(rendered, noted) === original) return noted;
  // Escapes of the JSON around it were written in another way too.
  return [{ at, start: 0, end: rendered.length, text: original }];
}

/** Masks are left out: what they stood for is in nothing that leaves. */
function alignEdits({ at, original }: RenderedText, edits: readonly Replaced[]): readonly Written[] {
  let shift = 0;
  return edits.flatMap(({ start, end, by }) => {
    const from = start + shift;
    shift += by.length - (end - start);
    return isPlaceholder(by) ? [{ at, start: from, end: from + by.length, text: original.slice(start, end) }] : [];
  });
}

function isPlaceholder(text: string): boolean {
  const reading = readPlaceholder(text, 0);
  return reading.kind === 'placeholder' && reading.end === text.length;
}

/** The placeholders of a JSON text (with their quotes where a number lost its place to one) against the original between the same neighbours. */
function alignJson({ at, original, rendered }: RenderedText): readonly Written[] | null {
  const slots: Written[] = [];
  let from = 0;
  let read = 0;
  const found = [...rendered.matchAll(/<[A-Z_]+_\d+>/g)].map((match) => ({ start: match.index, end: match.index + match[0].length }));
  for (const [index, slot] of found.entries()) {
    const before = rendered.slice(from, slot.start);
    if (!original.startsWith(before, read)) {
      // A number: its quotes are ours.
      if (!before.endsWith('"') || rendered[slot.end] !== '"' || !original.startsWith(before.slice(0, -1), read)) return null;
      read += before.length - 1;
      const digits = /^[-+\d.eE]+/.exec(original.slice(read))?.[0];
      if (digits === undefined) return null;
      slots.push({ at, start: slot.start - 1, end: slot.end + 1, text: digits });
      read += digits.length;
      from = slot.end + 1;
      continue;
    }
    read += before.length;
    const next = found[index + 1];
    const after = rendered.slice(slot.end, next?.start ?? rendered.length);
    // What follows up to the next placeholder tells where the value ended; before a number its opening quote is ours.
    const ends = next === undefined ? original.length - after.length : firstOf(original, after, read);
    if (ends < read) return null;
    slots.push({ at, start: slot.start, end: slot.end, text: original.slice(read, ends) });
    read = ends;
    from = slot.end;
  }
  return original.slice(read) === rendered.slice(from) ? slots : null;
}

function firstOf(text: string, needle: string, from: number): number {
  const whole = needle === '' ? -1 : text.indexOf(needle, from);
  return whole === -1 && needle.endsWith('"') && needle.length > 1 ? text.indexOf(needle.slice(0, -1), from) : whole;
}
