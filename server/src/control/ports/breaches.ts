// Breaches of personal data, as the control plane shows them.

import type { BreachId, JsonObject, PersonPrincipal, Refusal, TenantId } from '#core';

export interface BreachStepOut {
  readonly number: number;
  readonly kind: string;
  readonly at: string;
  readonly by: string;
  readonly byName: string | null;
  readonly facts: JsonObject;
  readonly text: string | null;
  readonly delayReason: string | null;
}

export interface BreachOut {
  readonly id: string;
  readonly state: 'open' | 'closed';
  readonly what: string;
  readonly alert: string | null;
  readonly rule: string | null;
  readonly awareAt: string;
  readonly dueAt: string;
  readonly hours: number;
  /** Until the authority must know; less than nothing when it is overdue. */
  readonly leftMs: number;
  readonly law: string;
  /** The clock runs. */
  readonly isRunning: boolean;
  readonly isLate: boolean;
  readonly risk: string | null;
  readonly openedAt: string;
  readonly openedBy: string;
  readonly openedByName: string | null;
  readonly closedAt: string | null;
  readonly closedByName: string | null;
  readonly scope: JsonObject | null;
  /** What is missing before it can be closed. */
  readonly missing: readonly string[];
  readonly steps: readonly BreachStepOut[];
}

/** An alert that may be one. */
export interface BreachProposal {
  readonly alert: string;
  readonly rule: string;
  readonly meaning: string;
  readonly at: string;
  readonly by: string | null;
  readonly byName: string | null;
  readonly integration: string | null;
}

export interface BreachPorts {
  readonly breaches: {
    list(tenant: TenantId): Promise<readonly BreachOut[]>;
    /** Open alerts that may be a breach and for which none was opened. */
    proposals(tenant: TenantId): Promise<readonly BreachProposal[]>;
    show(tenant: TenantId, id: BreachId): Promise<BreachOut | Refusal>;
    open(
      person: PersonPrincipal,
      breach: {
        readonly what: string;
        readonly awareAtMs: number | null;
        readonly reason: string | null;
        readonly alert: string | null;
      },
    ): Promise<BreachOut | Refusal>;
    setBack(
      person: PersonPrincipal,
      id: BreachId,
      to: { readonly awareAtMs: number; readonly reason: string },
    ): Promise<BreachOut | Refusal>;
    scope(
      person: PersonPrincipal,
      id: BreachId,
      criteria: {
        readonly fromMs: number;
        readonly toMs: number | null;
        readonly actor: string | null;
        readonly integration: string | null;
      },
    ): Promise<BreachOut | Refusal>;
    people(person: PersonPrincipal, id: BreachId): Promise<JsonObject | Refusal>;
    note(
      person: PersonPrincipal,
      id: BreachId,
      step: { readonly kind: 'note' | 'contained' | 'risk'; readonly text: string; readonly risk: 'unlikely' | 'risk' | 'high' | null },
    ): Promise<BreachOut | Refusal>;
    tell(
      person: PersonPrincipal,
      id: BreachId,
      told: {
        readonly whom: 'authority' | 'persons';
        readonly needed: boolean;
        readonly text: string;
        readonly atMs: number | null;
        readonly delayReason: string | null;
      },
    ): Promise<BreachOut | Refusal>;
    close(person: PersonPrincipal, id: BreachId, text: string): Promise<BreachOut | Refusal>;
    draft(tenant: TenantId, id: BreachId): Promise<JsonObject | Refusal>;
  };
}
