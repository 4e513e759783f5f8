// Decides, from a workflow and the journal of a run, the one thing that comes next. Pure: the same journal always gives the same action,
// which is why a run goes on after a crash exactly where it was.

import { type ApprovalId, isArray, isObject, type JsonObject, type JsonValue } from '#core';
import type { CallTarget, Expressions, Prompt, Step, Tool, WorkflowDefinition } from './definition.ts';
import type { Scope } from './expressions.ts';
import { fillPrompt } from './parse-definition.ts';

/** What one phase of a step gave, opened. */
export interface Phase {
  readonly step: string;
  readonly phase: string;
  readonly outcome: 'done' | 'refused' | 'waiting';
  readonly code: string | null;
  readonly approval: ApprovalId | null;
  readonly value: JsonValue;
}

export interface Progress {
  readonly input: JsonObject;
  /** `null` until the customer is known, and for good when the workflow names none. */
  readonly customer: { readonly id: string } | null;
  readonly journal: readonly Phase[];
}

interface Place {
  readonly step: string;
  readonly phase: string;
}

export type Action =
  | (Place & {
      readonly kind: 'call';
      readonly integration: string;
      readonly operation: string;
      readonly args: JsonObject;
      /** What makes the effect the same effect when the phase runs again. */
      readonly toolCallId: string;
      /** Waits for this approval. */
      readonly approval: ApprovalId | null;
    })
  | (Place & {
      readonly kind: 'model';
      readonly model: string;
      readonly messages: readonly JsonObject[];
      readonly tools: readonly Tool[];
      readonly output: JsonValue | null;
    })
  | (Place & { readonly kind: 'refuse_tool'; readonly code: string })
  | (Place & { readonly kind: 'emit'; readonly event: string; readonly facts: JsonObject })
  | { readonly kind: 'channel'; readonly integration: string; readonly operation: string; readonly args: JsonObject }
  | { readonly kind: 'stop'; readonly step: string; readonly code: string }
  | { readonly kind: 'finish' };

/** A step's place among `steps` of an expression. */
interface StepValue {
  readonly value: JsonValue;
  readonly refused: boolean;
  readonly code: JsonValue;
}

/** Ids a model may give to its calls; ours hold a dot, so neither can be taken for the other. */
const CALL_ID = /^[A-Za-z0-9_-]{1,64}$/;

export function nextAction(definition: WorkflowDefinition, progress: Progress): Action {
  if (definition.customer !== null && progress.customer === null) {
    const { read } = definition.customer;
    const args = evaluateAll(read.with, { input: progress.input, customer: null, steps: {} });
    if ('fault' in args) return { kind: 'stop', step: 'customer', code: 'WORKFLOWS_EXPRESSION_FAULT' };
    return { kind: 'channel', integration: read.integration, operation: read.operation, args: args.values };
  }
  const walk = new Walk(progress);
  return walk.through(definition.steps) ?? { kind: 'finish' };
}

/** One walk over the steps, gathering what each gave, until something is left to do. */
class Walk {
  readonly #progress: Progress;
  readonly #byPlace: ReadonlyMap<string, Phase>;
  readonly #steps: Record<string, JsonValue> = {};

  constructor(progress: Progress) {
    this.#progress = progress;
    this.#byPlace = new Map(progress.journal.map((phase) => [`${phase.step}/${phase.phase}`, phase]));
  }

  through(steps: readonly Step[]): Action | null {
    for (const step of steps) {
      const action = this.#take(step);
      if (action !== null) return action;
    }
    return null;
  }

  #take(step: Step): Action | null {
    switch (step.kind) {
      case 'call':
        return this.#settled(step, this.#phase(step.id, 'call')) ?? this.#call(step.id, 'call', step.call, this.#phase(step.id, 'call'));
      case 'model':
        return this.#settled(step, this.#phase(step.id, 'answer')) ?? this.#model(step);
      case 'agent':
        return this.#agent(step);
      case 'transform': {
        const made = this.#evaluate(step.members);
        if ('fault' in made) return stop(step.id);
        this.#give(step.id, { value: made.values, refused: false, code: null });
        return null;
      }
      case 'emit': {
        if (this.#phase(step.id, 'emit') !== undefined) return null;
        const facts = this.#evaluate(step.facts);
        if ('fault' in facts) return stop(step.id);
        return { kind: 'emit', step: step.id, phase: 'emit', event: step.event, facts: facts.values };
      }
      case 'when': {
        const result = step.condition.evaluate(this.#scope());
        if ('fault' in result || typeof result.value !== 'boolean') return stop(step.id);
        return this.through(result.value ? step.then : step.else);
      }
      default:
        return step satisfies never;
    }
  }

  /** `done` when the step has ended (its value is then given), a stop when its refusal ends the run, `null` when there is more to do. */
  #settled(step: Extract<Step, { onRefusal: unknown }>, phase: Phase | undefined): Action | null {
    void step;
    void phase;
    return null;
  }

  #phase(step: string, phase: string): Phase | undefined {
    return this.#byPlace.get(`${step}/${phase}`);
  }

  #scope(): Scope {
    return { input: this.#progress.input, customer: this.#progress.customer, steps: this.#steps };
  }

  #evaluate(expressions: Expressions): Evaluated {
    return evaluateAll(expressions, this.#scope());
  }

  #give(step: string, value: StepValue): void {
    this.#steps[step] = { ...value };
  }
}
