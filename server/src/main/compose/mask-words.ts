// The words of a stored call as they stand in lists: what the shop's own records know of people is replaced by what kind of value it is.
// What nobody knew before, such as a recipient that a text brought in, is left: it is what a person has to judge.

import type { ApprovalRow } from '#approvals';
import type { RunId } from '#core';
import { createKnownMatcher, type DlpType, detect, type KnownValue } from '#dlp';
import type { Rooms } from './rooms.ts';

/** How a shop names a customer, and an address of a page: references that say nothing by themselves. */
const SHOWN: ReadonlySet<DlpType> = new Set<DlpType>(['CUSTOMER_ID', 'URL']);

export interface Masked {
  readonly text: string;
  /** How many values were replaced, and of which classes. */
  readonly values: number;
  readonly classes: readonly string[];
}

/** What the run of a stored call has read about people, in this process or before it. */
export async function knownTo({ guard }: Pick<Rooms, 'guard'>, { tenant, run, workload }: ApprovalRow): Promise<readonly KnownValue[]> {
  if (run === null) return [];
  // Ours by its id; one of a caller elsewhere under its name.
  const views = await Promise.all([run as RunId, `${workload}/${run}` as RunId].map((id) => guard.runs.open(tenant, id)));
  return views.flatMap(({ known }) => known);
}

/** `isDecided`: nothing has to be judged any more, and what a run knew may be gone: everything that looks personal is replaced. */
export function maskWords(text: string, known: readonly KnownValue[], isDecided: boolean): Masked {
  const values = known.filter(({ type }) => !SHOWN.has(type));
  if (values.length === 0 && !isDecided) return { text, values: 0, classes: [] };
  const spans = detect(text, { known: createKnownMatcher(values) }).filter(
    (span) => (span.known || (isDecided && span.personal)) && !SHOWN.has(span.type),
  );
  const numbers = new Map<string, number>();
  const counts = new Map<string, number>();
  let masked = '';
  let at = 0;
  for (const { start, end, type } of spans) {
    const key = `${type} ${text.slice(start, end)}`;
    const number = numbers.get(key) ?? (counts.get(type) ?? 0) + 1;
    if (!numbers.has(key)) counts.set(type, number);
    numbers.set(key, number);
    masked += `${text.slice(at, start)}<${type}_${number}>`;
    at = end;
  }
  return { text: masked + text.slice(at), values: spans.length, classes: [...counts.keys()].map((type) => type.toLowerCase()).sort() };
}
