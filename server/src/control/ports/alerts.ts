// Alerts as the control plane shows them, and what a person may do with one: take note of it.

import type { JsonObject, JsonValue, PersonPrincipal, Refusal } from '#core';

export interface AlertView {
  readonly id: string;
  readonly rule: string;
  readonly severity: 'notice' | 'warning' | 'critical';
  readonly meaning: string;
  /** Reference and name of who acted; null once that was erased. */
  readonly by: string | null;
  readonly byName: string | null;
  /** The event that raised it: its number in the log, its type, what it is about. */
  readonly seq: number;
  readonly type: string;
  readonly subject: string;
  readonly facts: JsonObject;
  readonly at: string;
  readonly raisedAt: string;
  /** Events it stands for, and when the newest happened. */
  readonly times: number;
  readonly lastAt: string;
  readonly acknowledged: { readonly at: string; readonly by: string; readonly byName: string; readonly alone: boolean } | null;
  /** When the webhook took it; null: not yet, or there is none. */
  readonly deliveredAt: string | null;
  readonly deliveryFault: string | null;
}

export interface AlertDetailsView extends AlertView {
  /** Opened for whoever may acknowledge it. */
  readonly details: {
    readonly before: JsonValue;
    readonly after: JsonValue;
    readonly address: string | null;
    readonly device: string | null;
    readonly reason: string | null;
  } | null;
  readonly detailsWithheld: boolean;
  readonly note: string | null;
  /** Whether this person may take note of it, else the code of why not. */
  readonly acknowledgeable: { readonly ok: boolean; readonly code: string | null };
}

export interface AlertQuery {
  readonly rule: string | null;
  readonly severity: 'notice' | 'warning' | 'critical' | null;
  readonly state: 'open' | 'acknowledged' | 'all';
  readonly by: string | null;
  readonly before: string | null;
  readonly limit: number;
}

/** Somebody who stands out now: a person, a program, or the customer of a run. */
export interface FlaggedView {
  readonly kind: 'person' | 'workload' | 'customer';
  /** Null once who it was is erased. */
  readonly subject: string | null;
  readonly name: string | null;
  readonly since: string;
  readonly lastAt: string;
  readonly alerts: readonly {
    readonly id: string;
    readonly rule: string;
    readonly severity: 'notice' | 'warning' | 'critical';
    readonly meaning: string;
    readonly times: number;
    readonly lastAt: string;
    readonly facts: JsonObject;
  }[];
}

export interface AlertPorts {
  readonly alerts: {
    flagged(person: PersonPrincipal): Promise<{ readonly flagged: readonly FlaggedView[]; readonly more: boolean }>;
    readonly rules: readonly { readonly rule: string; readonly severity: string; readonly meaning: string }[];
    list(
      person: PersonPrincipal,
      query: AlertQuery,
    ): Promise<
      | {
          readonly alerts: readonly AlertView[];
          readonly next: string | null;
          readonly open: Readonly<Record<'notice' | 'warning' | 'critical', number>>;
        }
      | Refusal
    >;
    show(person: PersonPrincipal, id: string): Promise<AlertDetailsView | Refusal>;
    acknowledge(person: PersonPrincipal, id: string, note: string | null): Promise<AlertView | Refusal>;
  };
}
