// What the Audit log, one event and the integrity of the ledger ask for, and how it is asked. A preset of time becomes an instant when it is
// asked, and the answer says which: the next page and an export ask from the same one.

import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { ApiFault, api, queryOf } from './client.ts';
import type { Json, LedgerEvent } from './types.ts';

/** The filters that narrow by a word of an event, in the order they are shown. */
export const WORD_FILTERS = ['q', 'type', 'actor', 'workflow', 'run', 'decision', 'resource', 'subject', 'tokenised', 'fact'] as const;
export type WordFilter = (typeof WORD_FILTERS)[number];

export type EventSearch = { readonly [name in WordFilter]?: string } & {
  readonly privileged?: string;
  /** One of `WINDOWS_MS`; stands for a `from` that moves with the clock. */
  readonly since?: string;
  /** RFC 3339. */
  readonly from?: string;
  readonly to?: string;
  /** The server's own words for where a page ends. */
  readonly before?: string;
};

export const EVENT_SEARCH: readonly (keyof EventSearch)[] = [...WORD_FILTERS, 'privileged', 'since', 'from', 'to', 'before'];

const HOUR_MS = 3_600_000;
export const WINDOWS_MS: Readonly<Record<string, number>> = {
  '1h': HOUR_MS,
  '24h': 24 * HOUR_MS,
  '7d': 7 * 24 * HOUR_MS,
  '30d': 30 * 24 * HOUR_MS,
};

export type EventQuestion = Omit<EventSearch, 'since' | 'fact'> & { readonly fact?: readonly string[] };

/** The question as the server takes it. Facts stand in one member of the address, with commas between them: no value of a fact holds one. */
export function questionOf({ since, fact, ...rest }: EventSearch): EventQuestion {
  const question = fact === undefined ? rest : { ...rest, fact: fact.split(',') };
  const span = since === undefined ? undefined : WINDOWS_MS[since];
  return span === undefined || question.from !== undefined ? question : { ...question, from: new Date(Date.now() - span).toISOString() };
}

const LIST_MS = 10_000;
const FACETS_MS = 60_000;
const HEALTH_MS = 10_000;

export interface EventPage {
  readonly events: readonly LedgerEvent[];
  readonly next: string | null;
  /** How many events were looked at for this page. */
  readonly scanned: number;
  /** From when on it was asked, when that was a preset. */
  readonly from: string | null;
}

export const eventsQuery = (search: EventSearch) =>
  queryOptions({
    queryKey: ['events', search],
    queryFn: async (): Promise<EventPage> => {
      const question = questionOf(search);
      const page = await api<Omit<EventPage, 'from'>>('GET', `/api/events${queryOf({ ...question })}`);
      return { ...page, from: search.since === undefined ? null : (question.from ?? null) };
    },
    placeholderData: keepPreviousData,
    refetchInterval: search.before === undefined ? LIST_MS : false,
  });

export interface FacetValue {
  readonly value: string;
  readonly count: number;
  /** Who is behind a pseudonym. */
  readonly by?: string | null;
}
export type FacetName = 'type' | 'actor' | 'workflow' | 'decision';
export interface Facets {
  readonly facets: Readonly<Partial<Record<FacetName, readonly FacetValue[]>>>;
  /** How many events answer the question; at least, when it is not complete. */
  readonly total: number;
  readonly scanned: number;
  readonly isComplete: boolean;
}

export const facetsQuery = (search: EventSearch) => {
  const { before: _, ...question } = search;
  return queryOptions({
    queryKey: ['events', 'facets', question],
    queryFn: () => api<Facets>('GET', `/api/events/facets${queryOf({ ...questionOf(question) })}`),
    placeholderData: keepPreviousData,
    refetchInterval: FACETS_MS,
  });
};

export type ExportFormat = 'csv' | 'ndjson' | 'ocsf' | 'zip';

