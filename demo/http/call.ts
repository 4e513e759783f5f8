// One HTTP request over a kept-alive loopback connection, with the whole reply collected.
// It sends the path and body exactly as given: a demo attack must reach the server unrepaired.

import { Agent, request as openRequest } from 'node:http';

const keepAlive = new Agent({ keepAlive: true, maxSockets: 16 });
const DEFAULT_TIMEOUT_MS = 30_000;

export interface HttpCall {
  readonly method: string;
  /** Origin plus path prefix, e.g. `http://127.0.0.1:4800/v1`. */
  readonly baseUrl: string;
  /** Appended unchanged, query included. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs?: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The body as JSON, or null when it is none. */
  readonly json: unknown;
}

export function callHttp(call: HttpCall): Promise<HttpAnswer> {
  const base = new URL(call.baseUrl);
  const prefix = base.pathname === '/' ? '' : base.pathname.replace(/\/$/, '');
  const headers: Record<string, string> = { accept: 'application/json', ...call.headers };
  if (call.body !== undefined) {
    headers['content-type'] ??= 'application/json';
    headers['content-length'] = String(Buffer.byteLength(call.body));
  }
  return new Promise((resolve, reject) => {
    const request = openRequest(
      { agent: keepAlive, host: base.hostname, port: base.port, method: call.method, path: prefix + call.path, headers },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const flat = Object.entries(response.headers).map(([name, value]) => [
            name,
            Array.isArray(value) ? value.join(', ') : (value ?? ''),
          ]);
          resolve({ status: response.statusCode ?? 0, headers: Object.fromEntries(flat), text, json: parseOrNull(text) });
        });
      },
    );
    request.setTimeout(call.timeoutMs ?? DEFAULT_TIMEOUT_MS, () => request.destroy(new Error(`no answer from ${base.host} in time`)));
    request.on('error', reject);
    request.end(call.body);
  });
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
