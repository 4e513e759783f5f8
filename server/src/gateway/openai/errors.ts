// Errors in the form OpenAI clients parse, whole and inside a stream.

import type { ServerResponse } from 'node:http';
import type { CallId } from '#core';
import type { Failure } from '../failure.ts';
import { sendWhole } from '../http-reply.ts';
import { retryHeader } from '../problem.ts';

const TYPES = { refusal: 'sallyport_refusal', fault: 'sallyport_fault', usage: 'invalid_request_error' } as const;

export function openaiError(call: CallId, failure: Failure): string {
  return JSON.stringify({
    error: {
      message: `${failure.message} (call ${call})`,
      type: TYPES[failure.kind],
      code: failure.code,
      param: typeof failure.evidence.field === 'string' ? failure.evidence.field : null,
      call,
      // A person must decide first: where the answer will be once they did.
      ...(failure.approval === null ? {} : { approval: failure.approval, result: `/connect/-/approvals/${failure.approval}` }),
    },
  });
}

export function sendOpenaiError(response: ServerResponse, call: CallId, failure: Failure): void {
  sendWhole(response, call, {
    status: failure.status,
    contentType: 'application/json',
    body: openaiError(call, failure),
    // The official SDKs obey this header before they look at the status.
    headers: { 'x-should-retry': failure.kind === 'fault' ? 'true' : 'false', ...retryHeader(failure) },
  });
}

/** The stream ends with an error event and without `[DONE]`, so that no client takes what came before for a whole reply. */
export function endStreamWithError(response: ServerResponse, call: CallId, failure: Failure): void {
  response.end(`data: ${openaiError(call, failure)}\n\n`);
}
