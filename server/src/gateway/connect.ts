// Reads a connector call: `/connect/<integration>/<path>?<query>` with an optional JSON body.

import type { IncomingMessage } from 'node:http';
import { isJsonFault, isRefusal, type JsonValue, type OperationRequest, parseStrictJson, type Refusal, refuse } from '#core';
import { readBody } from './body.ts';
import { MAX_CONNECT_BODY_BYTES, MAX_JSON_DEPTH } from './limits.ts';

const TARGET = /^\/connect\/([a-z0-9][a-z0-9-]{0,62})(\/[^?#]*)(?:\?([^#]*))?$/;

export interface ConnectTarget {
  readonly integration: string;
  /** Still percent-encoded. */
  readonly path: string;
  readonly query: readonly (readonly [string, string])[];
}

export async function decodeConnect(request: IncomingMessage): Promise<OperationRequest | Refusal> {
  const target = readTarget(request.url ?? '');
  if (isRefusal(target)) return target;
  const body = await readJson(request);
  if (isRefusal(body)) return body;
  return { kind: 'operation', ...target, method: request.method ?? 'GET', body: body.value };
}

export function readTarget(url: string): ConnectTarget | Refusal {
  const match = TARGET.exec(url);
  if (match === null) return refuse('GATEWAY_ROUTE_UNKNOWN', 'Call /connect/<integration>/<path of the integration>.');
  const [, integration = '', path = '', query = ''] = match;
  if (!isPercentEncoded(query)) return refuse('GATEWAY_REQUEST_INVALID', 'The query is not percent-encoded UTF-8.', { field: 'query' });
  return { integration, path, query: [...new URLSearchParams(query)] };
}

/** URLSearchParams puts replacement characters where it can not read; an effect must not run on those. */
function isPercentEncoded(query: string): boolean {
  try {
    decodeURIComponent(query);
    return true;
  } catch {
    return false;
  }
}

async function readJson(request: IncomingMessage): Promise<{ value: JsonValue | undefined } | Refusal> {
  const bytes = await readBody(request, MAX_CONNECT_BODY_BYTES);
  if (isRefusal(bytes)) return bytes;
  if (bytes.byteLength === 0) return { value: undefined };
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type))
    return refuse('GATEWAY_CONTENT_TYPE', 'Send the body as application/json.');
  const value = parseStrictJson(bytes, { maxBytes: MAX_CONNECT_BODY_BYTES, maxDepth: MAX_JSON_DEPTH });
  if (isJsonFault(value))
    return refuse('GATEWAY_BODY_INVALID', 'The request body is not strict JSON.', { fault: value.code, at: value.at });
  return { value };
}
