// What the flows of personal data are counted by, and what people declare about the places they go to.

import type { DataClass, Handling, OptOutUse, TenantId, UnixMs } from '#core';
import type { TransferBasis } from './regions.ts';

/** `out`: a call carried it there. `in`: the answer of that system brought it. */
export const DIRECTIONS = ['out', 'in'] as const;
export type Direction = (typeof DIRECTIONS)[number];

export const PARTY_ROLES = ['processor', 'controller', 'joint_controller', 'own'] as const;
export type PartyRole = (typeof PARTY_ROLES)[number];

/** Article 6 of the GDPR. */
export const LEGAL_BASES = [
  'contract',
  'consent',
  'legal_obligation',
  'legitimate_interest',
  'vital_interest',
  'public_task',
  'undeclared',
] as const;
export type LegalBasis = (typeof LEGAL_BASES)[number];

/** What was declared about an integration as a place that personal data goes to. */
export interface Destination {
  readonly name: string;
  readonly vendor: string;
  /** Two letters; where it is processed. */
  readonly country: string;
  /** The host it was declared for: when the integration moves, nothing is declared any more. */
  readonly host: string;
  readonly role: PartyRole;
  readonly legalBasis: LegalBasis;
  readonly transferBasis: TransferBasis;
  readonly purpose: string;
  readonly retentionDays: number | null;
  readonly measures: string;
  /** What it is declared to receive. */
  readonly classes: readonly DataClass[];
  readonly uses: readonly OptOutUse[];
  /** Name of the field of its records that says somebody opted out. */
  readonly optOutField: string | null;
  readonly declaredAtMs: UnixMs;
}

/** What a tenant says about itself. */
export interface Profile {
  /** Where it is; `null`: transfers are recorded and none is refused. */
  readonly home: string | null;
  readonly controller: string;
  readonly contact: string;
}

export interface FlowKey {
  readonly direction: Direction;
  readonly destination: string;
  readonly host: string;
  readonly region: string;
  readonly operation: string;
  readonly workflow: string;
  readonly dataClass: DataClass;
  readonly handling: Handling;
}

export interface FlowRow extends FlowKey {
  readonly count: number;
  readonly firstAtMs: UnixMs;
  readonly lastAtMs: UnixMs;
}

export interface Finding {
  readonly kind: 'new_flow' | 'transfer_refused' | 'transfer_without_basis';
  readonly destination: string;
  readonly region: string;
  readonly dataClass: DataClass;
  readonly firstAtMs: UnixMs;
}

export interface TenantRules {
  readonly tenant: TenantId;
  readonly profile: Profile;
  readonly destinations: ReadonlyMap<string, Destination>;
}

/** A region nobody has declared. */
export const UNKNOWN_REGION = 'unknown';
/** The machine Sallyport runs on. */
export const OWN_MACHINE = 'own';
