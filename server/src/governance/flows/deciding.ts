// How a call treats whoever opted out of decisions by machines, by what was declared to decide. Pure.

import type { AdmtMode, DeclaredDecision } from '../store/decisions.ts';

export interface DecidingCall {
  readonly integration: string;
  /** Null: a model is called. */
  readonly operation: string | null;
  readonly workflow: string | null;
  readonly isEffect: boolean;
}

/** The strictest of what is declared for it; null when nothing significant is. */
export function modeOf(
  decisions: readonly DeclaredDecision[],
  { integration, operation, workflow, isEffect }: DecidingCall,
): AdmtMode | null {
  const modes = decisions
    .filter(({ significant }) => significant)
    .flatMap(({ kind, name, mode }): readonly AdmtMode[] => {
      if (kind === 'operation') return operation !== null && name === `${integration}.${operation}` ? [mode] : [];
      // What a workflow decides takes effect by what it does; where it is not used at all, nothing of them goes into it either.
      return name === workflow && (mode === 'refuse' || isEffect) ? [mode] : [];
    });
  return modes.includes('refuse') ? 'refuse' : (modes[0] ?? null);
}
