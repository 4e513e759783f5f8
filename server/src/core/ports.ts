// The three things pure code may ask of the world: the time, randomness and a hash.
// They are handed in, so that tests can fix them and no pure room touches `node:`.

/** Milliseconds since the Unix epoch, as an integer. */
export type UnixMs = number;

export interface Clock {
  now(): UnixMs;
}

export interface Random {
  /** `count` cryptographically strong random bytes. */
  bytes(count: number): Uint8Array;
}

export interface Digest {
  /** SHA-256 of the UTF-8 text or bytes, as 64 lower-case hex digits. */
  sha256(input: string | Uint8Array): string;
}
