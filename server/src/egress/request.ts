// The shape of a request, and the checks that cost nothing: method, path inside the prefix, headers, limits.
// It must never repair a request; what is not clean is refused.

import { EgressFault } from './errors.ts';

export interface EgressLimits {
  readonly connectMs: number;
  readonly headersMs: number;
  readonly idleMs: number;
  readonly totalMs: number;
  readonly maxResponseBytes: number;
}

export interface EgressRequest {
  readonly destination: {
    readonly origin: string;
    /** `/` or a path such as `/v1`; the request's path must lie in it, segment by segment. */
    readonly pathPrefix: string;
    /** When given, no other method may be used. */
    readonly methods?: readonly string[];
    /** Sample data may reach the sample parts that run in this process; nothing else may. */
    readonly isSample?: boolean;
  };
  readonly method: string;
  /** Path and query as they go on the wire, beginning with `/`. */
  readonly path: string;
  /** Lower-case names. Host, length, encoding and connection headers are ours. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | null;
  readonly signal: AbortSignal;
  readonly limits: EgressLimits;
}

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const BODYLESS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
const OURS: ReadonlySet<string> = new Set(
  'host content-length transfer-encoding connection keep-alive proxy-connection proxy-authorization te trailer upgrade expect accept-encoding'.split(
    ' ',
  ),
);
const HEADER_NAME = /^[a-z0-9!#$%&'*+.^_`|~-]{1,100}$/;
// No space, quote, `#`, `<`, `>`, `\`, `^`, backtick, brace, control or non-ASCII character; a percent sign only before two hex digits.
const PATH = /^\/(?:[!$&-;=?-[\]_a-z|~]|%[0-9a-f]{2})*$/i;
const DOT_SEGMENT = /(?:\/|%2f)(?:\.|%2e){1,2}(?:\/|%2f|$)/i;
const ENCODED_SEPARATOR = /%(?:2f|5c|00)/i;
export const MAX_PATH_CHARS = 8_192; // common servers stop here
export const MAX_HEADERS = 64;
export const MAX_HEADER_CHARS = 32_768;

/** The headers as undici takes them, name after value; or the fault that forbids sending. */
export function prepareHeaders(request: EgressRequest): string[] | EgressFault {
  const { method, body, headers, limits } = request;
  if (!METHODS.has(method) || request.destination.methods?.includes(method) === false) {
    return new EgressFault('EGRESS_METHOD_FORBIDDEN', false);
  }
  if (!isPathInside(request.path, request.destination.pathPrefix)) return new EgressFault('EGRESS_PATH_FORBIDDEN', false);
  if (!areLimits(limits) || (body !== null && body.byteLength > 0 && BODYLESS.has(method))) return invalid();
  const flat: string[] = ['accept-encoding', 'identity'];
  let chars = 0;
  for (const name of Object.keys(headers)) {
    const value = headers[name] as string;
    if (OURS.has(name) || !HEADER_NAME.test(name) || typeof value !== 'string') return invalid();
    chars += name.length + value.length;
    flat.push(name, value);
  }
  return chars > MAX_HEADER_CHARS || flat.length > 2 * (MAX_HEADERS + 1) ? invalid() : flat;
}

/** True when the path is clean and below the prefix; `/v1` holds `/v1`, `/v1/x` and `/v1?x` and not `/v10`. */
export function isPathInside(path: string, prefix: string): boolean {
  if (path.length > MAX_PATH_CHARS || !PATH.test(path)) return false;
  const end = path.indexOf('?');
  const pathname = end < 0 ? path : path.slice(0, end);
  if (DOT_SEGMENT.test(pathname) || ENCODED_SEPARATOR.test(pathname) || pathname.includes('//')) return false;
  if (prefix === '' || prefix === '/') return true;
  if (!pathname.startsWith(prefix)) return false;
  return pathname.length === prefix.length || prefix.endsWith('/') || pathname[prefix.length] === '/';
}

function areLimits(limits: EgressLimits): boolean {
  const { connectMs, headersMs, idleMs, totalMs, maxResponseBytes } = limits;
  return connectMs > 0 && headersMs > 0 && idleMs > 0 && totalMs > 0 && maxResponseBytes >= 0;
}

function invalid(): EgressFault {
  return new EgressFault('EGRESS_REQUEST_INVALID', false);
}
