// Who is acting, as one value that is passed whole.

import type { KeyId, PersonId, RunId, SessionId, TenantId, WorkloadId } from './ids.ts';

export interface WorkloadPrincipal {
  readonly kind: 'workload';
  readonly tenant: TenantId;
  readonly workload: WorkloadId;
  readonly key: KeyId;
  /** Workflow name the key is scoped to; `null` only for keys made for a whole tenant's workload. */
  readonly workflow: string | null;
  /** Integration names this key may reach; empty means none. */
  readonly integrations: ReadonlySet<string>;
}

/** What a person may do. Which route each may use is the control plane's table. */
export const ROLES = ['owner', 'approver'] as const;
export type Role = (typeof ROLES)[number];

/** Where a person's request came from, and why they say they make it. Personal: it is sealed with the change, and stands nowhere else. */
export interface Via {
  readonly address: string | null;
  /** What the program that sent it calls itself. */
  readonly device: string | null;
  readonly reason: string | null;
}

export interface PersonPrincipal {
  readonly kind: 'person';
  readonly tenant: TenantId;
  readonly person: PersonId;
  readonly session: SessionId;
  readonly role: Role;
  /** Absent where nobody asked over the control plane. */
  readonly via?: Via;
}

export type Principal = WorkloadPrincipal | PersonPrincipal;

/** How well the channel proved the customer; ordered, worst first. `claimed` is an e-mail From or a bare ticket id. */
export const ASSURANCES = ['none', 'claimed', 'email_otp', 'session', 'sso_mfa'] as const;
export type Assurance = (typeof ASSURANCES)[number];

export interface BoundCustomer {
  /** The customer's id in the shop, as a string. */
  readonly id: string;
  readonly assurance: Assurance;
}

/** What is known about where a call comes from. `plain`: a base URL and a key; `bound`: signed run, customer and tool call id. */
export type Binding =
  | { readonly tier: 'plain' }
  | {
      readonly tier: 'bound';
      readonly run: RunId;
      readonly customer: BoundCustomer | null;
      readonly toolCallId: string | null;
      /** Unique id of the signed statement; consumed by an effect so that a copied header can not be replayed. */
      readonly statement: string;
      readonly expiresAtMs: number;
    }
  | NativeBinding;

/** `native`: our own runtime, which says itself which run, customer and step a call belongs to. Nothing that arrives from outside has it. */
export interface NativeBinding {
  readonly tier: 'native';
  readonly run: RunId;
  readonly customer: BoundCustomer | null;
  readonly toolCallId: string | null;
}

export function proven(customer: BoundCustomer | null): BoundCustomer | null {
  return customer !== null && customer.assurance !== 'none' && customer.assurance !== 'claimed' ? customer : null;
}
