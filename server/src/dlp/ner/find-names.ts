// Runs a model of names over a text in windows and reads its answer: each word takes the label of its first piece in the window where most stands
// around it, and labels are joined to names. The model itself is handed in. INVARIANT: finds lie within the text, in UTF-16 units, and never cut a word.

import { SallyportError } from '#core';
import type { Label, NerType } from './labels.ts';
import type { Encoded, Tokenizer } from './tokenizer.ts';

export interface NerSpan {
  readonly start: number;
  readonly end: number;
  readonly type: NerType;
  readonly confidence: number;
}

/** Scores of each label for each piece, row by row: what the model says of one window. */
export type RunModel = (ids: readonly number[]) => Promise<Float32Array>;

export interface NamesReader {
  /** What it may find. */
  readonly types: ReadonlySet<NerType>;
  /** `isDropped` is asked before each window; when it says so, the rest is not read and nothing is found. */
  find(text: string, isDropped?: () => Promise<boolean>): Promise<readonly NerSpan[]>;
}

export interface NamesModelParts {
  readonly tokenizer: Tokenizer;
  readonly labels: readonly Label[];
  /** Pieces the model takes at once, those that open and close a text among them. */
  readonly capacity: number;
  readonly run: RunModel;
}

/** A window is not larger than this even where the model takes more: its cost grows with the square. */
const MAX_WINDOW = 256;
/** What a window sees again of the one before; names are shorter. */
const OVERLAP = 48;
/** Below, the model hardly believes it itself. */
const MIN_CONFIDENCE = 0.5;

interface Said {
  readonly label: Label;
  readonly confidence: number;
  /** Pieces to the nearer border of the window it was read in. */
  readonly around: number;
}

function sayOf(scores: Float32Array, row: number, labels: readonly Label[], around: number): Said {
  const from = row * labels.length;
  let best = 0;
  let top = Number.NEGATIVE_INFINITY;
  for (let label = 0; label < labels.length; label += 1) {
    const score = scores[from + label] as number;
    if (score > top) {
      top = score;
      best = label;
    }
  }
  let sum = 0;
  for (let label = 0; label < labels.length; label += 1) sum += Math.exp((scores[from + label] as number) - top);
  const confidence = 1 / sum;
  if (!Number.isFinite(confidence)) throw new SallyportError('DLP_NER_SCORES', 'The model gave scores that are no numbers.');
  return { label: labels[best] as Label, confidence, around };
}

/** Where windows begin and end, in pieces: on borders of words where there is one. */
function windowsOf({ pieces }: Encoded, size: number): readonly { readonly from: number; readonly to: number }[] {
  const windows: { from: number; to: number }[] = [];
  const startsWord = (at: number): boolean => at >= pieces.length || pieces[at]?.word !== pieces[at - 1]?.word;
  const backTo = (at: number, least: number): number => {
    for (let here = at; here > least; here -= 1) if (startsWord(here)) return here;
    return at;
  };
  const overlap = Math.min(OVERLAP, size >> 2);
  for (let from = 0; from < pieces.length; ) {
    const to = from + size >= pieces.length ? pieces.length : backTo(from + size, from + overlap + 1);
    windows.push({ from, to });
    if (to === pieces.length) break;
    from = Math.max(from + 1, backTo(to - overlap, from + 1));
  }
  return windows;
}

interface OpenName {
  start: number;
  end: number;
  readonly type: NerType;
  sum: number;
  words: number;
}

function joined(said: readonly (Said | undefined)[], words: Encoded['words']): readonly NerSpan[] {
  const spans: NerSpan[] = [];
  let open: OpenName | null = null;
  const close = (): void => {
    if (open === null) return;
    const { start, end, type } = open;
    const confidence = Math.min(0.99, open.sum / open.words);
    if (confidence >= MIN_CONFIDENCE) spans.push({ start, end, type, confidence });
    open = null;
  };
  for (const [index, word] of words.entries()) {
    const here = said[index];
    const type = here?.label.type ?? null;
    if (here === undefined || type === null) {
      close();
      continue;
    }
    const { mark } = here.label;
    const current = open as OpenName | null;
    if (current === null || current.type !== type || mark === 'begin' || mark === 'single') {
      close();
      open = { start: word.start, end: word.end, type, sum: here.confidence, words: 1 };
    } else {
      current.end = word.end;
      current.sum += here.confidence;
      current.words += 1;
    }
    if (mark === 'end' || mark === 'single') close();
  }
  close();
  return spans;
}

export function createNamesReader({ tokenizer, labels, capacity, run }: NamesModelParts): NamesReader {
  const size = Math.max(1, Math.min(MAX_WINDOW, capacity) - 2);
  return {
    types: new Set(labels.flatMap(({ type }) => (type === null ? [] : [type]))),
    find: async (text, isDropped = async () => false) => {
      const encoded = tokenizer.encode(text);
      const said: (Said | undefined)[] = [];
      for (const { from, to } of windowsOf(encoded, size)) {
        if (await isDropped()) return [];
        const ids = encoded.pieces.slice(from, to).map(({ id }) => id);
        const scores = await run([tokenizer.opens, ...ids, tokenizer.closes]);
        if (scores.length !== (ids.length + 2) * labels.length)
          throw new SallyportError('DLP_NER_SCORES', 'The model gave another number of scores than it has labels for what it was asked.');
        for (let at = from; at < to; at += 1) {
          const { word } = encoded.pieces[at] as { word: number };
          if (at > from && encoded.pieces[at - 1]?.word === word) continue;
          // A word whose first piece lies in the window before is read there.
          if (at === from && from > 0 && encoded.pieces[at - 1]?.word === word) continue;
          const around = Math.min(from === 0 ? size : at - from, to === encoded.pieces.length ? size : to - at);
          const before = said[word];
          if (before === undefined || around > before.around) said[word] = sayOf(scores, at - from + 1, labels, around);
        }
      }
      return joined(said, encoded.words);
    },
  };
}
