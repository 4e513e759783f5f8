// A workflow as the interpreter runs it: every name resolved, every expression compiled, every file at hand. Plain frozen data.

import type { Assurance, JsonValue, OptOutUse } from '#core';
import type { Expression } from './expressions.ts';

export type Expressions = Readonly<Record<string, Expression>>;

export interface CallTarget {
  readonly integration: string;
  readonly operation: string;
  readonly with: Expressions;
}

export interface Prompt {
  readonly model: string;
  readonly system: string;
  readonly prompt: string;
  readonly data: Expressions;
}

export interface Tool {
  readonly name: string;
  readonly integration: string;
  readonly operation: string;
  readonly description: string;
  /** `null`: whatever the operation takes. */
  readonly arguments: readonly string[] | null;
}

export type OnRefusal = 'stop' | 'continue';

/** A decision about a person that a machine proposes. */
export interface Decides {
  readonly kind: string;
  readonly effect: 'legal' | 'significant';
}

/** How a person decides in its place. */
export interface Confirms extends Decides {
  readonly step: string;
  readonly options: Readonly<Record<string, string>>;
  readonly proposal: Expression;
  readonly because: Expression;
  /** Which of the options a no means. */
  readonly otherwise: string;
  readonly contest: { readonly by: string; readonly text: string };
}

export type Step =
  | { readonly kind: 'call'; readonly id: string; readonly call: CallTarget; readonly onRefusal: OnRefusal }
  | {
      readonly kind: 'model';
      readonly id: string;
      readonly prompt: Prompt;
      readonly output: JsonValue | null;
      readonly onRefusal: OnRefusal;
    }
  | {
      readonly kind: 'agent';
      readonly id: string;
      readonly prompt: Prompt;
      readonly tools: readonly Tool[];
      readonly maxTurns: number;
      readonly maxCalls: number;
      /** It decides about a person: its tools only read. */
      readonly decides: boolean;
      readonly onRefusal: OnRefusal;
    }
  | { readonly kind: 'transform'; readonly id: string; readonly members: Expressions }
  | { readonly kind: 'emit'; readonly id: string; readonly event: string; readonly facts: Expressions }
  | {
      readonly kind: 'approval';
      readonly id: string;
      readonly title: string;
      readonly sentence: string;
      readonly show: Expressions;
      readonly expiresAfterMs: number;
      readonly onDenied: OnRefusal;
      readonly confirms: Confirms | null;
    }
  | {
      readonly kind: 'when';
      readonly id: string;
      readonly condition: Expression;
      readonly do: readonly Step[];
      readonly else: readonly Step[];
    };

export interface InputSpec {
  readonly type: 'string' | 'integer' | 'boolean';
  readonly maxBytes: number;
  /** Where it stands in a delivery; `null` for a workflow that only people start. */
  readonly from: readonly string[] | null;
}

/** Which signed deliveries start a run. People may start every workflow. */
export interface Listens {
  readonly integration: string;
  readonly event: string;
}

export interface ChannelSpec {
  readonly read: CallTarget;
  readonly id: readonly string[];
  readonly assurance: Assurance;
}

export interface WorkflowDefinition {
  readonly name: string;
  readonly owner: string;
  readonly purpose: string;
  /** `null`: only people start it. */
  readonly listens: Listens | null;
  readonly inputs: Readonly<Record<string, InputSpec>>;
  /** Integration to operations. */
  readonly operations: ReadonlyMap<string, ReadonlySet<string>>;
  /** Model to the integration that offers it. */
  readonly models: ReadonlyMap<string, string>;
  /** Dataset to the digest it was approved with. */
  readonly datasets: ReadonlyMap<string, string>;
  /** Uses that customers may opt out of. */
  readonly dataUse: readonly OptOutUse[];
  readonly customer: ChannelSpec | null;
  readonly steps: readonly Step[];
}

/** Every integration the workflow may reach; the scope of its key. */
export function integrationsOf(definition: WorkflowDefinition): readonly string[] {
  return [...new Set([...definition.operations.keys(), ...definition.models.values()])].sort();
}
