// Errors of the connector surface: RFC 9457 problem+json with our code, the call id and, where a person must decide, the approval id.

import type { ServerResponse } from 'node:http';
import type { CallId } from '#core';
import type { Failure } from './failure.ts';
import { sendWhole } from './http-reply.ts';

export function problemOf(call: CallId, failure: Failure): object {
  return {
    type: `urn:sallyport:code:${failure.code}`,
    title: failure.kind === 'refusal' ? 'Refused' : failure.kind === 'usage' ? 'Invalid request' : 'Failed',
    status: failure.status,
    code: failure.code,
    detail: failure.message,
    call,
    ...(failure.approval === null ? {} : { approval: failure.approval, result: `/connect/-/approvals/${failure.approval}` }),
    evidence: failure.evidence,
  };
}

export function sendProblem(response: ServerResponse, call: CallId, failure: Failure): void {
  sendWhole(response, call, {
    status: failure.status,
    contentType: 'application/problem+json',
    body: JSON.stringify(problemOf(call, failure)),
    headers: retryHeader(failure),
  });
}

export function retryHeader(failure: Failure): Readonly<Record<string, string>> {
  return failure.retryAfterMs === null ? {} : { 'retry-after': String(Math.ceil(failure.retryAfterMs / 1000)) };
}
