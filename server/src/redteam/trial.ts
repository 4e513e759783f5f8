// Carries one scenario out and writes down what came of each step.
// INVARIANT: a step counts as blocked only with a code that was expected of it; a refusal by accident, such as a body of the wrong form, is
// `unclear`, and a scenario that fell over before its first step was tried tells so.

import { isArray, isObject, type JsonObject, type JsonValue, SallyportError } from '#core';
import type { Evidence, Insider, Outcome, Reply, Scenario, Step, Trial } from './types.ts';

export const codeOf = ({ body }: Reply): string => (isObject(body) && typeof body.code === 'string' ? body.code : '');
export const objectOf = (value: JsonValue | undefined): JsonObject => (isObject(value) ? value : {});
export const rowsOf = (value: JsonValue | undefined): readonly JsonObject[] => (isArray(value) ? value.filter(isObject) : []);

export const toldOf = (reply: Reply): string => `${reply.status} ${codeOf(reply)}`.trim();

/** A step as it stands before the alerts and the log were read. */
export interface OpenStep {
  readonly tried: string;
  readonly by: Insider | null;
  outcome: Outcome;
  told: string;
  /** Rule of the alert that has to come. */
  readonly rule: string | null;
  readonly code: string | null;
  evidence: readonly Evidence[];
}

export interface OpenScenario {
  readonly scenario: Scenario;
  readonly steps: OpenStep[];
}

type Scene = Omit<Trial, 'refused' | 'alerted' | 'seen'>;

export async function carryOut(scenario: Scenario, scene: Scene): Promise<OpenScenario> {
  const steps: OpenStep[] = [];
  const note = (step: Omit<OpenStep, 'evidence'>): void => {
    steps.push({ ...step, evidence: [] });
  };
  const trial: Trial = {
    ...scene,
    async refused(tried, by, asked, codes) {
      const reply = await asked;
      const code = codeOf(reply);
      const outcome = reply.status < 400 ? 'passed' : codes.includes(code) ? 'blocked' : 'unclear';
      note({ tried, by, outcome, told: toldOf(reply), rule: null, code });
      return reply;
    },
    async alerted(tried, by, asked, rule) {
      const reply = await asked;
      // Refused where it should have been possible: the scenario does not show any more what it is there for.
      const isDone = reply.status < 400;
      note({ tried, by, outcome: isDone ? 'passed' : 'unclear', told: toldOf(reply), rule: isDone ? rule : null, code: null });
      return reply;
    },
    seen(tried, by, { isStopped, told, how }) {
      note({ tried, by, outcome: isStopped === null ? 'not tried' : isStopped ? how : 'passed', told, rule: null, code: null });
    },
  };
  try {
    await scenario.run(trial);
  } catch (fault) {
    const code = fault instanceof SallyportError ? fault.code : 'BUG';
    note({ tried: 'The scene could not be set', by: null, outcome: 'unclear', told: code, rule: null, code: null });
    if (!(fault instanceof SallyportError)) throw fault;
  }
  return { scenario, steps };
}

/** The worst of its steps says what became of a scenario. */
const WORST_FIRST: readonly Outcome[] = ['passed', 'unclear', 'not tried', 'alerted', 'found', 'blocked'];

export function outcomeOf(steps: readonly Pick<Step, 'outcome'>[]): Outcome {
  return WORST_FIRST.find((outcome) => steps.some((step) => step.outcome === outcome)) ?? 'unclear';
}
