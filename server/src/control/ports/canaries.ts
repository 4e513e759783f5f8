// Planted values, as the control plane shows, plants and retires them. A value is in one answer only: that of planting.

import type { PersonPrincipal, Refusal, TenantId } from '#core';
import type { CanaryKind, OnLeak, PlaceKind, PlantedValues, ValueName } from '#governance';

export interface CanaryFindingView {
  readonly value: ValueName;
  readonly kind: string;
  readonly way: string;
  /** The integration; null where it must not be told, or is none. */
  readonly at: string | null;
  readonly refused: boolean;
  readonly count: number;
  readonly firstAt: string;
  readonly lastAt: string;
  readonly closedAt: string | null;
}

export interface CanaryView {
  readonly id: string;
  readonly kind: CanaryKind;
  readonly place: { readonly kind: PlaceKind; readonly name: string; readonly customer: string | null };
  readonly knownAt: readonly string[];
  readonly onLeak: OnLeak;
  readonly staleDays: number;
  readonly plantedAt: string;
  readonly plantedBy: string;
  readonly retiredAt: string | null;
  readonly state: 'retired' | 'found' | 'stale' | 'waiting' | 'protected';
  readonly lastProtectedAt: string | null;
  readonly protectedTimes: number;
  readonly seen: readonly { readonly what: string; readonly at: string; readonly count: number; readonly lastAt: string }[];
  readonly findings: readonly CanaryFindingView[];
}

export interface SelfScanView {
  readonly at: string;
  readonly ok: boolean;
  /** Null for whoever does not run the installation. */
  readonly details: {
    readonly credentials: number;
    readonly planted: number;
    readonly bytes: number;
    readonly found: readonly { readonly place: string; readonly value: string; readonly form: string }[];
    readonly notRead: readonly string[];
    readonly seconds: number;
  } | null;
}

export interface CanariesView {
  readonly canaries: readonly CanaryView[];
  readonly most: number;
  /** Changes can not be heard now: what was planted lately may not be watched for. */
  readonly isLost: boolean;
  readonly scan: SelfScanView | null;
}

export interface NewCanaryInput {
  readonly kind: CanaryKind;
  readonly place: { readonly kind: PlaceKind; readonly name: string; readonly customer: string | null };
  readonly onLeak: OnLeak;
  readonly staleDays: number;
  readonly domain?: string | undefined;
  readonly mailbox?: string | undefined;
}

export interface CanaryPorts {
  readonly canaries: {
    list(tenant: TenantId): Promise<CanariesView>;
    show(tenant: TenantId, id: string): Promise<CanaryView | Refusal>;
    plant(
      person: PersonPrincipal,
      asked: NewCanaryInput,
    ): Promise<{ readonly canary: CanaryView; readonly values: PlantedValues; readonly todo: readonly string[] } | Refusal>;
    /** Integrations beside its place that may hold it. */
    knownAt(person: PersonPrincipal, id: string, integrations: readonly string[]): Promise<Refusal | null>;
    retire(person: PersonPrincipal, id: string): Promise<Refusal | null>;
    close(person: PersonPrincipal, id: string, reason: string): Promise<{ readonly closed: number } | Refusal>;
    check(
      person: PersonPrincipal,
      text: string,
      note: boolean,
    ): Promise<{ readonly found: readonly { readonly canary: string; readonly value: ValueName; readonly place: string }[] }>;
  };
}
