// Turns whatever the HTTP client or the socket reports into one of our faults. Nothing else reads their error codes.

import { EgressFault } from './errors.ts';

export interface WireState {
  readonly sent: boolean;
  readonly hasHead: boolean;
}

export function wireFault(error: unknown, state: WireState): EgressFault {
  if (error instanceof EgressFault) return error.sent === state.sent || !state.sent ? error : new EgressFault(error.code, true, error);
  const cause = outline(error);
  const { sent, hasHead } = state;
  switch (errorCode(error)) {
    case 'UND_ERR_HEADERS_TIMEOUT':
      return new EgressFault('EGRESS_HEADERS_TIMEOUT', sent, cause);
    case 'UND_ERR_BODY_TIMEOUT':
      return new EgressFault('EGRESS_IDLE_TIMEOUT', sent, cause);
    case 'UND_ERR_HEADERS_OVERFLOW':
      return new EgressFault('EGRESS_REPLY_HEADERS_TOO_LARGE', sent, cause);
    case 'UND_ERR_INVALID_ARG':
      return new EgressFault('EGRESS_REQUEST_INVALID', sent, cause);
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
      return new EgressFault(hasHead ? 'EGRESS_REPLY_TRUNCATED' : 'EGRESS_REPLY_MALFORMED', sent, cause);
    case 'UND_ERR_CLOSED':
    case 'UND_ERR_DESTROYED':
      return new EgressFault('EGRESS_CLOSED', sent, cause);
  }
  if (errorName(error) === 'HTTPParserError') return new EgressFault('EGRESS_REPLY_MALFORMED', sent, cause);
  if (!sent) return new EgressFault('EGRESS_CONNECT_FAILED', false, cause);
  return new EgressFault(hasHead ? 'EGRESS_REPLY_TRUNCATED' : 'EGRESS_UPSTREAM_CLOSED', true, cause);
}

/** Name and code of a foreign error. Its message and fields stay behind: a parser error carries the bytes of the reply. */
export function outline(error: unknown): Error {
  return new Error([errorName(error), errorCode(error)].filter((part) => part !== '').join(' '));
}

export function errorCode(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}

function errorName(error: unknown): string {
  return error instanceof Error ? error.name : '';
}
