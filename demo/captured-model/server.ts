// The captured model as a server. It listens on loopback only, opens no connection and remembers every request it got,
// byte for byte, so that a test can look for what should never have reached a model.

import type { ServerResponse } from 'node:http';
import { type DemoReply, type DemoRequest, serve, type TakeOver } from '../http/index.ts';
import { think } from './think.ts';
import type { ChatRequest } from './types.ts';
import { chunks, completion } from './wire.ts';

export const CAPTURED_MODELS: readonly string[] = ['captured-1', 'captured-1-mini'];
/** Older requests are dropped, and the number of dropped ones is told. */
const MAX_LOGGED = 10_000;

export interface CapturedModelOptions {
  /** 0 takes any free port. */
  readonly port: number;
  /** When set, requests must carry it as bearer token. */
  readonly apiKey?: string;
  /** Pause between stream chunks, for tests of aborts and slow streams. */
  readonly chunkDelayMs?: number;
}

export interface LoggedRequest {
  /** 1, 2, 3 and so on. */
  readonly seq: number;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

export interface CapturedModel {
  readonly url: string;
  /** Everything received under /v1, oldest first. */
  readonly requests: readonly LoggedRequest[];
  /** Streams whose reader went away before the end. */
  readonly abortedStreams: () => number;
  close(): Promise<void>;
}

export async function startCapturedModel(options: CapturedModelOptions): Promise<CapturedModel> {
  const requests: LoggedRequest[] = [];
  let seq = 0;
  let aborted = 0;

  const handle = (request: DemoRequest): DemoReply | TakeOver => {
    if (request.rawPath === '/__demo/requests') {
      const after = Number(request.query.get('after') ?? 0);
      return { status: 200, json: { requests: requests.filter((entry) => entry.seq > after), dropped: seq - requests.length } };
    }
    requests.push({ seq: ++seq, method: request.method, path: request.rawPath, headers: { ...request.headers }, body: request.body });
    if (requests.length > MAX_LOGGED) requests.shift();
    if (options.apiKey !== undefined && request.headers.authorization !== `Bearer ${options.apiKey}`) {
      return failure(401, 'Incorrect API key provided.', 'invalid_request_error', 'invalid_api_key');
    }
    if (request.method === 'GET' && request.rawPath === '/v1/models') return { status: 200, json: modelList() };
    if (request.method !== 'POST' || request.rawPath !== '/v1/chat/completions') {
      return failure(404, `Unknown request URL: ${request.method} ${request.rawPath}.`, 'invalid_request_error', 'unknown_url');
    }
    return chat(request.body, options.chunkDelayMs ?? 0, () => aborted++);
  };

  const server = await serve({ name: 'captured model: obeys anybody', port: options.port, handle });
  return { url: server.url, requests, abortedStreams: () => aborted, close: server.close };
}

function chat(body: string, chunkDelayMs: number, onAbort: () => void): DemoReply | TakeOver {
  const request = parseRequest(body);
  if (request === null) return failure(400, 'The body is not a chat completion request.', 'invalid_request_error', null);
  if (!CAPTURED_MODELS.includes(request.model)) {
    return failure(404, 'The model does not exist or you do not have access to it.', 'invalid_request_error', 'model_not_found');
  }
  const turn = think(request);
  if (request.stream !== true) return { status: 200, json: completion(request, body, turn) };
  return (response) => stream(response, chunks(request, body, turn), chunkDelayMs, onAbort);
}

function stream(response: ServerResponse, payloads: readonly string[], delayMs: number, onAbort: () => void): void {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
  let next = 0;
  let timer: NodeJS.Timeout | undefined;
  response.on('close', () => {
    clearTimeout(timer);
    if (next < payloads.length) onAbort();
  });
  const write = (): void => {
    while (next < payloads.length) {
      response.write(`data: ${payloads[next++]}\n\n`);
      if (delayMs > 0 && next < payloads.length) {
        timer = setTimeout(write, delayMs);
        return;
      }
    }
    response.end();
  };
  write();
}

function parseRequest(body: string): ChatRequest | null {
  try {
    const parsed = JSON.parse(body) as Partial<ChatRequest> | null;
    return typeof parsed?.model === 'string' && Array.isArray(parsed.messages) ? (parsed as ChatRequest) : null;
  } catch {
    return null;
  }
}

function modelList(): unknown {
  return {
    object: 'list',
    data: CAPTURED_MODELS.map((id) => ({ id, object: 'model', created: 1_790_000_000, owned_by: 'sallyport-demo' })),
  };
}

function failure(status: number, message: string, type: string, code: string | null): DemoReply {
  return { status, json: { error: { message, type, param: null, code } } };
}
