// Lends oauth4webapi a way to the identity provider: a port that main wires to the one outbound door. Nothing here opens a connection.

/** One exchange, already bounded in time and size. Rejects when nothing came back. */
export interface FederationTransport {
  send(request: {
    readonly url: string;
    readonly method: 'GET' | 'POST';
    readonly headers: Readonly<Record<string, string>>;
    readonly body: Uint8Array | null;
  }): Promise<{ readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: Uint8Array }>;
}

interface FetchOptions {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** Marks that the provider could not be reached, apart from everything it may answer. */
export class Unreachable extends Error {}

/** In the form in which oauth4webapi asks. Its own requests are GET, and POST with a form. */
export function fetchOver(transport: FederationTransport): (url: string, options: FetchOptions) => Promise<Response> {
  return async (url, { method, headers, body }) => {
    const reply = await transport
      .send({
        url,
        method: method === 'POST' ? 'POST' : 'GET',
        headers,
        body: body === undefined || body === null ? null : Buffer.from(String(body), 'utf8'),
      })
      .catch((cause: unknown) => {
        throw new Unreachable('the identity provider did not answer', { cause });
      });
    // 1xx, 204, 205 and 304 carry no body, and the platform insists on it.
    const isEmpty = reply.body.byteLength === 0 || reply.status === 204 || reply.status === 205 || reply.status === 304;
    return new Response(isEmpty ? null : Buffer.from(reply.body), { status: reply.status, headers: { ...reply.headers } });
  };
}
