// What a person needs to see of a workflow before deciding about it, and what became of earlier decisions.

/** One thing a version says: see `describeVersion` of the workflows room. */
export interface WorkflowPermission {
  readonly area: string;
  readonly name: string;
  readonly value: string;
}

export interface WorkflowPermissionChange {
  readonly area: string;
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly direction: 'wider' | 'narrower' | 'other';
}

/** What an operation does now, by the manifest of its integration, and how far it runs without a person. */
export interface WorkflowOperation {
  readonly name: string;
  /** `null`: the integration or its operation is not there. */
  readonly effect: string | null;
  readonly needsReview: boolean;
  /** `null`: an effect asks a person each time. */
  readonly limits: {
    readonly perCall: string | null;
    readonly perCustomerDay: string | null;
    readonly perDay: string | null;
    readonly timesPerCustomerDay: number | null;
    readonly fourEyesAbove: string | null;
  } | null;
}

export interface WorkflowStep {
  readonly id: string;
  readonly kind: string;
  readonly depth: number;
  readonly branch: string | null;
  readonly reaches: readonly string[];
  readonly model: string | null;
  readonly condition: string | null;
}

export interface WorkflowInput {
  readonly name: string;
  readonly type: string;
  readonly maxBytes: number | null;
  readonly description: string | null;
}

/** The signatures under the approval, checked at this moment. */
export interface WorkflowSignature {
  /** `lapsed`: before it was published its approver left, or the passkey that signed it was removed. */
  readonly state: 'unsigned' | 'valid' | 'lapsed' | 'invalid';
  readonly algorithm: 'Ed25519';
  /** Of this installation's key; a signature is valid under no other. */
  readonly keyId: string;
  /** Whether the stored files still have the hash of the version. */
  readonly intact: boolean;
  /** The approver's own signature: by which passkey, and whether that was removed since. `null`: they had none, or it does not hold. */
  readonly passkey: { readonly thumbprint: string; readonly by: string; readonly removed: boolean } | null;
}

export interface WorkflowTrailEntry {
  /** The sealed event. */
  readonly seq: number;
  readonly at: string;
  readonly type: string;
  readonly hash: string | null;
  /** Who did it; `null` when the link from the ledger's pseudonym to a person was erased. */
  readonly by: string | null;
  readonly solo: boolean | null;
  /** The passkey an approval was signed with. */
  readonly passkey: string | null;
}

/** Every change of a workflow's versions, newest first, as the ledger holds it. */
export interface WorkflowTrail {
  readonly entries: readonly WorkflowTrailEntry[];
  /** Whether older ones are left out. */
  readonly more: boolean;
  readonly people: Readonly<Record<string, string>>;
}

export interface WorkflowFacts {
  readonly trigger: { readonly kind: string; readonly integration: string | null; readonly event: string | null };
  readonly inputs: readonly WorkflowInput[];
  readonly customer: { readonly operation: string; readonly field: string; readonly assurance: string } | null;
  readonly permissions: readonly WorkflowPermission[];
  readonly operations: readonly WorkflowOperation[];
  readonly steps: readonly WorkflowStep[];
}

/** A version in the list of all versions of its workflow, newest first. */
export interface WorkflowVersionLine {
  readonly hash: string;
  readonly state: string;
  readonly importedAt: string;
  readonly importedBy: string;
  readonly approvedAt: string | null;
  readonly approvedBy: string | null;
  readonly solo: boolean | null;
  /** The passkey its approver signed with. */
  readonly passkey: string | null;
}

/** Beside what a version says of itself. */
export interface WorkflowReview {
  readonly versions: readonly WorkflowVersionLine[];
  readonly signature: WorkflowSignature;
  /** `null` when the stored files make no workflow. */
  readonly facts: WorkflowFacts | null;
  /** What it may do that the other version may not, and the other way round; `null` without another version. */
  readonly compared: { readonly hash: string; readonly changes: readonly WorkflowPermissionChange[] } | null;
  /** Why the asking person may not approve it, by code; `null` when they may. */
  readonly approveRefusal: string | null;
  /** Names of the people mentioned, by id. */
  readonly people: Readonly<Record<string, string>>;
}

/** A workflow over all its versions. */
export interface WorkflowSummary {
  readonly name: string;
  readonly owner: string | null;
  readonly purpose: string | null;
  readonly paused: boolean;
  readonly sample: boolean;
  /** The hash that runs now. */
  readonly published: string | null;
  readonly signature: WorkflowSignature;
  readonly trigger: WorkflowFacts['trigger'] | null;
  /** How many versions there are by state. */
  readonly versions: Readonly<Record<string, number>>;
}
