// What access depends on beside grants, as people see and set it; and sessions about which something was noticed.

import type { JsonObject, PersonId, PersonPrincipal, Refusal, SessionId } from '#core';

export interface FreezeView {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly stops: readonly string[];
  readonly reason: string;
  readonly madeBy: string;
  readonly liftedAt: string | null;
  readonly liftedBy: string | null;
  /** Stops something now. */
  readonly active: boolean;
}

export interface AcknowledgementView {
  readonly person: PersonId;
  readonly name: string;
  readonly course: string;
  readonly recordedAt: string;
  readonly expiresAt: string;
}

export interface RiskView {
  readonly session: SessionId;
  readonly person: PersonId;
  readonly name: string;
  readonly level: string;
  readonly signals: readonly string[];
  readonly raisedAt: string;
  readonly clearedAt: string | null;
}

export interface ConditionsView {
  /** As `PUT /api/conditions` takes them. */
  readonly settings: JsonObject;
  readonly freezes: readonly FreezeView[];
  readonly acknowledgements: readonly AcknowledgementView[];
  readonly risks: readonly RiskView[];
  /** What this request looks like to the conditions: to set them without shutting oneself out. */
  readonly you: { readonly address: string | null; readonly country: string; readonly network: string; readonly risk: string };
  /** Whether the operator gave a file of countries. */
  readonly knowsCountries: boolean;
}

export interface FreezeInputView {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stops: readonly ('publishing' | 'policy' | 'access')[];
  readonly reason: string;
}

export interface ConditionPorts {
  readonly conditions: {
    show(person: PersonPrincipal): Promise<ConditionsView>;
    /** As given in the body; a refusal names the member that is wrong. */
    set(person: PersonPrincipal, settings: unknown): Promise<ConditionsView | Refusal>;
    freeze(person: PersonPrincipal, input: FreezeInputView): Promise<ConditionsView | Refusal>;
    /** For an owner, who says why. */
    lift(person: PersonPrincipal, id: string, reason: string): Promise<ConditionsView | Refusal>;
    acknowledge(
      person: PersonPrincipal,
      done: { readonly person: PersonId; readonly course: string; readonly expiresAtMs: number },
    ): Promise<ConditionsView | Refusal>;
    clearRisk(person: PersonPrincipal, session: SessionId): Promise<Refusal | null>;
  };
}
