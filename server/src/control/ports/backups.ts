// Backups and a restore that waits for people, as the control plane shows and starts them.

import type { JsonObject, PersonPrincipal, Refusal } from '#core';
import type { AssertionInput } from './sign-in.ts';

export interface DrillView {
  readonly at: string;
  readonly ok: boolean;
  readonly code: string | null;
}

export interface BackupView {
  readonly id: string;
  readonly createdAt: string;
  readonly bytes: number;
  readonly rows: number;
  readonly events: number;
  readonly state: 'running' | 'complete' | 'failed';
  /** Why it failed or can not be read. */
  readonly code: string | null;
  /** False when its file of keys was taken away: then nothing sealed in it opens. */
  readonly hasKeys: boolean;
  readonly verifiedAt: string | null;
  readonly drill: DrillView | null;
}

/** How the last thing that was asked for ended. */
export interface FinishedJobView {
  readonly id: string;
  readonly action: string;
  readonly ok: boolean;
  readonly code: string | null;
  readonly sentence: string | null;
  readonly at: string;
  /** Backups a killed process had begun; they were removed. */
  readonly interrupted: readonly string[];
}

export interface BackupsView {
  readonly backups: readonly BackupView[];
  readonly running: {
    readonly id: string;
    readonly action: string;
    readonly phase: string;
    readonly table: string;
    readonly rows: number;
    readonly done: number;
    readonly total: number;
  } | null;
  readonly last: FinishedJobView | null;
  readonly schedule: {
    readonly everyHours: number;
    readonly keep: number;
    readonly folder: string;
    readonly drillEveryHours: number;
  } | null;
  readonly lastDrill: DrillView | null;
}

export interface RestoreView {
  readonly state: 'none' | 'pending' | 'confirmed';
  readonly backup: string | null;
  readonly restoredAt: string | null;
  readonly confirmedAt: string | null;
  /** `passkey`: what it was signed with; `null` of somebody without one. */
  readonly confirmedBy: readonly { readonly by: string; readonly at: string; readonly passkey: string | null }[];
  readonly needed: 1 | 2;
  /** When the yes of somebody who is alone takes effect. */
  readonly runsAt: string | null;
  /** Code of what keeps it from taking effect although people said yes. */
  readonly fault: string | null;
  /** What was found: numbers by name, for the tenant of whoever asks. */
  readonly report: JsonObject | null;
}

export type BackupAction = 'create' | 'verify' | 'drill' | 'delete';

export interface BackupPorts {
  readonly backups: {
    list(): Promise<BackupsView>;
    /** Begins it. `settled` resolves when it has ended. */
    begin(person: PersonPrincipal, action: BackupAction, id: string | null): Promise<{ readonly id: string } | Refusal>;
    settled(): Promise<void>;
  };
  readonly restore: {
    show(person: PersonPrincipal): Promise<RestoreView>;
    confirm(person: PersonPrincipal, assertion?: AssertionInput): Promise<RestoreView | Refusal>;
    /** What the person's passkeys are asked to sign for saying yes; null of somebody who has none. */
    signOptions(person: PersonPrincipal): Promise<{ readonly options: object | null } | Refusal>;
  };
}
