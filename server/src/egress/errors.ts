// Every code this room can fail with, and the fault that carries it.
// INVARIANT: `sent` is false only when no byte of the request can have reached the upstream.

import { type CodeEntry, type CodeTable, SallyportError } from '#core';

interface EgressEntry extends CodeEntry {
  /** Whether the same request can succeed later; says nothing about whether repeating it is safe (see `sent`). */
  readonly retryable: boolean;
}

const refusal = (sentence: string): EgressEntry => ({ kind: 'refusal', status: 403, retryable: false, sentence });
const passing = (status: number, sentence: string): EgressEntry => ({ kind: 'fault', status, retryable: true, sentence });
const lasting = (sentence: string): EgressEntry => ({ kind: 'fault', status: 502, retryable: false, sentence });

const entries = {
  EGRESS_DESTINATION_MALFORMED: refusal(
    'The destination is not of the form https://host or https://host:port in lower case; write it in exactly that form.',
  ),
  EGRESS_PLAINTEXT_FORBIDDEN: refusal(
    'Plain http is only for local destinations on the operator\u2019s allow-list; use https or add host and port to the list.',
  ),
  EGRESS_PORT_FORBIDDEN: refusal(
    'That port is not one for HTTP; use 443 or a port from 1024 up, or add host and port to the operator\u2019s allow-list.',
  ),
  EGRESS_ADDRESS_FORBIDDEN: refusal(
    'The destination resolves to a private, reserved or metadata address; only local addresses can be allowed, by the operator\u2019s list.',
  ),
  EGRESS_OWN_ADDRESS: refusal(
    'The destination is one of this installation\u2019s own listeners or its database; it can never be called from here.',
  ),
  EGRESS_METHOD_FORBIDDEN: refusal('That method is not allowed for this destination.'),
  EGRESS_PATH_FORBIDDEN: refusal('The path is outside the destination\u2019s prefix or in a form that two parsers could read differently.'),
  EGRESS_REQUEST_INVALID: {
    kind: 'usage',
    status: 400,
    retryable: false,
    sentence:
      'The request has a header, body or limit that can not be sent; header names must be lower case and hop-by-hop headers are ours.',
  },
  EGRESS_DNS_FAILED: passing(502, 'The destination\u2019s name could not be resolved; check the name and the machine\u2019s resolver.'),
  EGRESS_CONNECT_FAILED: passing(502, 'The destination refused the connection or is not reachable; nothing was sent.'),
  EGRESS_CONNECT_TIMEOUT: passing(504, 'No connection to the destination was ready in time; nothing was sent.'),
  EGRESS_TLS_UNTRUSTED: lasting(
    'The destination\u2019s certificate is expired, for another name or not from a trusted authority; nothing was sent.',
  ),
  EGRESS_TLS_FAILED: passing(502, 'No TLS 1.2 or newer could be agreed with the destination; nothing was sent.'),
  EGRESS_HEADERS_TIMEOUT: passing(504, 'The destination took the request and did not begin to answer in time.'),
  EGRESS_IDLE_TIMEOUT: passing(504, 'The destination stopped in the middle of its reply.'),
  EGRESS_TOTAL_TIMEOUT: passing(504, 'The call took longer than it may in all.'),
  EGRESS_UPSTREAM_CLOSED: passing(502, 'The destination closed the connection without a reply.'),
  EGRESS_REPLY_TRUNCATED: passing(502, 'The destination\u2019s reply ended before it was complete.'),
  EGRESS_REPLY_MALFORMED: lasting('The destination\u2019s reply is not valid HTTP/1.1.'),
  EGRESS_REPLY_HEADERS_TOO_LARGE: lasting('The destination\u2019s reply has more or larger headers than are accepted.'),
  EGRESS_REPLY_TOO_LARGE: lasting('The destination\u2019s reply is larger than this call may receive.'),
  EGRESS_REPLY_ENCODED: lasting(
    'The destination compressed its reply although that was not asked for; what can not be read can not be checked.',
  ),
  EGRESS_ABORTED: { kind: 'fault', status: 499, retryable: false, sentence: 'The caller went away, so the call was broken off.' },
  EGRESS_BUSY: passing(503, 'Too many calls are waiting for this destination; nothing was sent.'),
  EGRESS_CLOSED: { kind: 'fault', status: 503, retryable: false, sentence: 'The gateway is shutting down.' },
} as const satisfies Readonly<Record<string, EgressEntry>>;

export type EgressCode = keyof typeof entries;
export const egressCodes: CodeTable = entries;

export class EgressFault extends SallyportError {
  declare readonly code: EgressCode;
  /** Whether any byte of the request may have reached the upstream: if so, an effect's outcome is unknown. */
  readonly sent: boolean;

  constructor(code: EgressCode, sent: boolean, cause?: unknown) {
    const entry: EgressEntry = entries[code];
    super(code, entry.sentence, { retryable: entry.retryable, ...(cause === undefined ? {} : { cause }) });
    this.name = 'EgressFault';
    this.sent = sent;
  }
}

export function isEgressFault(value: unknown): value is EgressFault {
  return value instanceof EgressFault;
}
