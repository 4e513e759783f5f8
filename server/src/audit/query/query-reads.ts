// Says when looking at the log is itself an event: once for each question of a person in ten minutes, so that a page that is looked at all
// day is on record and does not fill the log. In memory of one process: another replica, or a restart, records the question once more.

import { createHash } from 'node:crypto';
import type { Clock, JsonObject, PersonId, Random, TenantId } from '#core';
import { questionText } from './query-cursor.ts';
import { ANY_EVENT, type EventQuestion } from './query-filter.ts';

export interface Reader {
  readonly tenant: TenantId;
  readonly person: PersonId;
}

export interface ReadRecord {
  /** Runs `append` unless the same was recorded for this person a short while ago. When it throws, nothing is remembered. */
  once(reader: Reader, what: string, append: () => Promise<void>): Promise<void>;
  /** What an event may say of a question: which members it had, and a digest. Never a word of it. */
  factsOf(question: EventQuestion): JsonObject;
  /** The same for a question asked again a moment later, whose window of time moved with the clock. */
  keyOf(question: EventQuestion): string;
}

export const SILENT_MS = 10 * 60_000;
/** Questions remembered; beyond it the oldest is forgotten, and recorded again when it comes back. */
const MAX_REMEMBERED = 5_000;
const SALT_BYTES = 32;

/** Member names as the query writes them. */
const NAMES: readonly (readonly [string, (question: EventQuestion) => boolean])[] = [
  ...(['type', 'subject', 'actor', 'resource', 'workflow', 'run', 'decision', 'privileged', 'tokenised'] as const).map(
    (name) => [name, (question: EventQuestion) => question[name] !== ANY_EVENT[name]] as const,
  ),
  ['fact', ({ facts }) => Object.keys(facts).length > 0],
  ['q', ({ text }) => text !== null],
  ['from', ({ fromMs }) => fromMs !== null],
  ['to', ({ toMs }) => toMs !== null],
];

export function createReadRecord({ clock, random }: { readonly clock: Clock; readonly random: Random }): ReadRecord {
  const recorded = new Map<string, number>();
  // Without it somebody could guess a name that was searched for, and see in the log for ever that the guess was right.
  const salt = random.bytes(SALT_BYTES);

  const keyOf = (question: EventQuestion): string => {
    const rounded = (ms: number | null): number | null => (ms === null ? null : Math.floor(ms / SILENT_MS));
    return questionText({ ...question, fromMs: rounded(question.fromMs), toMs: rounded(question.toMs) });
  };

  return {
    keyOf,
    factsOf: (question) => ({
      filter: NAMES.filter(([, isAsked]) => isAsked(question)).map(([name]) => name),
      digest: createHash('sha256').update(salt).update(questionText(question)).digest('hex').slice(0, 32),
    }),
    async once({ tenant, person }, what, append) {
      const key = `${tenant} ${person} ${what}`;
      const nowMs = clock.now();
      const before = recorded.get(key);
      if (before !== undefined && Math.abs(nowMs - before) < SILENT_MS) return;
      // Remembered first: two answers that are made at the same moment are one look.
      recorded.delete(key);
      recorded.set(key, nowMs);
      const [oldest] = recorded.keys();
      if (recorded.size > MAX_REMEMBERED && oldest !== undefined) recorded.delete(oldest);
      try {
        await append();
      } catch (fault) {
        recorded.delete(key);
        throw fault;
      }
    },
  };
}
