// Where a request came from and why its sender says it is made. It goes sealed beside the event of what was changed, and nowhere else.
// INVARIANT: the address is the one the socket has, unless that is a proxy the operator trusts; no other header can claim one.

import type { FastifyRequest } from 'fastify';
import { type Refusal, refuse, type Via } from '#core';

/** Percent-encoded UTF-8, so that any language can stand in it. */
export const REASON_HEADER = 'x-sallyport-reason';
/** A sentence or two; what is longer belongs into a document the reason can name. */
export const MAX_REASON_CHARS = 500;
const MAX_ENCODED_CHARS = 6_000;
const MAX_DEVICE_CHARS = 256;
const MAX_ADDRESS_CHARS = 64;

/** Says whose address it is, of the socket's and what a proxy wrote. */
export type AddressOf = (socket: string | undefined, forwarded: string | undefined) => string | null;

/** As the limits on trying count it: behind a proxy the operator trusts, one person's tries are not everybody's. */
export function addressFor({ headers, socket }: FastifyRequest, addressOf: AddressOf): string | null {
  const forwarded = headers['x-forwarded-for'];
  return addressOf(socket.remoteAddress, typeof forwarded === 'string' ? forwarded : forwarded?.join(','));
}

export function viaOf(request: FastifyRequest, addressOf: AddressOf): Via | Refusal {
  const reason = reasonOf(request.headers[REASON_HEADER]);
  if (typeof reason === 'object' && reason !== null) return reason;
  const address = addressFor(request, addressOf);
  return {
    address: address === null ? null : address.slice(0, MAX_ADDRESS_CHARS),
    device: deviceOf(request.headers['user-agent']),
    reason,
  };
}

function deviceOf(agent: string | undefined): string | null {
  const plain = (agent ?? '').replace(/[^\x20-\x7e]/g, '?').trim();
  return plain === '' ? null : plain.slice(0, MAX_DEVICE_CHARS);
}

function reasonOf(header: string | readonly string[] | undefined): string | null | Refusal {
  if (header === undefined) return null;
  if (typeof header !== 'string' || header.length > MAX_ENCODED_CHARS) return unusable();
  let text: string;
  try {
    text = decodeURIComponent(header).trim();
  } catch {
    return unusable();
  }
  if (!text.isWellFormed() || text.length > MAX_REASON_CHARS || /\p{Cc}/u.test(text)) return unusable();
  return text === '' ? null : text;
}

function unusable(): Refusal {
  const sentence = `A reason is one line of at most ${MAX_REASON_CHARS} characters, percent-encoded in the header ${REASON_HEADER}.`;
  return refuse('CONTROL_REQUEST_INVALID', sentence, { field: 'reason' });
}
