import { describe, expect, test } from 'vitest';
import { type EgressCode, EgressFault, egressCodes } from './errors.ts';

describe('egress codes', () => {
  test('the list of codes is a contract', () => {
    expect(Object.keys(egressCodes).sort()).toEqual([
      'EGRESS_ABORTED',
      'EGRESS_ADDRESS_FORBIDDEN',
      'EGRESS_BUSY',
      'EGRESS_CLOSED',
      'EGRESS_CONNECT_FAILED',
      'EGRESS_CONNECT_TIMEOUT',
      'EGRESS_DESTINATION_MALFORMED',
      'EGRESS_DNS_FAILED',
      'EGRESS_HEADERS_TIMEOUT',
      'EGRESS_IDLE_TIMEOUT',
      'EGRESS_METHOD_FORBIDDEN',
      'EGRESS_OWN_ADDRESS',
      'EGRESS_PATH_FORBIDDEN',
      'EGRESS_PLAINTEXT_FORBIDDEN',
      'EGRESS_PORT_FORBIDDEN',
      'EGRESS_REPLY_ENCODED',
      'EGRESS_REPLY_HEADERS_TOO_LARGE',
      'EGRESS_REPLY_MALFORMED',
      'EGRESS_REPLY_TOO_LARGE',
      'EGRESS_REPLY_TRUNCATED',
      'EGRESS_REQUEST_INVALID',
      'EGRESS_TLS_FAILED',
      'EGRESS_TLS_UNTRUSTED',
      'EGRESS_TOTAL_TIMEOUT',
      'EGRESS_UPSTREAM_CLOSED',
    ]);
  });

  test('a refused destination is never worth repeating', () => {
    for (const [code, entry] of Object.entries(egressCodes)) {
      if (entry.kind === 'refusal') expect(new EgressFault(code as EgressCode, false).retryable).toBe(false);
    }
  });
});
