// Decisions about people that a workflow makes by a machine (GDPR Article 22), and whether a person decides each of them. Pure.
// INVARIANT: what a deciding step gave is read by the approval that confirms it and by nothing else, so that nothing can act on it before, or
// beside, what the person decided. What a deciding agent may call itself is held to reads where the call is made.

import type { Decides, Expressions, Step } from './definition.ts';
import type { Expression } from './expressions.ts';

/** What is wrong, each with the step it stands at. */
export function undecided(steps: readonly Step[], decisions: ReadonlyMap<string, Decides>): readonly string[] {
  if (decisions.size === 0) return [];
  return [...missingGates(steps, decisions), ...otherReaders(steps, decisions)];
}

/** Each deciding step has one approval, later in the same list, so that no branch goes around it. */
function missingGates(steps: readonly Step[], decisions: ReadonlyMap<string, Decides>): string[] {
  const problems: string[] = [];
  for (const [index, step] of steps.entries()) {
    if (step.kind === 'when') problems.push(...missingGates(step.do, decisions), ...missingGates(step.else, decisions));
    const decided = decisions.get(step.id);
    if (decided === undefined) continue;
    const gates = steps.slice(index + 1).filter((later) => later.kind === 'approval' && later.confirms?.step === step.id);
    if (gates.length === 1) continue;
    problems.push(
      gates.length === 0
        ? `steps.${step.id}: decides ${decided.kind} about a person, and no approval after it confirms that; a person must decide it`
        : `steps.${step.id}: decides ${decided.kind}, and more than one approval confirms it`,
    );
  }
  return problems;
}

function otherReaders(steps: readonly Step[], decisions: ReadonlyMap<string, Decides>): string[] {
  return steps.flatMap((step) => {
    const own = step.kind === 'approval' ? step.confirms?.step : undefined;
    const read = expressionsOf(step).flatMap(({ steps: named }) => (named === null ? [...decisions.keys()] : [...named]));
    const wrong = [...new Set(read)].filter((id) => decisions.has(id) && id !== own);
    const inner = step.kind === 'when' ? [...otherReaders(step.do, decisions), ...otherReaders(step.else, decisions)] : [];
    return [
      ...wrong.map((id) => `steps.${step.id}: reads what ${id} decides; only the approval that confirms it may, read that one's outcome`),
      ...inner,
    ];
  });
}

function expressionsOf(step: Step): readonly Expression[] {
  const all = (of: Expressions): readonly Expression[] => Object.values(of);
  switch (step.kind) {
    case 'call':
      return all(step.call.with);
    case 'model':
    case 'agent':
      return all(step.prompt.data);
    case 'transform':
      return all(step.members);
    case 'emit':
      return all(step.facts);
    case 'approval':
      return [...all(step.show), ...(step.confirms === null ? [] : [step.confirms.proposal, step.confirms.because])];
    case 'when':
      return [step.condition];
    default:
      return step satisfies never;
  }
}
