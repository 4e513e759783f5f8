// Reads a request body within bounds. Nothing is parsed before it is complete and small enough.

import type { IncomingMessage } from 'node:http';
import { type Refusal, refuse } from '#core';

export function readBody(request: IncomingMessage, maxBytes: number): Promise<Uint8Array | Refusal> {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    return Promise.resolve(refuse('GATEWAY_CONTENT_TYPE', 'Send the body without a content encoding.'));
  }
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > maxBytes) return Promise.resolve(tooLarge(maxBytes));
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    let size = 0;
    request.on('data', (chunk: Uint8Array) => {
      size += chunk.byteLength;
      if (size <= maxBytes) chunks.push(chunk);
      else {
        // The rest is thrown away as it comes: a paused request would hold its connection, a closed one could lose our answer.
        chunks.length = 0;
        resolve(tooLarge(maxBytes));
      }
    });
    request.on('end', () => resolve(chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks, size)));
    const incomplete = (): void => resolve(refuse('GATEWAY_BODY_INCOMPLETE', 'The request ended before its body was complete.'));
    request.on('error', incomplete);
    request.on('close', incomplete);
  });
}

function tooLarge(maxBytes: number): Refusal {
  return refuse('GATEWAY_BODY_TOO_LARGE', `The request body is larger than the ${maxBytes} bytes this route takes.`, { maxBytes });
}
