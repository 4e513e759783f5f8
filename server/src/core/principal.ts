// Who is acting, as one value that is passed whole.

import type { Grant } from './access.ts';
import type { AccessTokenId, KeyId, PersonId, RunId, SessionId, TenantId, WorkloadId } from './ids.ts';
import type { UnixMs } from './ports.ts';
import type { TokenScope } from './token-scope.ts';

export interface WorkloadPrincipal {
  readonly kind: 'workload';
  readonly tenant: TenantId;
  readonly workload: WorkloadId;
  readonly key: KeyId;
  /** Workflow name the key is scoped to; `null` only for keys made for a whole tenant's workload. */
  readonly workflow: string | null;
  /** Integration names this key may reach; empty means none. */
  readonly integrations: ReadonlySet<string>;
  /** What was taken away as unused although its integration is reached. Absent: nothing. */
  readonly removed?: RemovedReach;
  /** Set when it came in by an access token; its scope then narrows what the workload may do. */
  readonly token?: TokenFacts;
}

/** Names that are neither offered nor let through any more. */
export interface RemovedReach {
  /** `integration/operation`. */
  readonly operations: ReadonlySet<string>;
  readonly tools: ReadonlySet<string>;
  readonly models: ReadonlySet<string>;
}

/** What is known of the access token of a call. */
export interface TokenFacts {
  readonly jti: AccessTokenId;
  readonly scope: TokenScope;
  readonly run: RunId | null;
  readonly step: string | null;
  /** Who acts for whom, the nearest first: step, run, workflow version, person or workload. */
  readonly act: Actor | null;
  /** The person in whose name the call is made, where there is one. */
  readonly person: PersonId | null;
  /** Thumbprint of the key the token is bound to (RFC 9449), or null. */
  readonly cnf: string | null;
  readonly expiresAtMs: number;
  /** Of an exchanged token: the tokens it was made of, and what else has to stand beside its own credential. */
  readonly restsOn?: readonly string[];
}

/** RFC 8693 section 4.1. */
export interface Actor {
  readonly sub: string;
  readonly act?: Actor;
}

/** Where a person's request came from, and why they say they make it. Personal: it is sealed with the change, and stands nowhere else. */
export interface Via {
  readonly address: string | null;
  /** What the program that sent it calls itself. */
  readonly device: string | null;
  readonly reason: string | null;
}

export const SIGN_IN_METHODS = ['passkey', 'sso', 'link', 'cli', 'recovery'] as const;
export type SignInMethod = (typeof SIGN_IN_METHODS)[number];

/** How the session was opened, and when a passkey was used in it last. */
export interface Proof {
  readonly method: SignInMethod;
  readonly openedAtMs: UnixMs;
  readonly passkeyAtMs: UnixMs | null;
  /** Whether the company login vouched for the device; absent when it said nothing. */
  readonly managed?: boolean;
}

/** What the session's circumstances say; ordered, best first. */
export const RISKS = ['none', 'raised', 'high'] as const;
export type Risk = (typeof RISKS)[number];

export interface PersonPrincipal {
  readonly kind: 'person';
  readonly tenant: TenantId;
  readonly person: PersonId;
  readonly session: SessionId;
  /** What holds now: direct ones and those of groups, none that ran out. */
  readonly grants: readonly Grant[];
  readonly proof: Proof;
  /** The tenant the person belongs to: another one than `tenant` for staff of an agency. */
  readonly home: TenantId;
  /** A reference of the browser or program, where one is known. */
  readonly device: string | null;
  readonly risk: Risk;
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
  /** Hash of the workflow's version, and the step the call is made for; absent in calls that were stored before these were kept. */
  readonly version?: string;
  readonly step?: string | null;
}

export function proven(customer: BoundCustomer | null): BoundCustomer | null {
  return customer !== null && customer.assurance !== 'none' && customer.assurance !== 'claimed' ? customer : null;
}
