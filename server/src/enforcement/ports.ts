// What the guard needs of the stateful rooms, as narrow interfaces. Main hands in the real ones; tests hand in the real ones too.

import type {
  ActedOn,
  Action,
  ApprovalId,
  Binding,
  CallId,
  Clock,
  CredentialId,
  DataClass,
  Department,
  Digest,
  Evidence,
  Handling,
  JsonValue,
  KeyId,
  Money,
  NewEvent,
  OptOutUse,
  PersonId,
  PiiClass,
  PresentedAt,
  Principal,
  Random,
  Refusal,
  ReservationId,
  RunId,
  Segment,
  TenantId,
  Tx,
  UnixMs,
  WorkloadId,
  WorkloadPrincipal,
} from '#core';
import type { DlpType, GuessMemo, NameLists, NerSpan } from '#dlp';
import type { InjectionDetector } from '#guardrails';
import type { ModelBudget } from '#limits';
import type { Policy } from '#policy';
import type { LeaseHolder } from '#vault';
import type { CustomerWatch } from './customers.ts';
import type { DataHits } from './data-matrix/hits.ts';
import type { DataMatrix } from './data-matrix/snapshot.ts';
import type { LateOutcomes } from './late-outcomes.ts';
import type { ShopGoods } from './shop-goods.ts';
import type { Catalogue } from './store/catalogue.ts';
import type { EffectStore } from './store/effects.ts';
import type { KnownValueStore, RunStore } from './store/runs.ts';

export interface IdentityPort {
  /** Synchronous: answers from a snapshot that is pushed, never from the database. */
  authenticateCall(presented: string | null, at: PresentedAt | undefined): Principal | Refusal | Promise<Principal | Refusal>;
  /** A call of our own runtime, by the token of its step. */
  authenticateStep(
    token: string,
    expected: { readonly key: KeyId; readonly run: RunId; readonly step: string | null },
  ): WorkloadPrincipal | Refusal;
  /** Whether the person could have a workflow do this themselves. */
  personMay(tenant: TenantId, person: PersonId, asked: { readonly action: Action; readonly on: ActedOn }): boolean;
  /** The owner of a stored call, checked again when the call is executed. */
  reauthenticate(key: KeyId): Principal | Refusal;
  bind(principal: Principal, presentedBinding: string | null, now: UnixMs): Promise<Binding | Refusal>;
  /** Why what let a caller in no longer stands; null while it does. */
  recheck(principal: Principal): Refusal | null;
  /** Integrations a workload may reach now. */
  reachOf(tenant: TenantId, workload: WorkloadId): ReadonlySet<string> | null;
  /** Calls back after every change of access, and once changes can not be heard. Returns how to stop. */
  onChange(listener: () => void): () => void;
  /** Marks a signed statement as used; a refusal when it was used before. */
  consumeBinding(tx: Tx, tenant: TenantId, statement: string, expiresAtMs: UnixMs): Promise<Refusal | null>;
}

export interface ReservationKey {
  /** What is being counted, e.g. `customer:42:create_refund`. */
  readonly scope: string;
  readonly window: 'hour' | 'day' | 'month';
  readonly limitMinor: bigint;
  readonly currency: string;
  /** Most uses in the window; absent for no such limit. */
  readonly limitCount?: number;
  readonly usesOnly?: true;
  /** The workspace whose budget it is. */
  readonly department?: string;
}

export type UsedKind = 'integration' | 'operation' | 'model' | 'key' | 'tool_offered' | 'tool_called';

export interface UsagePort {
  /** Counts in memory; never waits and never fails. */
  note(tenant: TenantId, subject: string, kind: UsedKind, name: string): void;
}

export interface LimitsPort {
  /** Requests and tokens per key, in memory. */
  admit(principal: Principal, cost: { readonly tokensEstimate: number; readonly model?: string }): Refusal | null;
  reserve(
    tx: Tx,
    request: {
      readonly call: CallId;
      readonly tenant: TenantId;
      readonly keys: readonly ReservationKey[];
      readonly amount: Money | null;
      readonly count: 1;
    },
  ): Promise<ReservationId | Refusal>;
  settle(tx: Tx, reservation: ReservationId, state: 'spent' | 'released'): Promise<void>;
  /** Replaces an admitted call's token estimate by what it used. */
  correct(principal: Principal, cost: { readonly tokensEstimate: number; readonly tokensActual: number }): void;
  /** Cost of model calls per day; counted before the call is sent. */
  readonly budget: Pick<ModelBudget, 'reserve' | 'settle'>;
}

