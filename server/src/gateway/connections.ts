// What happens on a connection beside whole requests: bytes that are no HTTP, headers without end, clients too slow, a shutdown.
// It must never write into a reply that has begun.

import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { CallId, Refusal } from '#core';
import { refuse } from '#core';
import type { Failure } from './failure.ts';
import { problemOf } from './problem.ts';

export interface ConnectionDeps {
  newCall(): CallId;
  describe(refusal: Refusal): Failure;
}

export interface Connections {
  /** Called for every request before it is routed. */
  opened(request: IncomingMessage, response: ServerResponse): void;
  /** From now on each connection ends with its reply. */
  finish(): void;
}

export function watchConnections(server: Server, deps: ConnectionDeps): Connections {
  const replies = new Set<ServerResponse>();
  const bySocket = new WeakMap<Duplex, Set<ServerResponse>>();
  let finishing = false;

  const answer = (socket: Duplex, refusal: Refusal): void => {
    const begun = [...(bySocket.get(socket) ?? [])].some((response) => response.headersSent);
    if (begun || !socket.writable) {
      socket.destroy();
      return;
    }
    const failure = deps.describe(refusal);
    const body = JSON.stringify(problemOf(deps.newCall(), failure));
    const head = [
      `HTTP/1.1 ${failure.status} ${STATUS_CODES[failure.status] ?? 'Refused'}`,
      'connection: close',
      'content-type: application/problem+json',
      `content-length: ${Buffer.byteLength(body)}`,
    ];
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
  };

  server.on('clientError', (error: NodeJS.ErrnoException, socket) => answer(socket, refusalOf(error.code)));
  server.on('connect', (_request, socket) => answer(socket, refuse('GATEWAY_METHOD_NOT_ALLOWED', 'The gateway is no tunnel.')));

  return {
    opened: (request, response) => {
      const { socket } = request;
      const open = bySocket.get(socket) ?? new Set();
      bySocket.set(socket, open.add(response));
      replies.add(response);
      if (finishing) response.shouldKeepAlive = false;
      response.on('close', () => {
        open.delete(response);
        replies.delete(response);
        // A reply that had begun when the shutdown came could not say that its connection ends.
        if (finishing) setImmediate(() => server.closeIdleConnections());
      });
    },
    finish: () => {
      finishing = true;
      for (const response of replies) response.shouldKeepAlive = false;
      server.closeIdleConnections();
    },
  };
}

function refusalOf(code: string | undefined): Refusal {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return refuse('GATEWAY_BODY_SLOW', 'The request arrived too slowly.');
    case 'HPE_HEADER_OVERFLOW':
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return refuse('GATEWAY_HEADER_TOO_LARGE', 'The headers of the request are larger than the gateway takes.');
    default:
      return refuse('GATEWAY_REQUEST_MALFORMED', 'The bytes on the connection are not an HTTP request.');
  }
}
