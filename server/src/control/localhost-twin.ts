// `localhost` is 127.0.0.1 to some browsers and ::1 to others; people sign in by that name, because a passkey needs one. So whoever
// listens on the one listens on the other too: a program that took the same port there would be sent sign-in links meant for us.

import type { RequestListener, Server } from 'node:http';

/** This machine has no such address. */
const ABSENT: ReadonlySet<unknown> = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL']);

/** Null where this machine speaks no IPv6. Rejects when somebody else has the port. */
export function listenOnTwin(make: (handler: RequestListener) => Server, handler: RequestListener, port: number): Promise<Server | null> {
  return new Promise((listening, failed) => {
    const server = make(handler);
    server.once('error', (fault) => {
      if (ABSENT.has((fault as { code?: unknown }).code)) listening(null);
      else failed(fault);
    });
    server.listen({ host: '::1', port, ipv6Only: true }, () => listening(server));
  });
}

export function closeTwin(server: Server | null): Promise<void> {
  if (server === null) return Promise.resolve();
  return new Promise((closed) => {
    server.close(() => closed());
    server.closeAllConnections();
  });
}
