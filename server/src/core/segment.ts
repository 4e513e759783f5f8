// What an approved workflow may reach, step by step: names only. Derived from the approved graph, never written by hand.

import type { OptOutUse } from './opt-outs.ts';

export interface Reach {
  readonly integrations: ReadonlySet<string>;
  /** `integration/operation`. */
  readonly operations: ReadonlySet<string>;
  readonly models: ReadonlySet<string>;
  /** Uses its workflow is declared for that customers may opt out of. Absent: none. */
  readonly dataUse?: readonly OptOutUse[];
}

export interface Segment extends Reach {
  readonly workflow: string;
  /** Hash of the version it is the segment of. */
  readonly version: string;
  /** What single steps may reach, by step id. */
  readonly steps: ReadonlyMap<string, StepReach>;
}

export interface StepReach extends Reach {
  readonly kind: string;
}

export const operationKey = (integration: string, operation: string): string => `${integration}/${operation}`;
