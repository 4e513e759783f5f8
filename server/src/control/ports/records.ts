// Where personal data goes, what was declared about it, and the record made of both, as the control plane shows them.

import type { JsonObject, PersonPrincipal, Refusal, TenantId } from '#core';

export interface FlowView {
  readonly direction: string;
  readonly destination: string;
  readonly vendor: string | null;
  readonly host: string;
  readonly region: string;
  readonly operation: string;
  readonly workflow: string | null;
  readonly dataClass: string;
  readonly handling: string;
  readonly legalBasis: string;
  readonly transferBasis: string;
  readonly retentionDays: number | null;
  readonly purpose: string | null;
  readonly count: number;
  readonly firstSeen: string;
  readonly lastSeen: string;
  /** What nobody declared of it, or is missing for it. */
  readonly finding: string | null;
}

export interface FindingView {
  readonly kind: string;
  readonly destination: string;
  readonly region: string;
  readonly dataClass: string;
  readonly firstSeen: string;
}

export interface DestinationInput {
  readonly name: string;
  readonly vendor: string;
  readonly country: string;
  readonly role: string;
  readonly legalBasis: string;
  readonly transferBasis: string;
  readonly purpose: string;
  readonly retentionDays: number | null;
  readonly measures: string;
  readonly classes: readonly string[];
  readonly uses: readonly string[];
  readonly optOutField: string | null;
}

export interface DestinationView extends DestinationInput {
  readonly host: string;
  readonly region: string;
  /** The integration still points at the host this was declared for. */
  readonly holds: boolean;
  readonly declaredAt: string;
}

export interface ProfileView {
  readonly home: string | null;
  readonly region: string | null;
  readonly controller: string;
  readonly contact: string;
  readonly enforced: boolean;
}

export interface RecordPorts {
  readonly records: {
    flows(
      tenant: TenantId,
      which: { readonly classes: readonly string[] | null; readonly destination: string | null },
    ): Promise<{
      readonly profile: ProfileView;
      readonly flows: readonly FlowView[];
      readonly findings: readonly FindingView[];
    }>;
    destinations(tenant: TenantId): readonly DestinationView[];
    declare(person: PersonPrincipal, input: DestinationInput): Promise<DestinationView | Refusal>;
    withdraw(person: PersonPrincipal, name: string): Promise<boolean>;
    profile(tenant: TenantId): ProfileView;
    setProfile(
      person: PersonPrincipal,
      profile: { readonly home: string | null; readonly controller: string; readonly contact: string },
    ): Promise<ProfileView>;
    article30(tenant: TenantId): Promise<JsonObject>;
  };
}
