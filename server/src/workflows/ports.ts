// What this room needs of the rooms below and of the gateway beside it. Main hands in the real ones.

import type {
  ActedOn,
  ApprovalId,
  BoundCustomer,
  Clock,
  Digest,
  JsonValue,
  KeyId,
  ModelRequest,
  NewEvent,
  Random,
  Received,
  Refusal,
  RunId,
  SealChange,
  SealChangeOf,
  Signatures,
  TenantId,
  TokenScope,
  Tx,
  UnixMs,
  WorkloadId,
} from '#core';
import type { Catalogue, DatabasePort, GuardResult, ModelProtocol, Surface } from '#enforcement';
import type { WorkflowDefinition } from './definition.ts';

/** Signs what a person approved, with a key that is not in the database. */
export interface BundleSigner {
  /** Which key: a fingerprint of its public half. */
  readonly keyId: string;
  sign(statement: string): Uint8Array;
  verify(statement: string, signature: Uint8Array): boolean;
}

/** Makes the workload and the key under which a workflow calls. The key's text is never kept. */
export interface WorkloadsPort {
  createWorkload(input: {
    readonly tenant: TenantId;
    readonly name: string;
    readonly workflow: string | null;
    readonly integrations: readonly string[];
    readonly isSample?: boolean;
    readonly actor?: string;
    readonly seal?: SealChange;
  }): Promise<WorkloadId>;
  changeWorkload(input: {
    readonly tenant: TenantId;
    readonly workload: WorkloadId;
    readonly integrations?: readonly string[];
    readonly isApprovedAnew?: true;
    readonly actor?: string;
    readonly seal?: SealChange;
  }): Promise<void>;
  createKey(input: {
    readonly tenant: TenantId;
    readonly workload: WorkloadId;
    readonly expiresAtMs: UnixMs;
    readonly actor?: string;
    readonly seal?: SealChange;
  }): Promise<{ readonly id: KeyId }>;
  revokeKey(input: {
    readonly tenant: TenantId;
    readonly key: KeyId;
    readonly actor?: string;
    readonly seal?: SealChange;
  }): Promise<boolean>;
}

export interface EventsPort {
  appendIn(tx: Tx, events: readonly NewEvent[]): Promise<void>;
}

export interface SealingPort {
  seal(
    tx: Tx,
    value: {
      readonly tenant: TenantId;
      readonly subject: string | null;
      readonly within?: string;
      readonly purpose: string;
      readonly plaintext: Uint8Array;
    },
  ): Promise<Uint8Array>;
  open(tx: Tx, value: { readonly tenant: TenantId; readonly purpose: string; readonly sealed: Uint8Array }): Promise<Uint8Array>;
}

export interface RegistryDeps {
  readonly database: DatabasePort;
  readonly clock: Clock;
  readonly random: Random;
  readonly digest: Digest;
  readonly signer: BundleSigner;
  /** The digest of a dataset as it is now; null when there is none. Absent: no pinned dataset is known. */
  datasetHash?(tx: Tx, tenant: TenantId, dataset: string): Promise<string | null>;
  /** Asked before a version is published: what it gives is asked in the transaction that publishes. Absent: nothing has to stand on record. */
  publishGate?(
    tenant: TenantId,
    version: { readonly hash: string; readonly definition: WorkflowDefinition },
  ): Promise<(tx: Tx) => Promise<Refusal | null>>;
  /** Passkeys of people who approve. */
  readonly signatures: Signatures;
  readonly workloads: WorkloadsPort;
  readonly events: EventsPort;
  /** Seals what a person changed, for the event that records it. */
  readonly sealChange: SealChangeOf;
  /** Numbers that only rise, kept outside the database. */
  readonly heights: { highest(place: string): number; raise(place: string, height: number): void };
  /** Who may approve in the tenant now; this, when it is named. */
  people(tx: Tx, tenant: TenantId, on?: ActedOn): Promise<readonly string[]>;
}

/** Reading chat requests and replies is the gateway's; a workflow speaks the same protocol. */
export interface ChatPort {
  decode(raw: Uint8Array): ModelRequest | Refusal;
  readonly protocol: ModelProtocol;
}

export interface StepTokensPort {
  mintStep(step: {
    readonly key: KeyId;
    readonly workflow: string;
    readonly version: string;
    readonly run: RunId;
    readonly step: string;
    readonly scope: TokenScope;
    readonly startedBy: string;
  }): string | Refusal;
}

export interface RunDeps extends RegistryDeps {
  guard(received: Received, surface: Surface): Promise<GuardResult>;
  readonly chat: ChatPort;
  /** Signs what a step of a run may call; the guard admits nothing beyond it. */
  readonly tokens: StepTokensPort;
  readonly catalogue: Pick<Catalogue, 'integration'>;
  /** Where an integration is, for the labels of what it answers. */
  regionOf(tenant: TenantId, integration: string): string;
  readonly vault: SealingPort;
  /** State of a stored call or question, or `null` when it is gone. */
  approvalState(tenant: TenantId, approval: ApprovalId): Promise<StoredApproval | null>;
  /** What a stored request to a model was answered, once it ran; `null` when there is nothing. */
  approvedAnswer(tenant: TenantId, approval: ApprovalId): Promise<{ readonly status: number; readonly body: JsonValue } | null>;
  /** Puts a question of a step before people, like a stored call. The same question while it waits is one question. */
  askPerson(tx: Tx, question: PersonQuestion): Promise<ApprovalId>;
}

export interface StoredApproval {
  readonly state: string;
  readonly code: string | null;
  readonly digest: string;
  readonly decidedBy: string | null;
}

/** A step's question as it is stored: what the decision is bound to, and what a person reads. */
export interface PersonQuestion {
  readonly tenant: TenantId;
  readonly key: KeyId;
  readonly run: RunId;
  readonly customer: BoundCustomer | null;
  readonly workflow: string;
  readonly hash: string;
  readonly step: string;
  readonly title: string;
  readonly sentence: string;
  readonly digest: string;
  readonly expiresAtMs: UnixMs;
}
