// What a backup needs of whoever keeps keys. Storage never sees a key: it hands bytes over together with what they belong to.

/** Seals and opens the chunks of one part of one backup, and vouches for its manifest. */
export interface BackupCipher {
  /** The part's own random key under the installation's, to be kept in the manifest. */
  readonly wrapped: string;
  seal(plain: Uint8Array, belongsTo: readonly string[]): Uint8Array;
  /** Throws when the bytes are not exactly what was sealed for this place. */
  open(sealed: Uint8Array, belongsTo: readonly string[]): Uint8Array;
  /** Keyed hash of a text, in hex. */
  vouch(text: string): string;
}

export interface BackupKeys {
  /** Names the key file that opens the backups made with it. */
  readonly keyId: string;
  create(part: readonly string[]): BackupCipher;
  open(part: readonly string[], wrapped: string): BackupCipher;
}

export interface OpenedBackup {
  readonly data: BackupCipher;
  readonly keys: BackupCipher;
}
