// Every bound of the data plane, with its reason.

/** A 200k-token context of text is about 1 MB; ten times that leaves room for tool results. */
export const MAX_CHAT_BODY_BYTES = 10 * 1024 * 1024;
/** Connector calls carry arguments, not documents. */
export const MAX_CONNECT_BODY_BYTES = 1024 * 1024;
/** A delivery names an order or a ticket and may carry it whole; the largest of real shops stay under this. */
export const MAX_HOOK_BODY_BYTES = 256 * 1024;
/** Signatures of two secrets, and an id; anything longer is no sender's. */
export const MAX_HOOK_HEADER_CHARS = 1024;
/** JSON nesting of real requests stays under 20. */
export const MAX_JSON_DEPTH = 64;
/** One server-sent event of a model; larger ones are not what the protocol sends. */
export const MAX_FRAME_BYTES = 1024 * 1024;
/** All tool-call arguments of one reply, held until they are whole. */
export const MAX_TOOL_CALL_CHARS = 1024 * 1024;
/** Time for the whole request, headers and body, to arrive. */
export const REQUEST_TIMEOUT_MS = 60_000;
export const HEADERS_TIMEOUT_MS = 15_000;
export const KEEP_ALIVE_MS = 65_000;
/** A connection on which nothing moved for longer than a model may think is dead, or its caller does not read. */
export const SOCKET_IDLE_MS = 330_000;
/** How often Node looks for requests that are too slow. */
export const CHECK_EVERY_MS = 5_000;
export const MAX_HEADER_BYTES = 16 * 1024;
/** Concurrent sockets; past it new ones are closed rather than queued without bound. */
export const MAX_CONNECTIONS = 10_000;

export interface Timeouts {
  readonly requestMs: number;
  readonly headersMs: number;
  readonly keepAliveMs: number;
  readonly idleMs: number;
  readonly checkEveryMs: number;
}

export const TIMEOUTS: Timeouts = Object.freeze({
  requestMs: REQUEST_TIMEOUT_MS,
  headersMs: HEADERS_TIMEOUT_MS,
  keepAliveMs: KEEP_ALIVE_MS,
  idleMs: SOCKET_IDLE_MS,
  checkEveryMs: CHECK_EVERY_MS,
});