export interface ApprovalsPort {
  request(
    tx: Tx,
    request: {
      readonly tenant: TenantId;
      readonly call: CallId;
      readonly requestedBy: Principal;
      readonly digest: string;
      /** The sentence a person reads, sealed. */
      readonly sealedSentence: Uint8Array;
      readonly evidence: Evidence;
      readonly sealedCall: Uint8Array;
      /** Where its values come from, what leaves and for whom, sealed. */
      readonly sealedContext: Uint8Array;
      readonly expiresAtMs: UnixMs;
      readonly integration: string;
      readonly operation: string;
      readonly run: RunId | null;
      readonly workflow: string | null;
      /** What would be paid. */
      readonly amount: Money | null;
      /** Above the limit that one person may decide alone. */
      readonly needsTwo: boolean;
      /** The most somebody who is alone may approve of it in a day; `null` for the installation's cap. */
      readonly soloPerDay: Money | null;
    },
  ): Promise<ApprovalId>;
  consume(tx: Tx, approval: ApprovalId, digest: string): Promise<Refusal | null>;
}

export interface VaultPort {
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
  lease(request: {
    readonly tenant: TenantId;
    readonly credential: CredentialId;
    /** Name of the integration the credential is used for, and in whose name: the vault asks on its own whether they may have it. */
    readonly integration: string;
    readonly holder: LeaseHolder;
    readonly origin: string;
    readonly method: string;
    readonly path: string;
  }): Promise<Lease | Refusal>;
  /** The text without any credential that was leased for this tenant. */
  scrub(tenant: TenantId, text: string): string;
  readonly knownValues: KnownValueStore;
}

export interface SegmentsPort {
  /** What calls in the workflow's name may reach; `null` when no version of that name was ever published here. */
  of(tenant: TenantId, workflow: string, version: string | null): Promise<Segment | Refusal | null>;
}

export interface DepartmentsPort {
  /** The workspaces that have a hand in a call; null while it can not be told which they are. */
  departmentsOf(
    tenant: TenantId,
    call: { readonly workflow?: string; readonly workload: string; readonly integration: string },
  ): readonly Department[] | null;
}

/** What a call carries of somebody, and where to; or what an answer brought. */
export interface Flow {
  readonly direction: 'in' | 'out';
  /** Name of the integration. */
  readonly destination: string;
  readonly host: string;
  readonly isOwnMachine: boolean;
  readonly operation: string;
  readonly workflow: string | null;
  readonly carried: readonly { readonly dataClass: DataClass; readonly handling: Handling }[];
  /** Regions the values came from, by their labels. */
  readonly from: ReadonlySet<string>;
}

export interface FlowsPort {
  /** Whether the data may go there, by what was declared. From memory. */
  admit(tenant: TenantId, flow: Flow): Refusal | null;
  /** Counts in memory; never waits and never fails. */
  note(tenant: TenantId, flow: Flow): void;
  /** Where an integration is, as labels name it. From memory. */
  regionOf(tenant: TenantId, place: Pick<Flow, 'destination' | 'host' | 'isOwnMachine'>): string;
  /** What a destination is declared for that customers may opt out of, and the field of its records that says so. From memory. */
  usesOf(tenant: TenantId, destination: string): { readonly uses: readonly OptOutUse[]; readonly field: string | null };
  /** How a call that is declared to decide about people treats whoever opted out of that: a person decides, or it is refused. From memory. */
  decides(
    tenant: TenantId,
    call: {
      readonly integration: string;
      readonly operation: string | null;
      readonly workflow: string | null;
      readonly isEffect: boolean;
    },
  ): 'wait' | 'refuse' | null;
}

/** Where a call goes, and which uses it is declared for. */
export interface OptOutPlace {
  readonly integration: string;
  readonly workflow: string | null;
  readonly uses: readonly OptOutUse[];
  readonly field: string | null;
}

export interface OptOutsPort {
  /** Whether one of these people, or of those the values name, opted out of a use of the place. */
  names(
    tenant: TenantId,
    given: {
      readonly values: readonly JsonValue[];
      readonly people: readonly { readonly kind: 'customer' | 'email'; readonly value: string }[];
    },
    place: OptOutPlace,
  ): Promise<boolean>;
  /** Whether a person must decide what is declared to decide about people: one of them opted out of that. */
  needsPerson(
    tenant: TenantId,
    given: {
      readonly values: readonly JsonValue[];
      readonly people: readonly { readonly kind: 'customer' | 'email'; readonly value: string }[];
    },
    place: Pick<OptOutPlace, 'integration' | 'workflow'>,
  ): Promise<boolean>;
  /** The value without records of who opted out. */
  filtered(tenant: TenantId, value: JsonValue, place: OptOutPlace): Promise<{ readonly value: JsonValue; readonly isWhole: boolean }>;
  learn(tenant: TenantId, value: JsonValue, field: string): Promise<number>;
  /** The browser of this customer says that they opt out. */
  signalled(tenant: TenantId, customer: string): Promise<void>;
}

