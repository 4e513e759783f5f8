// Decisions taken about a person by what is declared to decide about people: which, when, by a machine or by a person, how, and with which
// result (GDPR Article 15(1)(h), CCPA regulations 7222). Pure: made of what the log says about their runs and calls.

import type { JsonObject, JsonValue } from '#core';

/** What is read of an event of the log. */
interface LoggedCall {
  readonly type: string;
  readonly at: string;
  readonly about: string;
  readonly facts: JsonObject;
}

/** What is declared to decide. */
export interface DecidingThing {
  readonly kind: 'workflow' | 'operation';
  /** Of an operation `integration.operation`. */
  readonly name: string;
  readonly decides: string;
  readonly purpose: string;
  readonly logic: string;
}

export interface DecisionTaken {
  readonly at: string;
  readonly decides: string;
  /** The workflow, or `integration.operation`. */
  readonly by: string;
  /** `person`: somebody approved exactly this. `machine`: nobody was asked. `asked`: it went to a person instead of being done. */
  readonly decidedBy: 'machine' | 'person' | 'asked';
  readonly purpose: string;
  readonly logic: string;
  readonly outcome: string;
  readonly run: string | null;
}

const CALL = 'enforcement.call.';
const ASKED = 'ENDORSEMENT_REQUIRED';
const READS = new Set(['read', 'fetch', 'model', '']);
const textOf = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '');

export function decisionsTaken(
  events: readonly LoggedCall[],
  things: readonly DecidingThing[],
  workflowOf: (run: string) => string | null,
): readonly DecisionTaken[] {
  if (things.length === 0) return [];
  const byName = new Map(things.map((thing) => [`${thing.kind} ${thing.name}`, thing]));
  const taken: DecisionTaken[] = [];
  const calls = Map.groupBy(
    events.filter(({ type }) => type.startsWith(CALL)),
    ({ about }) => about,
  );
  for (const own of calls.values()) {
    const facts = Object.assign({}, ...own.map((event) => event.facts)) as Record<string, JsonValue>;
    const operation = textOf(facts.operation);
    const run = textOf(facts.run) === '' ? null : textOf(facts.run);
    const workflow = run === null ? null : workflowOf(run);
    const name = `${textOf(facts.integration)}.${operation}`;
    const isEffect = !READS.has(textOf(facts.effect));
    const ofWorkflow = workflow !== null && isEffect ? byName.get(`workflow ${workflow}`) : undefined;
    const thing = byName.get(`operation ${name}`) ?? ofWorkflow;
    const last = own.at(-1);
    if (thing === undefined || last === undefined) continue;
    const isAsked = textOf(facts.code) === ASKED;
    const approved = own.some((event) => typeof event.facts.approval === 'string' && event.type === `${CALL}intended`);
    taken.push({
      ...{ at: own[0]?.at ?? last.at, decides: thing.decides, by: thing.kind === 'workflow' ? `${thing.name}: ${name}` : name },
      decidedBy: approved ? 'person' : isAsked ? 'asked' : 'machine',
      ...{ purpose: thing.purpose, logic: thing.logic, run },
      outcome: isAsked ? 'a person was asked' : textOf(facts.became) || last.type.slice(CALL.length),
    });
  }
  return taken.sort((one, other) => (one.at < other.at ? -1 : 1));
}
