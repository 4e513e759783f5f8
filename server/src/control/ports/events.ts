// The sealed log as the control plane searches it: what can be asked, and the answers.

import type { JsonObject, PersonPrincipal, Refusal, UnixMs } from '#core';

/** Null asks for nothing in particular. */
export interface EventQuery {
  /** A type, or how it begins: `approvals.`. */
  readonly type: string | null;
  readonly subject: string | null;
  /** A pseudonym as it stands in the events, or who is behind it. */
  readonly actor: string | null;
  /** An integration or object that the event names. */
  readonly resource: string | null;
  readonly workflow: string | null;
  readonly run: string | null;
  /** `allow`, `deny`, `approval`, `fault`, or codes; any of them. */
  readonly decision: readonly string[] | null;
  readonly privileged: boolean | null;
  readonly tokenised: boolean | null;
  /** Public facts by name, each with exactly this value. */
  readonly facts: Readonly<Record<string, string>>;
  /** Every word of it must be a word of the metadata. */
  readonly text: string | null;
  readonly fromMs: UnixMs | null;
  readonly toMs: UnixMs | null;
}

/** Most events of one page of a port. */
export const MAX_EVENT_PAGE = 500;

/** An event of the log with who is behind its pseudonym; `null` once that was erased. */
export interface ListedEvent {
  readonly seq: number;
  readonly entry: JsonObject;
  readonly by: string | null;
  /** An act by which a person changed what others may do or see. */
  readonly privileged: boolean;
}

export interface EventPageView {
  readonly events: readonly ListedEvent[];
  /** The cursor of the next page; null when no older event answers. A page with room left and a cursor says: not looked further yet. */
  readonly next: string | null;
  readonly scanned: number;
}

export interface FacetView {
  readonly value: string;
  readonly count: number;
}

export interface FacetsView {
  readonly total: number;
  /** Different minutes in which one of the events happened. */
  readonly minutes: number;
  readonly facets: {
    readonly type: readonly FacetView[];
    readonly actor: readonly (FacetView & { readonly by: string | null })[];
    readonly workflow: readonly FacetView[];
    readonly decision: readonly FacetView[];
  };
  readonly scanned: number;
  /** False: older events were not looked at, and every number is at least this. */
  readonly isComplete: boolean;
}

export const EVENT_FORMATS = ['csv', 'ndjson', 'ocsf'] as const;
export type EventFormat = (typeof EVENT_FORMATS)[number];

/** One number about the business, and the question that finds its events. */
export interface FigureView {
  readonly key: string;
  readonly group: string;
  readonly meaning: string;
  /** What `value` counts: `events`, `minutes`, `values`, movements of `money`, or calls that used `tokens`. */
  readonly unit: string;
  readonly value: number;
  /** Total of `GET /api/events/facets` with `query`. */
  readonly events: number;
  /** Exact sums; null: none of the events records an amount. */
  readonly totals: readonly { readonly currency: string; readonly amount: string }[] | null;
  /** Null: none of the events records tokens. */
  readonly tokens: { readonly input: number; readonly output: number; readonly recorded: number } | null;
  /** How many of the events record an amount. */
  readonly priced: number;
  /** The members of the address that finds its events. */
  readonly query: JsonObject;
  readonly isComplete: boolean;
}

export interface BusinessView {
  readonly from: string;
  readonly to: string;
  readonly figures: readonly FigureView[];
}

export interface EventPorts {
  readonly events: {
    /** `passes`: some of it is passed over and not shown; what is shown is told by `took`. */
    page(
      person: PersonPrincipal,
      query: EventQuery,
      at: { before: string | null; limit: number; passes?: boolean },
    ): Promise<EventPageView | Refusal>;
    /** Where a page that ends at this event of the question ends. */
    cursor(query: EventQuery, seq: number): string;
    /** So many events of older pages were shown to the person. */
    took(person: PersonPrincipal, events: number): void;
    facets(person: PersonPrincipal, query: EventQuery): Promise<FacetsView>;
    /** A person looked at one event and its proof; the same event again within ten minutes is the same look. */
    looked(person: PersonPrincipal, seq: number): Promise<void>;
    business(person: PersonPrincipal, window: { readonly fromMs: UnixMs; readonly toMs: UnixMs }): Promise<BusinessView>;
    /** Every event that answers, newest first, from those sealed when it began. */
    export(person: PersonPrincipal, query: EventQuery, format: EventFormat): Promise<AsyncIterable<string>>;
  };
}
