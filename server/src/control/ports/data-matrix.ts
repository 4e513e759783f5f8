// Who may see what, as the control plane shows and changes it.

import type { DataClass, DestinationKind, Handling, PersonPrincipal, Refusal, TenantId, UnsureHandling } from '#core';

/** `asked`: whether a person who is asked about a doubtful find may send it as it is. */
export type MatrixRuleMode = 'monitor' | 'enforce' | 'asked';

export interface MatrixCellView {
  readonly class: DataClass;
  readonly destination: string;
  readonly handling: Handling;
  readonly default: Handling;
  /** `default`, a rule for the kind of destination, or one for this very destination. */
  readonly from: string;
  /** What a rule on trial would do; null without one. */
  readonly trial: Handling | null;
  /** Whether a person who is asked about a doubtful find may send it as it is. */
  readonly asIs: boolean;
  /** What a rule may say here. Less than all where the class is locked. */
  readonly choices: readonly Handling[];
  readonly isLocked: boolean;
  /** Finds of the last days, and how many of them the rule on trial would have treated its own way. */
  readonly hits: number;
  readonly trialHits: number;
}

export interface MatrixClassView {
  readonly class: DataClass;
  readonly meaning: string;
  readonly sensitivity: string;
  readonly unsure: UnsureHandling;
  readonly unsureDefault: UnsureHandling;
  /** Whether values of it are recognised in texts; a class that only fields are labelled with has no rule to hold texts to. */
  readonly isFound: boolean;
}

export interface MatrixView {
  readonly destinations: readonly { readonly name: string; readonly kind: DestinationKind; readonly integration: string | null }[];
  /** Integrations without a rule or hits of their own: what holds for their kind holds for them. */
  readonly others: readonly { readonly name: string; readonly kind: DestinationKind; readonly integration: string }[];
  readonly classes: readonly MatrixClassView[];
  readonly cells: readonly MatrixCellView[];
  readonly hitDays: number;
}

export interface HitView {
  readonly kind: DestinationKind;
  readonly integration: string | null;
  readonly class: DataClass;
  readonly handling: Handling;
  readonly onTrial: boolean;
  readonly hits: number;
}

export interface DataMatrixPorts {
  readonly dataMatrix: {
    show(tenant: TenantId): Promise<MatrixView>;
    set(
      person: PersonPrincipal,
      rule: {
        readonly destination: string;
        readonly class: DataClass;
        readonly handling: Handling;
        readonly mode: MatrixRuleMode;
      },
    ): Promise<MatrixView | Refusal>;
    /** Back to what is in force without the rule. */
    reset(
      person: PersonPrincipal,
      rule: { readonly destination: string; readonly class: DataClass; readonly mode: MatrixRuleMode },
    ): Promise<MatrixView | Refusal>;
    /** Null puts the default back. */
    setUnsure(person: PersonPrincipal, dataClass: DataClass, unsure: UnsureHandling | null): Promise<MatrixView | Refusal>;
    hits(tenant: TenantId, days: number): Promise<readonly HitView[]>;
  };
}
