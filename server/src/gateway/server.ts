// The data plane's HTTP server: which route a request takes, what the guard is handed, and who encodes the answer.

import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import {
  type ApprovalId,
  type CallId,
  type CallRequest,
  type Clock,
  type CodeTable,
  firstRepeated,
  isRefusal,
  newId,
  parseId,
  type Random,
  type Received,
  type Refusal,
  refuse,
  SallyportError,
} from '#core';
import type { GuardResult, ModelProtocol, Reply } from '#enforcement';
import { readBody } from './body.ts';
import { decodeConnect } from './connect.ts';
import { watchConnections } from './connections.ts';
import { type Credential, calledOrigin, challenge, readCredential } from './credential.ts';
import { createFailures, type Failure } from './failure.ts';
import { type HookPorts, receiveHook } from './hooks.ts';
import { HttpReply, sendWhole } from './http-reply.ts';
import * as bounds from './limits.ts';
import { decodeChat, endStreamWithError, openaiProtocol, sendOpenaiError } from './openai/index.ts';
import { sendProblem } from './problem.ts';
import { type GatewayOrigins, isMetadataPath, metadataOf, resourceMetadata } from './resources.ts';

export interface GatewayDeps {
  readonly clock: Clock;
  readonly random: Random;
  /** The code tables of all rooms. */
  readonly codes: CodeTable;
  guard(received: Received, surface: { reply: Reply; protocol: ModelProtocol }): Promise<GuardResult>;
  listModels(received: Received): Promise<readonly { id: string; integration: string }[] | Refusal>;
  /** State and result of a stored call, for the workload that asked. */
  approvalResult(credential: Credential, approval: ApprovalId): Promise<object | Refusal>;
  /** Names of this gateway, and who issues tokens for it. */
  readonly at: GatewayOrigins;
  readonly hooks: HookPorts;
  /** The code every call is refused with while the installation may not serve; null when it does. */
  closed?(): string | null;
  /** Told of faults in the surface itself, by code only. */
  onFault(code: string, call: CallId): void;
  /** Absent: plain HTTP, for loopback or behind a TLS proxy. `attach` gets the server, to hand it renewed certificates. */
  readonly tls?: {
    readonly options: SecureContextOptions;
    attach(server: { setSecureContext(options: SecureContextOptions): void }): void;
  };
  /** Only tests of slow clients shorten them. */
  readonly timeouts?: Partial<bounds.Timeouts>;
}

export interface Gateway {
  listen(host: string, port: number): Promise<{ host: string; port: number }>;
  /** Stops taking calls, lets the ones under way end, then closes. */
  close(): Promise<void>;
}

/** Browsers that saw it once ask over TLS only, for a year. */
const HSTS = 'max-age=31536000';

type Encode = (response: ServerResponse, call: CallId, failure: Failure) => void;

