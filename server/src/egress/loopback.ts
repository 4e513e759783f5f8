// A client for our own control plane on this machine, for the command line. It connects to loopback addresses and nowhere else,
// so it can not be turned into a way around the pinned door.

import { Readable } from 'node:stream';
import { Agent, request } from 'undici';
import { SallyportError } from '#core';

const LOOPBACK = /^https?:\/\/(?:127\.0\.0\.1|\[::1\]):\d{1,5}$/;
/** The control plane answers from memory and Postgres; an export streams and has no total limit. */
const HEADERS_TIMEOUT_MS = 60_000;
const LONG_TIMEOUT_MS = 60 * 60_000;
const MAX_BYTES = 64 * 1024 * 1024;

export interface LoopbackReply {
  readonly status: number;
  readonly body: AsyncIterable<Uint8Array>;
  /** The whole body as text. */
  text(): Promise<string>;
}

/** The one certificate the other side may show. */
export interface PinnedCertificate {
  readonly pem: string;
  /** SHA-256 over its DER, as `X509Certificate.fingerprint256` writes it. */
  readonly fingerprint256: string;
}

export interface LoopbackClient {
  send(call: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string | AsyncIterable<Uint8Array> | null;
    /** The answer comes when the work is done. */
    readonly isLong?: boolean;
  }): Promise<LoopbackReply>;
  close(): Promise<void>;
}

/** Over TLS the other side is known by its certificate, whatever names stand in it: none of them is an address of this machine. */
export function createLoopbackClient(origin: string, certificate: PinnedCertificate | null = null): LoopbackClient {
  if (!LOOPBACK.test(origin) || origin.startsWith('https:') !== (certificate !== null))
    throw new SallyportError('EGRESS_ADDRESS_FORBIDDEN', 'The local client reaches this machine only.');
  const dispatcher = new Agent({ connections: 4, ...(certificate === null ? {} : { connect: pinned(certificate) }) });
  return {
    send: async (call) => {
      const reply = await request(`${origin}${call.path}`, {
        dispatcher,
        method: call.method as 'GET',
        headers: { ...call.headers },
        body: call.body === null || typeof call.body === 'string' ? call.body : Readable.from(call.body, { objectMode: false }),
        headersTimeout: call.isLong === true ? LONG_TIMEOUT_MS : HEADERS_TIMEOUT_MS,
      }).catch(() => {
        // Without its cause, which may quote bytes of a reply.
        throw new SallyportError('EGRESS_CONNECT_FAILED', `Nothing answers at ${origin}; is the server running?`, { retryable: true });
      });
      return { status: reply.statusCode, body: reply.body, text: () => bounded(reply.body) };
    },
    close: () => dispatcher.destroy(),
  };
}

function pinned({ pem, fingerprint256 }: PinnedCertificate) {
  return {
    ca: [pem],
    allowPartialTrustChain: true,
    checkServerIdentity: (_host: string, presented: { readonly fingerprint256: string }) =>
      presented.fingerprint256 === fingerprint256 ? undefined : new Error('another certificate'),
  };
}

async function bounded(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > MAX_BYTES) throw new SallyportError('EGRESS_REPLY_TOO_LARGE', 'The reply is too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
