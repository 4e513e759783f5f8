// What the control plane needs of the rooms below, wired by main.

import type {
  ActedOn,
  Clock,
  CustomerClass,
  JsonObject,
  KeyId,
  OAuthClientId,
  PersonPrincipal,
  Refusal,
  RunId,
  TenantId,
  WorkloadId,
} from '#core';
import type { AccessGrantPorts } from './ports/access-grants.ts';
import type { AgencyPorts } from './ports/agency.ts';
import type { AlertPorts } from './ports/alerts.ts';
import type { ApprovalPorts } from './ports/approvals.ts';
import type { AssessmentPorts } from './ports/assessments.ts';
import type { AuthorizePorts } from './ports/authorize.ts';
import type { BackupPorts } from './ports/backups.ts';
import type { BreachPorts } from './ports/breaches.ts';
import type { CallFilter, CallView } from './ports/calls.ts';
import type { CanaryPorts } from './ports/canaries.ts';
import type { ConditionPorts } from './ports/conditions.ts';
import type { CustomerView } from './ports/customers.ts';
import type { DataGuessesPorts } from './ports/data-guesses.ts';
import type { DataKeyPorts } from './ports/data-keys.ts';
import type { DataMatrixPorts } from './ports/data-matrix.ts';
import type { DataPatternPorts } from './ports/data-patterns.ts';
import type { DatasetPorts } from './ports/datasets.ts';
import type { ConnectPorts, DemoPorts } from './ports/demo.ts';
import type { ErasurePorts } from './ports/erasures.ts';
import type { EventDetailsPorts } from './ports/event-details.ts';
import type { EventPorts } from './ports/events.ts';
import type { FederationPorts } from './ports/federation.ts';
import type { HookPorts } from './ports/hooks.ts';
import type { LeastPorts } from './ports/least.ts';
import type { EventProofView, PackQuery, PackView, VerdictView } from './ports/ledger.ts';
import type { LedgerKeyPorts } from './ports/ledger-keys.ts';
import type { OAuthPorts } from './ports/oauth.ts';
import type { PeoplePorts } from './ports/people.ts';
import type { PlainTextPorts } from './ports/plain-text.ts';
import type { PrivacyPorts } from './ports/privacy.ts';
import type { RecordPorts } from './ports/records.ts';
import type { RunPorts } from './ports/runs.ts';
import type { AssertionInput, SignInPorts } from './ports/sign-in.ts';
import type { SurroundingsPorts } from './ports/surroundings.ts';
import type { TokenPorts } from './ports/tokens.ts';
import type { VisitPorts } from './ports/visits.ts';
import type { WorkflowReview, WorkflowSummary, WorkflowTrail } from './ports/workflows.ts';

export type * from './ports/access-grants.ts';
export type * from './ports/agency.ts';
export type * from './ports/alerts.ts';
export type * from './ports/approvals.ts';
export type * from './ports/assessments.ts';
export type * from './ports/authorize.ts';
export type * from './ports/backups.ts';
export type * from './ports/breaches.ts';
export * from './ports/calls.ts';
export type * from './ports/canaries.ts';
export type * from './ports/conditions.ts';
export * from './ports/customers.ts';
export type * from './ports/data-guesses.ts';
export type * from './ports/data-keys.ts';
export type * from './ports/data-matrix.ts';
export type * from './ports/data-patterns.ts';
export type * from './ports/datasets.ts';
export type * from './ports/demo.ts';
export type * from './ports/erasures.ts';
export type * from './ports/event-details.ts';
export * from './ports/events.ts';
export type * from './ports/federation.ts';
export type * from './ports/hooks.ts';
export type * from './ports/least.ts';
export type * from './ports/ledger.ts';
export type * from './ports/ledger-keys.ts';
export type * from './ports/oauth.ts';
export type * from './ports/people.ts';
export type * from './ports/plain-text.ts';
export type * from './ports/privacy.ts';
export type * from './ports/records.ts';
export type * from './ports/runs.ts';
export type * from './ports/sign-in.ts';
export type * from './ports/surroundings.ts';
export type * from './ports/tokens.ts';
export type * from './ports/visits.ts';
export type * from './ports/workflows.ts';

/** Decimal amounts. An operation that moves money needs currency, perCall and perCustomerDay. */
export interface AutonomyInput {
  readonly currency: string | null;
  readonly perCall: string | null;
  readonly perCustomerDay: string | null;
  readonly perDay: string | null;
  readonly timesPerCustomerDay: number | null;
  /** Above it two different people must approve. */
  readonly fourEyesAbove?: string | null;
  /** The most one person may approve above it in a day, while there is only one. */
  readonly soloPerDay?: string | null;
}

