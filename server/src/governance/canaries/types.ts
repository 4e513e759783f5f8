// A planted value, where it was put, and what became of it.

import type { TenantId, UnixMs } from '#core';
import type { CanaryKind, PlantedValues, ValueName } from './invent.ts';

/** What kind of place a canary was put into. */
export const PLACE_KINDS = ['integration', 'workflow', 'dataset', 'other'] as const;
export type PlaceKind = (typeof PLACE_KINDS)[number];

export interface PlantedAt {
  readonly kind: PlaceKind;
  /** Name of the integration, workflow or dataset, or a word for what is none of ours. */
  readonly name: string;
  /** The id of the customer's record it stands in; what is sent to another customer is then told apart. */
  readonly customer: string | null;
}

/** What is done when a value of it would leave in clear for where it may not be. */
export const ON_LEAK = ['refuse', 'tell'] as const;
export type OnLeak = (typeof ON_LEAK)[number];

export interface Canary {
  readonly id: string;
  readonly kind: CanaryKind;
  readonly place: PlantedAt;
  /** Integrations beside its place that may hold it. */
  readonly knownAt: readonly string[];
  readonly onLeak: OnLeak;
  /** After so many days unseen it says so. */
  readonly staleDays: number;
  readonly plantedAtMs: UnixMs;
  readonly plantedBy: string;
  readonly retiredAtMs: UnixMs | null;
}

/** One that is watched for, with its values. */
export interface WatchedCanary extends Canary {
  readonly tenant: TenantId;
  readonly values: PlantedValues;
}

export const FINDING_KINDS = ['left', 'came_back', 'other_tenant', 'at_rest', 'reported'] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/** How it crossed, or where it lay. */
export const WAYS = ['model', 'tool', 'web', 'customer', 'webhook', 'rows', 'files', 'other'] as const;
export type Way = (typeof WAYS)[number];

export interface FindingKey {
  readonly canary: string;
  readonly value: ValueName;
  readonly kind: FindingKind;
  readonly way: Way;
  /** The integration, or the kind of place at rest; empty where it must not be told. */
  readonly at: string;
}

export interface NotedFinding extends FindingKey {
  readonly refused: boolean;
  readonly count: number;
  readonly firstAtMs: UnixMs;
  readonly lastAtMs: UnixMs;
}

export interface CanaryFinding extends NotedFinding {
  readonly closedAtMs: UnixMs | null;
}

/** `protected`: a placeholder or a mask stood for it; `home`: where it was planted; `clear`: a rule of the tenant lets its class through. */
export const SIGHTINGS = ['protected', 'home', 'clear'] as const;
export type SightingKind = (typeof SIGHTINGS)[number];

export interface Sighting {
  readonly canary: string;
  readonly what: SightingKind;
  readonly at: string;
  readonly count: number;
  readonly lastAtMs: UnixMs;
}
