// Patterns of the tenant's own, as the control plane lists, tries and changes them.

import type { DataClass, PersonPrincipal, Refusal, TenantId } from '#core';

export interface DataPatternView {
  readonly name: string;
  readonly class: DataClass;
  readonly pattern: string;
  readonly matches: readonly string[];
  readonly differs: readonly string[];
}

export interface DataPatternPorts {
  readonly dataPatterns: {
    list(tenant: TenantId): Promise<{ readonly patterns: readonly DataPatternView[]; readonly most: number }>;
    /** Replaces one of the same name; refused when an example says otherwise. */
    put(person: PersonPrincipal, pattern: DataPatternView): Promise<DataPatternView | Refusal>;
    remove(person: PersonPrincipal, name: string): Promise<Refusal | null>;
    /** Where a pattern that need not be stored finds something. Keeps nothing of the text. */
    try(asked: { readonly class: DataClass; readonly pattern: string; readonly text: string }): TriedPattern | Refusal;
  };
}

export interface TriedPattern {
  readonly finds: readonly { readonly start: number; readonly end: number }[];
}