export interface IntegrationInput {
  readonly name: string;
  readonly kind: 'http' | 'model';
  readonly baseUrl: string;
  /** Parsed manifest source; `null` for a model integration. */
  readonly manifest: unknown;
  readonly credential: { readonly header: string; readonly prefix: string; readonly secret: string } | null;
  readonly models: readonly string[];
  readonly linkHosts: readonly string[];
  readonly prompts: readonly string[];
  readonly autonomy: Readonly<Record<string, AutonomyInput>>;
  /** Decimal amounts; prices per million tokens. */
  readonly spending: {
    readonly currency: string;
    readonly perWorkloadDay: string;
    readonly prices: Readonly<Record<string, { input: string; output: string }>>;
  } | null;
}

export interface IntegrationView {
  readonly name: string;
  readonly kind: string;
  readonly origin: string;
  readonly operations: readonly { name: string; effect: string; autonomy: boolean; needsReview: boolean }[];
  readonly models: readonly string[];
  readonly hasCredential: boolean;
  /** Part of the demo: goes when the demo is removed. */
  readonly sample: boolean;
}

export interface WorkloadView {
  readonly id: WorkloadId;
  readonly name: string;
  readonly integrations: readonly string[];
  /** Its calls can carry a signed statement of their run. */
  readonly bound: boolean;
  /** API keys that work now. */
  readonly keys: number;
  readonly clients: readonly { readonly id: OAuthClientId; readonly name: string; readonly kind: 'service' | 'app' }[];
}

export interface KeyView {
  readonly id: KeyId;
  readonly workload: string;
  readonly expiresAt: string;
  readonly revokedAt: string | null;
}

export interface UnresolvedEffect {
  readonly effectKey: string;
  readonly call: string;
  readonly integration: string;
  readonly operation: string;
  readonly sentAt: string;
}

export interface WorkflowVersionView {
  readonly name: string;
  readonly hash: string;
  readonly state: string;
  readonly paused: boolean;
  readonly importedAt: string;
  readonly importedBy: string;
  readonly approvedAt: string | null;
  readonly approvedBy: string | null;
  /** Imported and approved by the same person. */
  readonly solo: boolean | null;
  /** SHA-256 of the public key of the passkey the approver signed with; `null` of somebody without one. */
  readonly passkey: string | null;
  /** Part of the demo: goes when the demo is removed. */
  readonly sample: boolean;
}

/** What a person reads before approving: what it may do, and every file as it is. */
export interface WorkflowDetails extends WorkflowVersionView, WorkflowReview {
  /** `null` when the stored files no longer make this version. */
  readonly definition: {
    readonly owner: string;
    readonly purpose: string;
    readonly integrations: readonly string[];
    readonly operations: readonly string[];
    readonly models: readonly string[];
    readonly customer: string | null;
    readonly steps: readonly string[];
  } | null;
  readonly files: Readonly<Record<string, string>>;
}

export interface WorkflowRunView {
  readonly id: RunId;
  readonly workflow: string;
  readonly hash: string;
  readonly state: string;
  readonly step: string | null;
  readonly code: string | null;
  readonly startedAt: string;
  readonly finishedAt: string | null;
}

export interface WorkflowRunDetails extends WorkflowRunView {
  readonly phases: readonly {
    readonly step: string;
    readonly phase: string;
    readonly outcome: string;
    readonly code: string | null;
    readonly approval: string | null;
    readonly at: string;
  }[];
}

export interface EventView {
  readonly seq: number;
  readonly entry: JsonObject;
}

export interface CallTrace extends CallView {
  readonly events: readonly EventView[];
  readonly approvalEvents: readonly EventView[];
}

export interface OverviewView {
  readonly since: string;
  readonly now: string;
  /** Calls of the last 24 hours by how they ended; `waiting` is what waits for a person now. */
  readonly calls: { readonly guarded: number; readonly refused: number; readonly tokenised: number; readonly waiting: number };
  readonly unresolved: number;
  readonly integrations: { readonly total: number; readonly models: number; readonly shops: number; readonly operationsToReview: number };
  readonly keys: { readonly active: number; readonly expiringSoon: number; readonly nextExpiry: string | null };
  readonly ledger: { readonly sealedEvents: number; readonly checkpointAt: string | null };
  /** The last 24 hours, hour by hour, oldest first; the last one is under way. */
  readonly series: readonly { readonly at: string; readonly guarded: number; readonly refused: number; readonly tokenised: number }[];
  /** Calls refused in these hours by code, most frequent first. */
  readonly refusals: readonly { readonly code: string; readonly count: number }[];
  readonly business: {
    readonly ticketsAnswered: number;
    readonly refunds: { readonly count: number; readonly totals: readonly { readonly currency: string; readonly amount: string }[] };
    /** Calls that would have moved money and were refused. */
    readonly refundsStopped: number;
    readonly runs: { readonly done: number; readonly waiting: number; readonly stopped: number };
    readonly medianAnswerMs: number | null;
  };
  /** The newest verdict of the verifier that a person asked for. */
  readonly lastVerified: { readonly at: string; readonly ok: boolean; readonly events: number } | null;
}

