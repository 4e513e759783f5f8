// What the picture is drawn from. Gathered in gather.ts from the running server; parts of it by the doctor from settings and files alone.

import type { KeyStatus, KeysOfTenant } from '#vault';

export interface SettingsFacts {
  readonly gatewayHost: string;
  readonly controlHost: string;
  readonly publicUrl: string | null;
  readonly gatewayPublicUrl: string | null;
  readonly tlsCertFile: string | null;
  readonly alertWebhook: string | null;
  readonly anchorWebhook: string | null;
  readonly backupFolder: string | null;
  readonly backupKeysFolder: string | null;
  readonly keyEpochHours: number;
  readonly logLevel: string;
  readonly databaseUrl: string | null;
}

/** How the key file lies there. */
export interface KeyFileFacts {
  /** `file`, `passphrase`, `aws-kms`, `transit`; null: it is not there yet. */
  readonly sealedBy: string | null;
  /** Address of the service that opens it, where it is one. */
  readonly service: string | null;
  /** A file from which the passphrase is read at every start. */
  readonly passphraseFile: string | null;
  readonly isPrivate: boolean;
  readonly folder: string;
  readonly isInsideData: boolean;
  readonly isInsideBackups: boolean;
  /** Its folder and the data folder lie in the same folder. */
  readonly isBesideData: boolean;
  readonly isOnDiskOfBackups: boolean;
}

export interface WireFacts {
  readonly isTls: boolean;
  readonly protocol: string | null;
  readonly address: string | null;
}

export interface ColumnFacts {
  readonly sealed: number;
  readonly tables: number;
  readonly wrapped: number;
  readonly references: number;
  readonly inClear: readonly { readonly why: string; readonly columns: readonly string[] }[];
  readonly unplaced: readonly string[];
  /** Sealed columns that hold values of this tenant, and those whose values do not look sealed. */
  readonly holding: number;
  readonly unlike: readonly string[];
}

export interface MachineFacts {
  /** Null: can not be told on this system. */
  readonly swap: boolean | null;
  readonly coreDumps: boolean | null;
}

export interface BackupFacts {
  readonly isPrivate: boolean | null;
  readonly keysApart: boolean;
  readonly made: number;
  /** Why the copy of the key box beside the backups is not what it should be. */
  readonly copyFault: string | null;
  /** Copies of key boxes of other installations that this key file opens. */
  readonly otherCopies: number;
}

export interface IntegrationFacts {
  readonly name: string;
  readonly kind: 'http' | 'model';
  readonly origin: string;
  readonly isSample: boolean;
  readonly classes: readonly { readonly dataClass: string; readonly handling: string; readonly count: number }[];
}

export interface Facts {
  readonly config: SettingsFacts;
  readonly keyFile: KeyFileFacts;
  readonly database: { readonly isEmbedded: boolean; readonly wire: WireFacts | null; readonly columns: ColumnFacts };
  readonly keys: { readonly status: KeyStatus; readonly own: KeysOfTenant; readonly oldestWaitsMs: number | null };
  readonly machine: MachineFacts;
  readonly backups: BackupFacts;
  readonly integrations: readonly IntegrationFacts[];
  /** Company logins of the tenant. */
  readonly logins: readonly { readonly name: string; readonly issuer: string }[];
  readonly logFields: number;
}