export function createGateway(deps: GatewayDeps): Gateway {
  const failures = createFailures(deps.codes);
  let stopping = false;

  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const call = newId('call', deps.clock, deps.random);
    if (deps.tls !== undefined) response.setHeader('strict-transport-security', HSTS);
    connections.opened(request, response);
    const openai = (request.url ?? '').startsWith('/v1/');
    const encode: Encode = openai ? sendOpenaiError : sendProblem;
    route(request, response, call).catch((fault: unknown) => {
      const code = fault instanceof SallyportError ? fault.code : 'ENFORCEMENT_STAGE_UNAVAILABLE';
      deps.onFault(code, call);
      if (response.headersSent) response.destroy();
      else encode(response, call, failures({ kind: 'faulted', code, retryable: false }));
    });
  };

  const route = async (request: IncomingMessage, response: ServerResponse, call: CallId): Promise<void> => {
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    const encode: Encode = path.startsWith('/v1/') ? sendOpenaiError : sendProblem;
    const fail = (result: GuardResult | Refusal): void => encode(response, call, failures(result));
    if (stopping) return fail({ kind: 'faulted', code: 'GATEWAY_STOPPING', retryable: true });
    const closed = deps.closed?.() ?? null;
    if (closed !== null && path !== '/healthz') return fail({ kind: 'faulted', code: closed, retryable: false });
    const ambiguous = repeatedHeader(request);
    if (ambiguous !== null) return fail(ambiguous);
    if (path === '/healthz') return sendWhole(response, call, { status: 200, contentType: 'application/json', body: '{"status":"ok"}' });
    if (isMetadataPath(path)) return request.method === 'GET' ? metadata(request, response, call, path) : fail(wrongMethod('GET'));
    if (path === '/v1/chat/completions') return request.method === 'POST' ? chat(request, response, call) : fail(wrongMethod('POST'));
    if (path === '/v1/models') return request.method === 'GET' ? models(request, response, call) : fail(wrongMethod('GET'));
    if (path.startsWith('/connect/-/approvals/'))
      return request.method === 'GET' ? approval(request, response, call, path) : fail(wrongMethod('GET'));
    if (path.startsWith('/connect/')) return connect(request, response, call);
    if (path.startsWith('/hooks/')) return request.method === 'POST' ? hook(request, response, call, path) : fail(wrongMethod('POST'));
    fail(refuse('GATEWAY_ROUTE_UNKNOWN', 'There is no such route on the gateway.'));
  };

  /** Which names exist is nobody's to learn here: every well-formed one is answered alike. */
  const metadata = (request: IncomingMessage, response: ServerResponse, call: CallId, path: string): void => {
    const resource = metadataOf(path);
    if (resource === null) {
      sendProblem(response, call, failures(refuse('GATEWAY_ROUTE_UNKNOWN', 'There is no such resource.')));
      return;
    }
    const body = JSON.stringify(resourceMetadata(calledOrigin(request, deps.at), resource, deps.at.issuer()));
    const headers = { 'access-control-allow-origin': '*' };
    sendWhole(response, call, { status: 200, contentType: 'application/json', body, headers });
  };

  const told = (request: IncomingMessage, response: ServerResponse, result: GuardResult | Refusal): Failure => {
    const failure = failures(result);
    challenge(request, response, { failure, at: deps.at });
    return failure;
  };

  const chat = async (request: IncomingMessage, response: ServerResponse, call: CallId): Promise<void> => {
    const raw = await readBody(request, bounds.MAX_CHAT_BODY_BYTES);
    const decoded = isRefusal(raw) ? raw : decodeChat(raw);
    if (isRefusal(decoded)) return sendOpenaiError(response, call, failures(decoded));
    const reply = new HttpReply(response, call);
    const result = await deps.guard(received(request, response, call, decoded), { reply, protocol: openaiProtocol });
    if (result.kind === 'released' || result.kind === 'aborted') return closeAborted(response, result);
    if (!reply.begun) return sendOpenaiError(response, call, told(request, response, result));
    reply.flush();
    endStreamWithError(response, call, failures(result));
  };

  const connect = async (request: IncomingMessage, response: ServerResponse, call: CallId): Promise<void> => {
    const decoded = await decodeConnect(request);
    if (isRefusal(decoded)) return sendProblem(response, call, failures(decoded));
    const reply = new HttpReply(response, call);
    const result = await deps.guard(received(request, response, call, decoded), { reply, protocol: openaiProtocol });
    if (result.kind === 'released' || result.kind === 'aborted') return closeAborted(response, result);
    const failure = told(request, response, result);
    // "Try again later" is right for a look; a client that repeats an effect by itself is what we are here to prevent.
    const mayRepeat = failure.status !== 429 || request.method === 'GET';
    sendProblem(response, call, mayRepeat ? failure : { ...failure, status: 403, retryAfterMs: null });
  };

  const models = async (request: IncomingMessage, response: ServerResponse, call: CallId): Promise<void> => {
    const listing = {
      kind: 'model',
      integration: '',
      model: '',
      stream: false,
      raw: new Uint8Array(),
      body: {},
      parts: [],
      spots: [],
      action: 'list',
    } as const;
    const offered = await deps.listModels(received(request, response, call, listing));
    if (isRefusal(offered)) return sendOpenaiError(response, call, told(request, response, offered));
    const data = offered.map((model) => ({ id: model.id, object: 'model', created: 0, owned_by: model.integration }));
    sendWhole(response, call, { status: 200, contentType: 'application/json', body: JSON.stringify({ object: 'list', data }) });
  };

  const approval = async (request: IncomingMessage, response: ServerResponse, call: CallId, path: string): Promise<void> => {
    const id = parseId('apr', path.slice('/connect/-/approvals/'.length));
    const result =
      id === null
        ? refuse('GATEWAY_ROUTE_UNKNOWN', 'That is not an approval id.')
        : await deps.approvalResult(readCredential(request, deps.at), id);
    if (isRefusal(result)) return sendProblem(response, call, told(request, response, result));
    sendWhole(response, call, { status: 200, contentType: 'application/json', body: JSON.stringify(result) });
  };

  const hook = async (request: IncomingMessage, response: ServerResponse, call: CallId, path: string): Promise<void> => {
    const answer = await receiveHook(deps.hooks, request, path).catch((fault: unknown) => {
      deps.onFault(fault instanceof SallyportError ? fault.code : 'GATEWAY_DELIVERY_FAILED', call);
      return refuse('GATEWAY_DELIVERY_FAILED', 'The delivery could not be written; nothing of it was. Deliver it again.');
    });
    if (isRefusal(answer)) return sendProblem(response, call, failures(answer));
    const { status, runs } = answer;
    sendWhole(response, call, { status, contentType: 'application/json', body: JSON.stringify({ runs }) });
  };

  const received = (request: IncomingMessage, response: ServerResponse, call: CallId, decoded: CallRequest): Received => {
    const abort = new AbortController();
    response.on('close', () => {
      if (!response.writableFinished) abort.abort();
    });
    return {
      call,
      receivedAtMs: deps.clock.now(),
      surface: decoded.kind === 'model' ? 'openai' : 'connect',
      ...readCredential(request, deps.at),
      presentedBinding: header(request, 'sallyport-binding'),
      idempotencyKey: header(request, 'idempotency-key'),
      ...(header(request, 'sec-gpc') === '1' ? { optsOut: true } : {}),
      request: decoded,
      endorsement: null,
      signal: abort.signal,
    };
  };

  const timeouts = { ...bounds.TIMEOUTS, ...deps.timeouts };
  const options = {
    maxHeaderSize: bounds.MAX_HEADER_BYTES,
    keepAliveTimeout: timeouts.keepAliveMs,
    connectionsCheckingInterval: timeouts.checkEveryMs,
  };
  const server = openServer(options, deps.tls, onRequest);
  server.requestTimeout = timeouts.requestMs;
  server.headersTimeout = timeouts.headersMs;
  server.timeout = timeouts.idleMs;
  server.maxConnections = bounds.MAX_CONNECTIONS;
  const connections = watchConnections(server, { newCall: () => newId('call', deps.clock, deps.random), describe: failures });
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    connections.opened(request, response);
    const encode = (request.url ?? '').startsWith('/v1/') ? sendOpenaiError : sendProblem;
    encode(
      response,
      newId('call', deps.clock, deps.random),
      failures(refuse('GATEWAY_EXPECTATION', 'The gateway meets no expectation but 100-continue.')),
    );
  });

  return {
    listen: (host, port) => listen(server, host, port),
    close: () => {
      stopping = true;
      return new Promise((resolve) => {
        server.close(() => resolve());
        connections.finish();
      });
    },
  };
}

