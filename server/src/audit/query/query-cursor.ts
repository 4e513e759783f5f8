// Where a page ended, as an opaque text. It holds the number of the last event and a mark of the question, so that it stays valid over a
// restart and is refused with another question. It grants nothing: whoever makes one up sees a page they may see anyway.

import { createHash } from 'node:crypto';
import { canonicalJson, type JsonObject, type Refusal, refuse } from '#core';
import type { EventQuestion } from './query-filter.ts';

const FORM = /^c1\.([0-9a-z]{1,11})\.([0-9a-f]{8})$/;

/** The same text for the same question. */
export function questionText(question: EventQuestion): string {
  const { decision, facts, ...plain } = question;
  return canonicalJson({ ...plain, decision: decision === null ? null : [...decision].sort(), facts: { ...facts } } as JsonObject);
}

const markOf = (question: EventQuestion): string => createHash('sha256').update(questionText(question)).digest('hex').slice(0, 8);

export function cursorAt(question: EventQuestion, seq: number): string {
  return `c1.${seq.toString(36)}.${markOf(question)}`;
}

export function readCursor(question: EventQuestion, text: string): number | Refusal {
  const [, seq = '', mark] = FORM.exec(text) ?? [];
  const number = Number.parseInt(seq, 36);
  if (mark === markOf(question) && Number.isSafeInteger(number)) return number;
  return refuse('AUDIT_CURSOR_INVALID', 'This is not where a page of this question ended; ask for the first page again.');
}
