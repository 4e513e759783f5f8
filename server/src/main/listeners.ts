// Which addresses the listeners may bind. Plain HTTP beyond this machine needs the setting that says it is unsafe.

import { SallyportError } from '#core';
import type { Config } from './settings.ts';

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

export function isLoopback(host: string): boolean {
  return LOOPBACK.has(host);
}

export function checkListeners(config: Config): void {
  const beyond = [config.gatewayHost, config.controlHost].filter((host) => !LOOPBACK.has(host));
  if (beyond.length === 0 || config.unsafeListenWithoutTls || config.tlsCertFile !== null) return;
  throw new SallyportError(
    'MAIN_LISTEN_UNSAFE',
    `Listening on ${beyond[0]} without TLS would send keys readable over the network. Set tlsCertFile and tlsKeyFile, put a TLS proxy in front of 127.0.0.1, or pass --unsafe-listen-without-tls.`,
  );
}

/** Turns what `listen` throws into a sentence about what to do. */
export function listenFault(what: string, port: number, cause: unknown): SallyportError {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === 'EADDRINUSE') {
    return new SallyportError(
      'MAIN_PORT_TAKEN',
      `Port ${port} of the ${what} is taken by another program; stop it or choose another port.`,
      { cause },
    );
  }
  return new SallyportError('MAIN_LISTEN_FAILED', `The ${what} could not listen on port ${port} (${code ?? 'unknown reason'}).`, { cause });
}
