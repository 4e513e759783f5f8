// Assessments and automated decisions, as the control plane shows them.

import type { AssessmentId, JsonObject, PersonPrincipal, Refusal, TenantId } from '#core';

export type ContentInput = Readonly<
  Record<
    | 'purpose'
    | 'necessity'
    | 'risks'
    | 'measures'
    | 'consulted'
    | 'priorConsultation'
    | 'benefits'
    | 'harms'
    | 'dataKinds'
    | 'keptFor'
    | 'recipients'
    | 'logic',
    string
  >
>;

export interface AssessmentInput {
  readonly subject: string;
  readonly version: string | null;
  readonly content: ContentInput;
  readonly residualRisk: 'low' | 'medium' | 'high';
  readonly reviewAtMs: number | null;
}

export interface DecisionInput {
  readonly kind: 'workflow' | 'operation';
  readonly name: string;
  readonly significant: boolean;
  readonly mode: 'wait' | 'refuse';
  readonly decides: string;
  readonly purpose: string;
  readonly logic: string;
}

export interface AssessmentPorts {
  readonly assessments: {
    /** What needs one, how each stands, the duties with their dates, and whether publishing waits. */
    list(tenant: TenantId): Promise<JsonObject>;
    show(tenant: TenantId, id: AssessmentId): Promise<JsonObject | Refusal>;
    record(person: PersonPrincipal, assessment: AssessmentInput): Promise<JsonObject | Refusal>;
    approve(person: PersonPrincipal, id: AssessmentId): Promise<JsonObject | Refusal>;
    setBlocking(person: PersonPrincipal, blocking: boolean): Promise<void>;
  };
  readonly decisions: {
    list(tenant: TenantId): Promise<JsonObject>;
    declare(person: PersonPrincipal, decision: DecisionInput): Promise<JsonObject | Refusal>;
    withdraw(person: PersonPrincipal, kind: 'workflow' | 'operation', name: string): Promise<Refusal | null>;
    notice(tenant: TenantId, kind: 'workflow' | 'operation', name: string): Promise<JsonObject | Refusal>;
  };
}
