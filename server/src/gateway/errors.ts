// Codes of the HTTP surfaces themselves.

import type { CodeTable } from '#core';

export const gatewayCodes: CodeTable = {
  GATEWAY_ROUTE_UNKNOWN: {
    kind: 'usage',
    status: 404,
    sentence: 'There is no such route on the gateway; see the list of routes in the docs.',
  },
  GATEWAY_METHOD_NOT_ALLOWED: { kind: 'usage', status: 405, sentence: 'This route does not take that method.' },
  GATEWAY_BODY_TOO_LARGE: { kind: 'usage', status: 413, sentence: 'The request body is larger than this route takes.' },
  GATEWAY_BODY_INVALID: {
    kind: 'usage',
    status: 400,
    sentence: 'The request body is not strict JSON; the evidence names the fault and its position.',
  },
  GATEWAY_BODY_INCOMPLETE: { kind: 'usage', status: 400, sentence: 'The request ended before its body was complete.' },
  GATEWAY_BODY_SLOW: { kind: 'usage', status: 408, sentence: 'The request body arrived too slowly.' },
  GATEWAY_CONTENT_TYPE: { kind: 'usage', status: 415, sentence: 'Send the body as application/json without a content encoding.' },
  GATEWAY_REQUEST_INVALID: {
    kind: 'usage',
    status: 400,
    sentence: 'The request lacks a field this route needs or holds one in a form it does not take.',
  },
  GATEWAY_HOOK_UNSIGNED: {
    kind: 'refusal',
    status: 401,
    sentence: 'The delivery lacks webhook-id, webhook-timestamp or webhook-signature; only signed deliveries are taken.',
  },
  GATEWAY_DELIVERY_FAILED: {
    kind: 'fault',
    status: 503,
    sentence: 'The delivery could not be written, and nothing of it was; its sender delivers it again.',
  },
  GATEWAY_HEADER_INVALID: { kind: 'usage', status: 400, sentence: 'A header is present twice or is not in the form it should have.' },
  GATEWAY_HEADER_TOO_LARGE: { kind: 'usage', status: 431, sentence: 'The headers of the request are larger than the gateway takes.' },
  GATEWAY_REQUEST_MALFORMED: { kind: 'usage', status: 400, sentence: 'The bytes on the connection are not an HTTP request.' },
  GATEWAY_EXPECTATION: { kind: 'usage', status: 417, sentence: 'The gateway meets no expectation but 100-continue.' },
  GATEWAY_UPSTREAM_SHAPE: {
    kind: 'refusal',
    status: 403,
    sentence: 'The model answered in a form the gateway can not check; the reply is withheld.',
  },
  GATEWAY_STOPPING: { kind: 'fault', status: 503, sentence: 'The gateway is shutting down; try again shortly.' },
};
