// What a place is: somewhere in this installation that may hold data of people. Export, erasure and retention go through all of them, and
// through nothing else, so that none of the three forgets what another one knows.

import type { JsonValue, TenantId, Tx } from '#core';

export const PLACES = ['known_values', 'runs', 'approvals', 'effects', 'deliveries', 'people', 'datasets', 'tokens', 'canary'] as const;
export type PlaceName = (typeof PLACES)[number];

/** A piece of a thing and whose it is. */
export interface HeldPart {
  /** The person it is about, as an erasure names them (`c104`, `person:per_...`); null when nobody said. */
  readonly owner: string | null;
  /** A record about the owner: what it calls an address is the owner's address. Free text is none. */
  readonly isRecord: boolean;
  /** The address or number that says whose it is, where no customer is named; another one beside it is of somebody else. */
  readonly about?: { readonly type: 'EMAIL' | 'PHONE'; readonly value: string };
  readonly content: JsonValue;
  /** Values whose kind is known besides. */
  readonly values?: readonly { readonly type: string; readonly value: string }[];
}

export interface Held {
  readonly ref: string;
  readonly mark: string;
  readonly atMs: number;
  /** When its purpose ended; null while it is in use. */
  readonly endedAtMs: number | null;
  /** A workflow, an integration or a data set. */
  readonly purpose: string;
  /** Runs and stored calls it belongs to: whose they are, it is too. */
  readonly runs: readonly string[];
  /** Nothing when it can not be opened any more. */
  readonly parts: readonly HeldPart[];
}

export interface Place {
  readonly name: PlaceName;
  /** Things that changed since, each with a mark that changes with what it holds. From 0: all there are. */
  changed(tx: Tx, tenant: TenantId, sinceMs: number): Promise<readonly { readonly ref: string; readonly mark: string }[]>;
  open(tx: Tx, tenant: TenantId, refs: readonly string[]): Promise<readonly Held[]>;
  /**
   * Takes what they hold: the rows, the keys they were sealed under besides, and what processes remember of them. `subject`: only what is of
   * this person, where a thing holds parts of several. Gives the ids of the keys that were destroyed.
   */
  erase(tx: Tx, tenant: TenantId, refs: readonly string[], subject: string | null): Promise<readonly string[]>;
}