/** Where exactly these events are downloaded. */
export function exportPath(search: EventSearch, format: ExportFormat): string {
  const { before: _, ...question } = questionOf(search);
  return `${format === 'zip' ? '/api/ledger/export' : '/api/events/export'}${queryOf({ format, ...question })}`;
}

/** Base64 everywhere; see the format of the ledger. */
export interface EventProof {
  readonly leafHash: string;
  readonly path: readonly string[];
  /** The tenant's tree as it is written into the tree of the installation. */
  readonly head: { readonly size: number; readonly root: string; readonly index: number; readonly path: readonly string[] };
  readonly globalSize: number;
  readonly globalRoot: string;
  readonly epoch: number;
  readonly note: string;
}

export interface EventDetails {
  readonly before?: Json;
  readonly after?: Json;
  readonly device?: string | null;
  readonly address?: string | null;
  readonly reason?: string | null;
}

export interface SealedEvent {
  readonly seq: number;
  readonly leaf: string;
  readonly treeSize: number;
  readonly treeRoot: string;
  readonly by: string | null;
  /** `null` when the server gave none; nothing is claimed then. */
  readonly proof: EventProof | null;
  readonly anchors: readonly { readonly name: string; readonly kind: string; readonly at: string }[];
  /** `null` for an event without them, for one whose payload was erased, and for who may not see them. */
  readonly details: EventDetails | null;
  readonly isErased: boolean;
  /** There are details, and whoever asks may not see them. */
  readonly detailsWithheld: boolean;
}

export const sealedEventQuery = (seq: string) =>
  queryOptions({
    queryKey: ['event', seq],
    // A look at an event is an event: it is not asked for again because a window came to the front.
    refetchOnWindowFocus: false,
    staleTime: 60_000,
    queryFn: async (): Promise<SealedEvent> => {
      const answer = await api<Pick<SealedEvent, 'seq' | 'leaf' | 'treeSize' | 'treeRoot' | 'by'> & Partial<SealedEvent>>(
        'GET',
        `/api/events/${encodeURIComponent(seq)}`,
      );
      return { proof: null, anchors: [], details: null, isErased: false, detailsWithheld: false, ...answer };
    },
  });

export type HealthState = 'ok' | 'late' | 'failed';

export interface LedgerProblem {
  readonly what: 'sealing' | 'anchoring' | 'verification';
  readonly state: 'late' | 'failed';
  readonly code: string;
  readonly sentence: string;
  readonly since: string | null;
}

export interface AnchorHealth {
  readonly name: string;
  readonly kind: string;
  readonly required: boolean;
  readonly seenSize: number | null;
  readonly seenAt: string | null;
  readonly fault: string | null;
  readonly faultAt: string | null;
}

export interface LedgerHealth {
  readonly state: HealthState;
  readonly problems: readonly LedgerProblem[];
  readonly sealing: { readonly oldestUnsealedAt: string | null; readonly signedAt: string | null; readonly signedSize: number | null };
  readonly anchors: readonly AnchorHealth[];
  readonly verification: {
    readonly at: string | null;
    readonly ok: boolean | null;
    readonly code: string | null;
    readonly everyHours: number | null;
  };
}

export interface LedgerStatus {
  readonly sealedEvents: number;
  readonly unsealed: number;
  readonly verifierKey: string;
  readonly checkpoint: string | null;
  readonly epoch: number;
  readonly health: LedgerHealth;
}

export const ledgerQuery = queryOptions({
  queryKey: ['ledger'],
  queryFn: async (): Promise<LedgerStatus> => {
    const status = await api<Partial<LedgerStatus>>('GET', '/api/ledger');
    // A server of another release may not say it; that is not the same as being in order.
    if (status.health === undefined) throw new ApiFault(200, 'HEALTH_NOT_SAID', '');
    return status as LedgerStatus;
  },
  refetchInterval: HEALTH_MS,
});

/** The newest verdicts, from the log itself. */
export const VERDICTS: EventSearch = { type: 'audit.ledger.verified' };