function openServer(options: ServerOptions, tls: GatewayDeps['tls'], onRequest: RequestListener): Server {
  if (tls === undefined) return createServer(options, onRequest);
  const server = createTlsServer({ ...options, ...tls.options }, onRequest);
  tls.attach(server);
  return server;
}

function listen(server: Server, host: string, port: number): Promise<{ host: string; port: number }> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.removeListener('error', reject);
      resolve({ host, port: (server.address() as AddressInfo).port });
    });
  });
}

function header(request: IncomingMessage, name: string): string | null {
  const value = request.headers[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

const DECISIVE: ReadonlySet<string> = new Set([
  'host',
  'authorization',
  'dpop',
  'sallyport-binding',
  'idempotency-key',
  'content-type',
  'content-encoding',
  'webhook-id',
  'webhook-timestamp',
  'webhook-signature',
]);

/** Node keeps the first of some repeated headers and joins others; which one counts must not depend on who reads it. */
function repeatedHeader(request: IncomingMessage): Refusal | null {
  // HTTP/0.9 has no headers: whatever follows its one line would be read as something else.
  const repeated = request.httpVersionMajor < 1 ? 'host' : firstRepeated(request.rawHeaders, DECISIVE);
  const oversized = (request.headers['idempotency-key']?.length ?? 0) > 200;
  if (repeated === null && !oversized) return null;
  return refuse('GATEWAY_HEADER_INVALID', 'A header is present twice or is too long.', { header: repeated ?? 'idempotency-key' });
}

function wrongMethod(allowed: string): Refusal {
  return refuse('GATEWAY_METHOD_NOT_ALLOWED', `This route takes ${allowed} only.`, { allowed });
}

/** A caller that went away gets nothing more; its socket is closed so that a broken stream does not look complete. */
function closeAborted(response: ServerResponse, result: GuardResult): void {
  if (result.kind === 'aborted' && !response.writableEnded) response.destroy();
}
