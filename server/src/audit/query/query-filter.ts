// A question to the log, and whether an event answers it. Pure: the same tests are put to a sealed leaf and to the columns of the index.

import { type Column, DECISIONS, type EventFacts, factAt, isFactColumn, metadataWords, namesOf, scalarOf, wordsOf } from './query-facts.ts';

export interface EventQuestion {
  /** A type, or how it begins: `approvals.`. */
  readonly type: string | null;
  readonly subject: string | null;
  /** A pseudonym as it stands in the leaves, or who is behind it. */
  readonly actor: string | null;
  /** An integration or object that the event names as a whole value. */
  readonly resource: string | null;
  readonly workflow: string | null;
  readonly run: string | null;
  /** `allow`, `deny`, `approval`, `fault`, or codes; any of them. */
  readonly decision: readonly string[] | null;
  readonly privileged: boolean | null;
  /** Whether the event counts values that were replaced. */
  readonly tokenised: boolean | null;
  /** Public facts by name, or by the names on the way to them, each with exactly this value. */
  readonly facts: Readonly<Record<string, string>>;
  /** Every word of it must be a word of the metadata. */
  readonly text: string | null;
  /** From this moment on, and before that one. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
}

export const ANY_EVENT: EventQuestion = {
  type: null,
  subject: null,
  actor: null,
  resource: null,
  workflow: null,
  run: null,
  decision: null,
  privileged: null,
  tokenised: null,
  facts: {},
  text: null,
  fromMs: null,
  toMs: null,
};

export interface Condition {
  readonly column: Column;
  accepts(value: string | null): boolean;
}

/** Something of which an event can be told by its columns: any of `any` must hold. */
export type Conditions = readonly { readonly any: readonly Condition[] }[];

export interface Plan {
  readonly question: EventQuestion;
  readonly conditions: Conditions;
  /** What only the leaf itself can answer; null when the columns say it all. */
  readonly leafOnly: ((facts: EventFacts) => boolean) | null;
  /** What must all stand in the filter of a block that holds an answer. */
  readonly tokens: readonly string[];
  /** Types of which every answer is one; null when it may have others. */
  readonly types: readonly string[] | null;
  /** True for a question that every event answers. */
  readonly isOpen: boolean;
}

export const columnToken = (column: string, value: string): string => `c:${column}=${value}`;
export const nameToken = (value: string): string => `n:${value}`;
export const wordToken = (word: string): string => `w:${word}`;

/** `pseudonyms`: those of the actor asked for, none when nobody has that name. */
export function planOf(
  question: EventQuestion,
  known: { readonly pseudonyms: readonly string[]; readonly privileged: ReadonlySet<string> },
): Plan {
  const conditions: { any: Condition[] }[] = [];
  const tokens: string[] = [];
  const leafTests: ((facts: EventFacts) => boolean)[] = [];
  const is = (column: Column, value: string): Condition => ({ column, accepts: (found) => found === value });
  const { type, subject, actor, resource, workflow, run, decision, privileged, tokenised, text } = question;

  if (type !== null) conditions.push({ any: [{ column: 'type', accepts: (found) => found?.startsWith(type) ?? false }] });
  if (subject !== null) leafTests.push((facts) => facts.subject === subject);
  if (actor !== null) {
    const accepted = new Set([actor, ...known.pseudonyms]);
    conditions.push({ any: [{ column: 'actor', accepts: (found) => found !== null && accepted.has(found) }] });
    const [only] = known.pseudonyms;
    if (known.pseudonyms.length === 1 && only !== undefined) tokens.push(columnToken('actor', only));
    if (known.pseudonyms.length === 0) tokens.push(columnToken('actor', actor));
  }
  const equal: Record<string, string> = { ...question.facts };
  if (workflow !== null) equal.workflow = workflow;
  if (run !== null) equal.run = run;
  for (const [name, value] of Object.entries(equal)) {
    tokens.push(nameToken(value));
    if (isFactColumn(name)) {
      conditions.push({ any: [is(name, value)] });
      tokens.push(columnToken(name, value));
    } else leafTests.push((facts) => scalarOf(factAt(facts.public, name)) === value);
  }
  if (decision !== null) {
    const kinds = new Set<string>(decision.filter((word) => (DECISIONS as readonly string[]).includes(word)));
    const codes = new Set(decision.filter((word) => !kinds.has(word)));
    const any: Condition[] = [];
    if (kinds.size > 0) any.push({ column: 'decision', accepts: (found) => found !== null && kinds.has(found) });
    if (codes.size > 0) any.push({ column: 'code', accepts: (found) => found !== null && codes.has(found) });
    conditions.push({ any });
    const [only] = decision;
    if (decision.length === 1 && only !== undefined) tokens.push(columnToken(kinds.has(only) ? 'decision' : 'code', only));
  }
  if (privileged !== null)
    conditions.push({ any: [{ column: 'type', accepts: (found) => known.privileged.has(found ?? '') === privileged }] });
  if (tokenised !== null) conditions.push({ any: [{ column: 'tokenised', accepts: (found) => (found !== null) === tokenised }] });
  if (resource !== null) {
    tokens.push(nameToken(resource));
    leafTests.push((facts) => namesOf(facts).has(resource));
  }
  if (text !== null) {
    const words = [...new Set(wordsOf(text))];
    tokens.push(...words.map(wordToken));
    leafTests.push((facts) => {
      const held = metadataWords(facts);
      return words.every((word) => held.has(word));
    });
  }
  return {
    question,
    conditions,
    leafOnly: leafTests.length === 0 ? null : (facts) => leafTests.every((test) => test(facts)),
    tokens,
    types: privileged === true ? [...known.privileged] : null,
    isOpen: conditions.length === 0 && leafTests.length === 0 && question.fromMs === null && question.toMs === null,
  };
}

export function isInTime({ fromMs, toMs }: EventQuestion, atMs: number): boolean {
  return (fromMs === null || atMs >= fromMs) && (toMs === null || atMs < toMs);
}

/** The whole question put to the leaf itself. */
export function answers(plan: Plan, facts: EventFacts): boolean {
  return (
    isInTime(plan.question, facts.atMs) &&
    plan.conditions.every(({ any }) => any.some(({ column, accepts }) => accepts(facts.get(column)))) &&
    (plan.leafOnly === null || plan.leafOnly(facts))
  );
}
