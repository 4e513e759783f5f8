// What a gate is: a name, the rule as one sentence, and a function from the files of the repository to what breaks the rule.
// INVARIANT: a gate that looked at nothing fails, see `judge`.

import type { Tree } from './tree.ts';

export interface GateResult {
  /** How many things (files, rows, names) the gate judged. */
  readonly looked: number;
  readonly failures: readonly string[];
  /** Worth a look, but not wrong. */
  readonly notes?: readonly string[];
}

export interface Gate {
  readonly name: string;
  readonly sentence: string;
  inspect(tree: Tree): GateResult;
}

export interface Verdict {
  readonly gate: string;
  readonly failures: readonly string[];
  readonly notes: readonly string[];
}

export function judge(gate: Gate, tree: Tree): Verdict {
  try {
    const { looked, failures, notes = [] } = gate.inspect(tree);
    const blind = looked === 0 ? ['looked at nothing'] : [];
    return { gate: gate.name, failures: [...blind, ...failures], notes };
  } catch (fault) {
    // A file that can not be parsed fails the gate that reads it, and lets the others speak.
    return { gate: gate.name, failures: [`could not run: ${fault instanceof Error ? fault.message : String(fault)}`], notes: [] };
  }
}