/** Where something crosses, as those who watch for planted values ask. */
export interface CanaryCrossing {
  readonly tenant: TenantId;
  readonly integration: string;
  readonly way: 'model' | 'tool' | 'web' | 'customer';
  readonly customer?: string | null;
  /** Whether the tenant's own rules let this type through in clear. */
  readonly isClear?: (type: DlpType) => boolean;
}

export interface CanariesPort {
  /** From memory. A refusal when a value the tenant planted would leave in clear; `madeOf` shows what was protected. */
  leaving(crossing: CanaryCrossing, outgoing: readonly (Uint8Array | string)[], madeOf?: readonly (Uint8Array | string)[]): Refusal | null;
  arriving(crossing: CanaryCrossing, piece: Uint8Array | string): void;
  /** For what arrives in pieces; null while there is nothing to watch for. */
  reader(crossing: CanaryCrossing): ((piece: Uint8Array | string) => void) | null;
}

export interface Lease {
  readonly header: string;
  /** The credential in its header form. Revealed only where the request is written. */
  readonly value: { reveal(): string };
}

export interface EgressFlow {
  pause(): void;
  resume(): void;
}

export interface EgressPort {
  request(
    request: {
      readonly destination: { readonly origin: string; readonly pathPrefix: string; readonly isSample: boolean };
      readonly method: string;
      readonly path: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Uint8Array | null;
      readonly signal: AbortSignal;
      readonly limits: EgressLimits;
    },
    sink: {
      onHead(status: number, headers: Readonly<Record<string, string | string[]>>, flow: EgressFlow): void;
      onData(chunk: Uint8Array): void;
      onEnd(): void;
    },
  ): Promise<void>;
}

export interface EgressLimits {
  readonly connectMs: number;
  readonly headersMs: number;
  readonly idleMs: number;
  readonly totalMs: number;
  readonly maxResponseBytes: number;
}

export interface EventsPort {
  /** Resolves once the event is durable; shares one commit with its neighbours. */
  append(event: NewEvent): Promise<void>;
  /** The same for an event nobody waits for: it leaves with the next commit. */
  appendSoon(event: NewEvent): Promise<void>;
  appendIn(tx: Tx, events: readonly NewEvent[]): Promise<void>;
}

export interface DatabasePort {
  inTenant<T>(tenant: TenantId, work: (tx: Tx) => Promise<T>): Promise<T>;
}

/** A model of names that the operator supplied: it adds guesses to ours. */
export interface NamesPort {
  /** Types it may find. */
  readonly types: ReadonlySet<DlpType>;
  /** Calls it did not read are refused. */
  readonly isRequired: boolean;
  /** What it finds in each text; null when it is late, dead, or the texts are too long. */
  find(tenant: TenantId, texts: readonly string[]): Promise<ReadonlyMap<string, readonly NerSpan[]> | null>;
  /** That a call was not read is told once in a while, and a refused one apart. */
  isToTell(tenant: TenantId, isRefused: boolean): boolean;
}

export interface GuardDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly digest: Digest;
  /** Name of this process in intents, so that calls of a dead process can be found. */
  readonly instance: string;
  readonly database: DatabasePort;
  readonly identity: IdentityPort;
  readonly catalogue: Catalogue;
  readonly segments: SegmentsPort;
  readonly departments: DepartmentsPort;
  readonly usage: UsagePort;
  readonly flows: FlowsPort;
  readonly optOuts: OptOutsPort;
  readonly canaries: CanariesPort;
  readonly customers: Pick<CustomerWatch, 'refused' | 'screened'>;
  /** Who may see what, and how often it was asked. */
  readonly dataMatrix: Pick<DataMatrix, 'of' | 'patternsOf' | 'guesses'>;
  /** What guesses at people and places need; null: texts are searched for what has a form or is known, and for nothing else. */
  readonly guessing: { readonly lists: NameLists; readonly memo: GuessMemo } | null;
  /** Null where no model is set: nearly everywhere. */
  readonly names: NamesPort | null;
  /** What the tenant's shops sell: guesses leave it alone. */
  readonly shopGoods: Pick<ShopGoods, 'of' | 'note'>;
  readonly dataHits: Pick<DataHits, 'note'>;
  readonly detector: InjectionDetector | null;
  readonly policy: Policy;
  readonly limits: LimitsPort;
  readonly approvals: ApprovalsPort;
  readonly vault: VaultPort;
  readonly egress: EgressPort;
  readonly events: EventsPort;
  readonly runs: RunStore;
  readonly effects: EffectStore;
  /** Takes outcomes that can not be written right now. */
  readonly late: LateOutcomes;
  /** Told of faults that no caller sees, by code and reference only. */
  readonly onFault: (code: string, call: CallId) => void;
}

export type PersonalClasses = ReadonlySet<PiiClass>;
