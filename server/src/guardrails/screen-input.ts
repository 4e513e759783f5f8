// Screens the text of a request: bounds, hidden text, marks of chat templates, secrets, and the statistical detector if there is one.
// INVARIANT: it can lower trust, strip what nobody can see, or refuse. It never makes anything trusted; safety does not rest on it.

import { canonicalText, findKeys, type HiddenText, type Refusal, refuse, stripHidden, type TextPart } from '#core';
import { isJsonContainer, mapJsonStrings } from './json-strings.ts';
import type { Signal, SignalKind } from './signal.ts';

/** Port for a statistical detector. None is shipped: without one, nothing here claims to recognise phrasing. */
export interface InjectionDetector {
  /** 0 to 1; 0.5 is the detector's own threshold. It is given canonical text. Throwing means it could not judge. */
  score(text: string): number;
}

export interface InputScreen {
  readonly signals: readonly Signal[];
  /** Indexes of parts whose integrity must drop. */
  readonly lowered: ReadonlySet<number>;
  /** Part index -> its text without what nobody can see. Parts that need no change are absent. */
  readonly sanitized: ReadonlyMap<number, string>;
  /** Keys and tokens found in all parts. */
  readonly secrets: number;
}

const SUSPICIOUS = 0.5;
/** Marks by which chat templates of common models begin a turn. As text of a message they can only be meant to forge one. */
const ROLE_MARKS = [
  '<|im_start|>',
  '<|im_end|>',
  '<|start_header_id|>',
  '<|eot_id|>',
  '<|system|>',
  '<|assistant|>',
  '<<SYS>>',
  '[/INST]',
  '<start_of_turn>',
];
/** Every mark holds one of these; most texts hold none. */
const ROLE_MARK_HINT = /<\||<<|\[\/I|<start_of/;
const MAY_HIDE = /[^\t\n\f\r\x20-\x7e]|<|\\u/;

function strip(text: string): { readonly text: string; readonly removed: readonly HiddenText[] } {
  if (!MAY_HIDE.test(text)) return { text, removed: [] };
  if (!isJsonContainer(text)) return stripHidden(text);
  const removed: HiddenText[] = [];
  const mapped = mapJsonStrings(text, (value) => {
    const stripped = stripHidden(value);
    removed.push(...stripped.removed);
    return stripped.text;
  });
  return { text: mapped, removed };
}

function countByKind(removed: readonly HiddenText[], part: number): readonly Signal[] {
  const counts = new Map<SignalKind, number>();
  for (const { kind, count } of removed) counts.set(kind, (counts.get(kind) ?? 0) + count);
  return [...counts].map(([kind, count]) => ({ kind, part, count }));
}

function countRoleMarks(text: string): number {
  return ROLE_MARK_HINT.test(text) ? ROLE_MARKS.reduce((count, mark) => count + text.split(mark).length - 1, 0) : 0;
}

/** The detector's verdict; null when it could not judge. */
function detect(detector: InjectionDetector, text: string): boolean | null {
  try {
    const score = detector.score(text);
    return Number.isFinite(score) ? score >= SUSPICIOUS : null;
  } catch {
    return null;
  }
}

export interface InputLimits {
  readonly maxChars: number;
  readonly maxParts: number;
  readonly detector: InjectionDetector | null;
}

export function screenInput(parts: readonly TextPart[], options: InputLimits): InputScreen | Refusal {
  if (parts.length > options.maxParts) {
    return refuse('GUARDRAILS_TOO_MANY_PARTS', 'The request holds more pieces of text than one call may carry.', {
      limit: options.maxParts,
    });
  }
  const chars = parts.reduce((sum, part) => sum + part.text.length, 0);
  if (chars > options.maxChars) {
    return refuse('GUARDRAILS_INPUT_TOO_LARGE', 'The request holds more text than one call may carry.', { limit: options.maxChars });
  }
  const signals: Signal[] = [];
  const lowered = new Set<number>();
  const sanitized = new Map<number, string>();
  let secrets = 0;
  for (const [index, part] of parts.entries()) {
    const stripped = strip(part.text);
    if (stripped.removed.length > 0) {
      sanitized.set(index, stripped.text);
      signals.push(...countByKind(stripped.removed, index));
      lowered.add(index);
    }
    const canonical = canonicalText(stripped.text).text;
    const marks = countRoleMarks(canonical);
    if (marks > 0) {
      signals.push({ kind: 'role_markup', part: index, count: marks });
      lowered.add(index);
    }
    const keys = findKeys(canonical).length;
    if (keys > 0) signals.push({ kind: 'secret', part: index, count: keys });
    secrets += keys;
    if (options.detector === null) continue;
    const suspected = detect(options.detector, canonical);
    if (suspected === null)
      return refuse('GUARDRAILS_DETECTOR_UNAVAILABLE', 'The injection detector could not judge the text.', { part: index });
    if (suspected) {
      signals.push({ kind: 'injection_suspected', part: index, count: 1 });
      lowered.add(index);
    }
  }
  return { signals, lowered, sanitized, secrets };
}
