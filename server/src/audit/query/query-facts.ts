// What one sealed leaf says that can be asked for: its columns, its words, and the decision it records. Pure.
// INVARIANT: everything here is read from the leaf alone, so that whoever holds an export can repeat any answer.

import { isObject, type JsonObject, type JsonValue } from '#core';

/** Facts that are kept by column. The first five are made here; the others are members of `public` of the same name. */
export const COLUMNS = [
  'type',
  'actor',
  'decision',
  'tokenised',
  'subjectKind',
  'workflow',
  'run',
  'code',
  'effect',
  'state',
  'became',
  'outcome',
  'stage',
  'workload',
  'tier',
  'integration',
  'operation',
  'event',
  'amount',
  'inputTokens',
  'outputTokens',
  'cost',
] as const;
export type Column = (typeof COLUMNS)[number];

const COLUMN_NAMES: ReadonlySet<string> = new Set(COLUMNS);
const OWN: ReadonlySet<string> = new Set(['type', 'actor', 'decision', 'tokenised', 'subjectKind']);

/** A fact of `public` that has a column of its own. */
export function isFactColumn(name: string): name is Column {
  return COLUMN_NAMES.has(name) && !OWN.has(name);
}

/** A fact by its name, or by the names on the way to it: `facts.answered`. */
export function factAt(facts: JsonObject, path: string): JsonValue | undefined {
  let at: JsonValue | undefined = facts;
  for (const name of path.split('.')) at = isObject(at) && Object.hasOwn(at, name) ? (at as JsonObject)[name] : undefined;
  return at;
}

export interface EventFacts {
  readonly seq: number;
  readonly atMs: number;
  readonly subject: string;
  readonly entry: JsonObject;
  readonly public: JsonObject;
  get(column: Column): string | null;
}

/** `allow`: let through. `deny`: stopped. `approval`: a person is asked. `fault`: it failed, by us or by whom it was sent to. */
export const DECISIONS = ['allow', 'deny', 'approval', 'fault'] as const;
export type Decision = (typeof DECISIONS)[number];

/** A refusal with this code stops nothing for good: a person is asked. */
export const ASKED_CODE = 'ENDORSEMENT_REQUIRED';

const DECISION_OF: Readonly<Record<string, Decision>> = {
  'enforcement.call.intended': 'allow',
  'enforcement.call.refused': 'deny',
  'enforcement.call.faulted': 'fault',
  'enforcement.call.unresolved': 'fault',
  'approvals.call.requested': 'approval',
  'approvals.call.repeated': 'approval',
  'approvals.call.endorsed': 'allow',
  'approvals.call.approved': 'allow',
  'approvals.call.denied': 'deny',
  'approvals.call.cancelled': 'deny',
  'approvals.call.capped': 'deny',
  'approvals.call.expired': 'deny',
  'approvals.call.stranded': 'fault',
  'workflows.version.approved': 'allow',
  'workflows.delivery.accepted': 'allow',
  'workflows.delivery.refused': 'deny',
  'workflows.run.refused': 'deny',
};

/** The one definition of what an event decided; null for an event that decides nothing. */
export function decisionOf(type: string, facts: JsonObject): Decision | null {
  if (type === 'workflows.run.finished') return facts.state === 'done' ? null : 'fault';
  if (type === 'enforcement.call.refused' && facts.code === ASKED_CODE) return 'approval';
  return DECISION_OF[type] ?? null;
}

/** How many values were replaced; null when none was. */
function replacedOf(facts: JsonObject): string | null {
  if (!isObject(facts.tokenised)) return null;
  const counts = Object.values(facts.tokenised).filter((count) => typeof count === 'number');
  const total = counts.reduce((sum, count) => sum + count, 0);
  return Object.keys(facts.tokenised).length === 0 ? null : String(total);
}

/** Longer ones are no references, codes or counts. */
const MAX_VALUE = 200;

export function scalarOf(value: JsonValue | undefined): string | null {
  if (value === undefined || value === null || typeof value === 'object') return null;
  const text = String(value);
  return text.length > MAX_VALUE ? null : text;
}

const textOf = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '');

export function factsOf(seq: number, leaf: string): EventFacts {
  const entry = JSON.parse(leaf) as JsonObject;
  const facts = isObject(entry.public) ? (entry.public as JsonObject) : {};
  const type = textOf(entry.type);
  const subject = textOf(entry.subject);
  return {
    seq,
    atMs: Date.parse(textOf(entry.at)),
    subject,
    entry,
    public: facts,
    get(column) {
      switch (column) {
        case 'type':
          return type;
        case 'actor':
          return scalarOf(entry.actor);
        case 'decision':
          return decisionOf(type, facts);
        case 'tokenised':
          return replacedOf(facts);
        case 'subjectKind':
          return /^[a-z]+(?=[_:])/.exec(subject)?.[0] ?? null;
        default:
          return scalarOf(facts[column]);
      }
    },
  };
}

const WORD = /[\p{L}\p{N}]+/gu;
/** A word is cut here on both sides of a comparison: a digest is still told from every other by its beginning. */
export const MAX_WORD = 64;

/** Runs of letters and digits, without regard to case. */
export function wordsOf(text: string): readonly string[] {
  return (text.toLowerCase().match(WORD) ?? []).map((word) => word.slice(0, MAX_WORD));
}

/** Every text, number and truth value in a fact, and its members' names. */
function* textsOf(value: JsonValue): Generator<{ readonly text: string; readonly isName: boolean }> {
  if (Array.isArray(value)) for (const item of value) yield* textsOf(item as JsonValue);
  else if (isObject(value))
    for (const [name, item] of Object.entries(value)) {
      yield { text: name, isName: true };
      yield* textsOf(item as JsonValue);
    }
  else if (value !== null) yield { text: String(value), isName: false };
}

/** The words of an event's metadata: its id, type, subject, pseudonym, and the names and values of its public facts. */
export function metadataWords(facts: EventFacts): ReadonlySet<string> {
  const { id, type, subject, actor } = facts.entry;
  const words = new Set<string>();
  for (const text of [id, type, subject, actor]) for (const word of wordsOf(textOf(text))) words.add(word);
  for (const { text } of textsOf(facts.public)) for (const word of wordsOf(text)) words.add(word);
  return words;
}

/** What an event names: its subject, that subject without its kind, and every value of its public facts, each as a whole. */
export function namesOf(facts: EventFacts): ReadonlySet<string> {
  const names = new Set([facts.subject]);
  const colon = facts.subject.indexOf(':');
  if (colon > 0) names.add(facts.subject.slice(colon + 1));
  for (const { text, isName } of textsOf(facts.public)) if (!isName && text.length <= MAX_VALUE) names.add(text);
  return names;
}
