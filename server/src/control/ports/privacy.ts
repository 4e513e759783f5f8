// Privacy requests, legal holds and retention as the control plane shows them.

import type { DataClass, DeletionTaskId, JsonObject, LegalHoldId, PersonPrincipal, PrivacyRequestId, Refusal, TenantId } from '#core';
import type { PersonExport, RefusedWhy, VerifiedHow } from '#governance';

export interface PrivacyRequestView {
  readonly id: string;
  readonly kind: 'export' | 'erase' | 'shop';
  readonly state: 'received' | 'verified' | 'done' | 'refused';
  /** `person`, or the integration whose signed delivery brought it. */
  readonly source: string;
  readonly receivedAt: string;
  readonly dueAt: string;
  /** Days until it is due; negative when that is past. Null once it is closed. */
  readonly daysLeft: number | null;
  readonly verifiedAt: string | null;
  readonly verifiedBy: string | null;
  readonly verifiedHow: string | null;
  readonly closedAt: string | null;
  readonly closedBy: string | null;
  readonly reason: string | null;
  readonly hasReceipt: boolean;
  readonly openTasks: number;
}

export interface PrivacyTaskView {
  readonly id: string;
  readonly request: string;
  readonly vendor: string;
  readonly classes: readonly string[];
  readonly operation: string | null;
  readonly state: 'open' | 'done';
  readonly dueAt: string;
  readonly closedAt: string | null;
  readonly closedBy: string | null;
  readonly note: string | null;
  /** A call that somebody approves; without it, a list for people. */
  readonly isCall: boolean;
  /** What became of the call; null before it was asked for. */
  readonly outcome: 'waiting' | 'blocked' | 'refused' | 'failed' | 'unknown' | 'done' | null;
  /** Why it is blocked or failed. */
  readonly code: string | null;
  /** Where it waits in the inbox, or was decided. */
  readonly approval: string | null;
}

export interface PrivacyRequestDetails extends PrivacyRequestView {
  /** Whom it is about, as it was asked; null once they were erased. */
  readonly subject: string | null;
  readonly tasks: readonly PrivacyTaskView[];
}

export interface HoldViewOut {
  readonly id: string;
  /** True when it is about one person. */
  readonly person: boolean;
  readonly place: string | null;
  readonly purpose: string | null;
  readonly reason: string;
  readonly placedAt: string;
  readonly placedBy: string;
  readonly until: string | null;
  readonly releasedAt: string | null;
  readonly releasedBy: string | null;
  readonly active: boolean;
}

export interface RetentionClassView {
  readonly dataClass: string;
  readonly meaning: string;
  readonly days: number | null;
}

export interface RetentionOut {
  readonly version: string;
  readonly classes: readonly RetentionClassView[];
  /** Days a place keeps at most, whatever it holds. */
  readonly places: Readonly<Record<string, number>>;
  readonly rules: readonly {
    readonly dataClass: string | null;
    readonly place: string | null;
    readonly purpose: string | null;
    readonly minutes: number;
    readonly setAt: string;
    readonly setBy: string;
  }[];
  readonly runs: readonly JsonObject[];
  readonly nextAt: string | null;
  readonly staleSince: string | null;
}

export interface PrivacyPorts {
  readonly privacy: {
    list(tenant: TenantId): Promise<readonly PrivacyRequestView[]>;
    show(tenant: TenantId, id: PrivacyRequestId): Promise<PrivacyRequestDetails | null>;
    open(person: PersonPrincipal, request: { kind: 'export' | 'erase'; subject: string }): Promise<PrivacyRequestDetails | Refusal>;
    verify(person: PersonPrincipal, id: PrivacyRequestId, how: VerifiedHow): Promise<PrivacyRequestDetails | Refusal>;
    refuse(person: PersonPrincipal, id: PrivacyRequestId, why: RefusedWhy): Promise<PrivacyRequestDetails | Refusal>;
    export(person: PersonPrincipal, id: PrivacyRequestId): Promise<PersonExport | Refusal>;
    page(copy: PersonExport): string;
    erase(person: PersonPrincipal, id: PrivacyRequestId, confirm: string): Promise<JsonObject | Refusal>;
    /** What was done, and the event of the log that proves it; null when there is none. */
    receipt(tenant: TenantId, id: PrivacyRequestId): Promise<JsonObject | null>;
    closeTask(person: PersonPrincipal, id: DeletionTaskId, note: string): Promise<PrivacyTaskView | Refusal>;
    /** Asks once more for the call of a task that came to nothing. */
    againTask(person: PersonPrincipal, id: DeletionTaskId): Promise<PrivacyTaskView | Refusal>;
    holds(tenant: TenantId): Promise<readonly HoldViewOut[]>;
    hold(
      person: PersonPrincipal,
      hold: { subject: string | null; place: string | null; purpose: string | null; reason: string; untilMs: number | null },
    ): Promise<HoldViewOut | Refusal>;
    release(person: PersonPrincipal, id: LegalHoldId): Promise<Refusal | null>;
  };
  readonly retention: {
    show(tenant: TenantId): Promise<RetentionOut>;
    set(
      person: PersonPrincipal,
      rule: { dataClass: DataClass | null; place: string | null; purpose: string | null; minutes: number | null },
    ): Promise<RetentionOut | Refusal>;
    run(person: PersonPrincipal, isDry: boolean): Promise<JsonObject>;
  };
}
