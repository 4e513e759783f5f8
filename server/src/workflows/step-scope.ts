// What the token of a step carries: the operations and models its approved definition names, and nothing else. Pure.

import { scopeOf, type TokenScope } from '#core';
import type { WorkflowDefinition } from './definition.ts';
import { segmentOf } from './segment.ts';

/** The same definition is asked at every move of a run. */
const known = new WeakMap<WorkflowDefinition, ReadonlyMap<string, TokenScope>>();

/** Empty for a step that calls nothing; a token of it would be good for nothing. */
export function stepScope(definition: WorkflowDefinition, step: string | null): TokenScope {
  let scopes = known.get(definition);
  if (scopes === undefined) {
    scopes = scopesOf(definition);
    known.set(definition, scopes);
  }
  return scopes.get(step ?? '') ?? [];
}

function scopesOf(definition: WorkflowDefinition): ReadonlyMap<string, TokenScope> {
  const { steps } = segmentOf(definition, '');
  return new Map(
    [...steps].map(([id, { operations, models }]) => {
      const called = [...operations].map((key) => key.replace('/', ':'));
      const spoken = [...models].map((model) => `${definition.models.get(model) ?? ''}:${model}`);
      return [id, scopeOf([...called, ...spoken]) ?? []];
    }),
  );
}