/** One file of the built console. */
export interface ConsoleFile {
  readonly body: Buffer;
  readonly type: string;
  /** Its name holds the hash of its content. */
  readonly immutable: boolean;
}

export interface ControlPorts {
  /** Whether the person may: a refusal says why not, and who could. */
  readonly authorize: AuthorizePorts['authorize'];
  readonly sees: AuthorizePorts['sees'];
  readonly accessGrants: AccessGrantPorts['accessGrants'];
  /** Where requests come from, and what is done about denials. */
  readonly surroundings: SurroundingsPorts['surroundings'];
  authenticateSession(token: string | null): PersonPrincipal | Refusal | Promise<PersonPrincipal | Refusal>;
  signOut(person: PersonPrincipal): Promise<void>;
  /** A fresh one-time link secret; earlier unused ones become void. */
  signInLink(person: PersonPrincipal): Promise<string>;
  readonly signIn: SignInPorts['signIn'];
  readonly passkeys: SignInPorts['passkeys'];
  readonly sessions: SignInPorts['sessions'];
  readonly approvals: ApprovalPorts;
  readonly integrations: {
    list(tenant: TenantId): Promise<readonly IntegrationView[]>;
    put(person: PersonPrincipal, input: IntegrationInput): Promise<IntegrationView | Refusal>;
    remove(person: PersonPrincipal, name: string): Promise<boolean>;
  };
  readonly customers: {
    /** What can be an open case: of which integration, and what it is called there. */
    cases(tenant: TenantId): readonly { readonly integration: string; readonly kind: string }[];
    /** Details of the customer a case is about, while it is open there; that they were read is an event before they are given out. */
    read(
      person: PersonPrincipal,
      question: {
        readonly integration: string;
        readonly case: { readonly entity: string; readonly id: string };
        readonly classes: readonly CustomerClass[];
        readonly reason: string;
      },
    ): Promise<CustomerView | Refusal>;
  };
  readonly workflows: {
    list(tenant: TenantId): Promise<readonly WorkflowVersionView[]>;
    /** Of those the caller may see: each is read and checked for itself. */
    summaries(tenant: TenantId, isSeen: (workflow: { readonly name: string }) => boolean): Promise<readonly WorkflowSummary[]>;
    /** `against`: the version to compare with; without it the published one, when another is shown. */
    show(
      person: PersonPrincipal,
      name: string,
      version: { readonly hash: string | null; readonly against: string | null },
    ): Promise<WorkflowDetails | Refusal>;
    trail(tenant: TenantId, name: string): Promise<WorkflowTrail>;
    importBundle(person: PersonPrincipal, files: Readonly<Record<string, string>>): Promise<WorkflowVersionView | Refusal>;
    approve(person: PersonPrincipal, name: string, hash: string, assertion?: AssertionInput): Promise<WorkflowVersionView | Refusal>;
    /** What the person's passkeys are asked to sign for approving exactly this; null of somebody who has none. */
    signOptions(person: PersonPrincipal, name: string, hash: string): Promise<{ readonly options: object | null } | Refusal>;
    publish(person: PersonPrincipal, name: string, hash: string): Promise<WorkflowVersionView | Refusal>;
    retire(person: PersonPrincipal, name: string, hash: string): Promise<WorkflowVersionView | Refusal>;
    setPaused(
      person: PersonPrincipal,
      name: string,
      paused: boolean,
    ): Promise<{ readonly name: string; readonly paused: boolean } | Refusal>;
    run(person: PersonPrincipal, name: string, input: JsonObject): Promise<WorkflowRunView | Refusal>;
    runs(tenant: TenantId): Promise<readonly WorkflowRunView[]>;
    showRun(tenant: TenantId, run: RunId): Promise<WorkflowRunDetails | Refusal>;
  };
  readonly workloads: {
    create(
      person: PersonPrincipal,
      input: { name: string; workflow: string | null; integrations: readonly string[]; publicKey: object | null },
    ): Promise<{ id: WorkloadId } | Refusal>;
    list(tenant: TenantId): Promise<readonly WorkloadView[]>;
  };
  readonly visits: VisitPorts;
  readonly tenants: AgencyPorts['tenants'];
  readonly workspaces: AgencyPorts['workspaces'];
  readonly delegations: AgencyPorts['delegations'];
  readonly fleet: AgencyPorts['fleet'];
  readonly people: PeoplePorts;
  readonly alerts: AlertPorts['alerts'];
  readonly conditions: ConditionPorts['conditions'];
  readonly dataMatrix: DataMatrixPorts['dataMatrix'];
  readonly dataGuesses: DataGuessesPorts['dataGuesses'];
  readonly dataPatterns: DataPatternPorts['dataPatterns'];
  readonly tokens: TokenPorts['tokens'];
  readonly least: LeastPorts['least'];
  readonly reviews: LeastPorts['reviews'];
  readonly records: RecordPorts['records'];
  readonly breaches: BreachPorts['breaches'];
  readonly assessments: AssessmentPorts['assessments'];
  readonly decisions: AssessmentPorts['decisions'];
  readonly canaries: CanaryPorts['canaries'];
  readonly datasets: DatasetPorts['datasets'];
  readonly optOuts: DatasetPorts['optOuts'];
  readonly oauth: OAuthPorts;
  readonly erasures: ErasurePorts;
  readonly privacy: PrivacyPorts['privacy'];
  readonly retention: PrivacyPorts['retention'];
  readonly federation: FederationPorts['federation'];
  readonly scim: FederationPorts['scim'];
  readonly hooks: HookPorts;
  readonly keys: {
    create(
      person: PersonPrincipal,
      input: { workload: WorkloadId; expiresInDays: number },
    ): Promise<{ id: KeyId; key: string; expiresAt: string } | Refusal>;
    list(tenant: TenantId): Promise<readonly KeyView[]>;
    revoke(person: PersonPrincipal, id: KeyId): Promise<boolean>;
  };
  readonly effects: {
    unresolved(tenant: TenantId): Promise<readonly UnresolvedEffect[]>;
    /** A person looked at the upstream and says what happened. */
    resolve(person: PersonPrincipal, effectKey: string, outcome: 'done' | 'failed'): Promise<boolean>;
  };
  readonly ledger: {
    /** A zip that verifies offline, made as it is read. */
    export(person: PersonPrincipal, query: PackQuery): Promise<PackView>;
    status(tenant: TenantId): Promise<object>;
    /** The signed checkpoint of this epoch and size, from now on continued by every export; null when there is none. */
    handOut(tenant: TenantId, which: { readonly epoch: number; readonly size: number }): Promise<string | null>;
    /** What shows that the ledger continues a checkpoint of this epoch and size; the caller checks it. */
    continuity(kept: { readonly epoch: number; readonly from: number }): Promise<object | Refusal>;
    event(tenant: TenantId, seq: number): Promise<EventProofView | null>;
    /** Exports everything sealed and has the offline verifier check it, as a program of its own. */
    verify(person: PersonPrincipal): Promise<VerdictView>;
  };
  readonly ledgerKeys: LedgerKeyPorts;
  readonly dataKeys: DataKeyPorts;
  readonly plainText: PlainTextPorts;
  readonly eventDetails: EventDetailsPorts;
  readonly events: EventPorts['events'];
  readonly runs: RunPorts;
  readonly calls: {
    list(tenant: TenantId, filter: CallFilter): Promise<readonly CallView[]>;
    show(tenant: TenantId, call: string): Promise<CallTrace | null>;
    /** What a call belongs to: its integration, and the workflow of the workload that made it. */
    place(tenant: TenantId, call: { readonly integration: string | null; readonly workload: string | null }): ActedOn;
  };
  readonly backups: BackupPorts['backups'];
  readonly restore: BackupPorts['restore'];
  readonly demo: DemoPorts;
  readonly connect: ConnectPorts['connect'];
  overview(tenant: TenantId): Promise<OverviewView>;
  /** The built console by path, e.g. `/index.html`; null when it was not built. */
  readonly consoleFiles: ReadonlyMap<string, ConsoleFile> | null;
  readonly clock: Clock;
  /** The code for whatever would begin something, while a restored database waits for its people; null when nothing waits. */
  closed(): string | null;
  /** Names of parts that are not available now; empty when ready. */
  unready(): Promise<readonly string[]>;
  onFault(code: string): void;
}
