// The certificate of both listeners, and its replacement while they serve: files that change are read again, checked, and taken by every
// new connection. A pair that can not be used changes nothing; the one before stays and the log says so.

import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { SallyportError } from '#core';
import type { PinnedCertificate } from '#egress';
import type { Logger } from './logger.ts';
import { systemClock } from './world.ts';

/** A listener that can take another certificate; connections that are open keep theirs. */
export interface Renewable {
  setSecureContext(options: SecureContextOptions): void;
}

export interface TlsFiles {
  readonly tlsCertFile: string | null;
  readonly tlsKeyFile: string | null;
}

export interface Tls {
  readonly options: SecureContextOptions;
  /** From now on told of every new certificate. */
  attach(listener: Renewable): void;
  stop(): void;
}

/** Renewal replaces files by links or renames, which no watcher sees on every system; looking is cheap. */
const LOOK_EVERY_MS = 10_000;

/** Null without a certificate in the settings; throws when what is set can not be used. */
export function openTls(files: TlsFiles, logger: Logger, lookEveryMs = LOOK_EVERY_MS): Tls | null {
  const { tlsCertFile: cert, tlsKeyFile: key } = files;
  if (cert === null && key === null) return null;
  if (cert === null || key === null) throw tlsFault('both a certificate and a key are needed');
  const pair = { cert, key };
  let seen = stampOf(pair);
  const options = readPair(pair);
  const listeners: Renewable[] = [];
  const look = (): void => {
    const stamp = stampOf(pair);
    if (stamp === null || stamp === seen) return;
    seen = stamp;
    try {
      const next = readPair(pair);
      for (const listener of listeners) listener.setSecureContext(next);
      logger.info({ event: 'tls.renewed' });
    } catch {
      logger.error({ event: 'tls.not_renewed', code: 'MAIN_TLS_UNUSABLE' });
    }
  };
  const timer = setInterval(look, lookEveryMs);
  timer.unref();
  return {
    options,
    attach: (listener) => {
      listeners.push(listener);
    },
    stop: () => clearInterval(timer),
  };
}

/** How the command line knows the server that uses this certificate. */
export function pinOf(path: string): PinnedCertificate {
  const leaf = leafOf(path);
  return { pem: leaf.toString(), fingerprint256: leaf.fingerprint256 };
}

/** The leaf certificate of a PEM file, which is the first in it. */
export function leafOf(path: string): X509Certificate {
  try {
    return new X509Certificate(readFileSync(path));
  } catch (cause) {
    throw tlsFault('the certificate file can not be read', cause);
  }
}

function readPair(files: { readonly cert: string; readonly key: string }): SecureContextOptions {
  const leaf = leafOf(files.cert);
  if (leaf.validToDate.getTime() <= systemClock.now()) throw tlsFault('the certificate has expired');
  try {
    // Through links: that is how renewal programs point to the newest file. The mode is that of the file itself.
    const { mode } = statSync(files.key);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) throw new Error('others can read the key');
    const pair = { cert: readFileSync(files.cert), key: readFileSync(files.key), minVersion: 'TLSv1.2' } as const;
    createSecureContext(pair);
    return pair;
  } catch (cause) {
    throw tlsFault('the key does not belong to the certificate, can not be read, or others can read it (its mode must be 0600)', cause);
  }
}

function stampOf(files: { readonly cert: string; readonly key: string }): string | null {
  try {
    return [files.cert, files.key].map((path) => [statSync(path).mtimeMs, statSync(path).ino].join()).join(' ');
  } catch {
    // Between the removal of the old file and the new one.
    return null;
  }
}

function tlsFault(detail: string, cause?: unknown): SallyportError {
  return new SallyportError('MAIN_TLS_UNUSABLE', `The TLS certificate of the listeners can not be used: ${detail}.`, { cause });
}
