// Replies of a scripted model provider, as the bytes and headers that a real one sends, well-formed or not.

import { gzipSync } from 'node:zlib';
import type { RecordedRequest } from './recorded-request.ts';

/** What happens on the socket for one request. `hang` keeps it open without another byte, `break` cuts it. */
export interface HttpReply {
  readonly kind: 'http';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Written one by one, each flushed before the next. */
  readonly chunks: readonly Uint8Array[];
  readonly ending: 'end' | 'break' | 'hang';
}

/** Bytes in place of an HTTP response. */
export interface WireReply {
  readonly kind: 'wire';
  readonly bytes: Uint8Array;
  readonly ending: 'break' | 'hang';
}

export type Reply = HttpReply | WireReply;
export type Script = Reply | ((request: RecordedRequest) => Reply);

export interface ScriptedToolCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

const HEAD = { id: 'chatcmpl-1', created: 1_890_000_000, model: 'test-model' };
export const USAGE = Object.freeze({ prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 });

export function json(value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): HttpReply {
  return raw(Buffer.from(JSON.stringify(value)), { 'content-type': 'application/json', ...headers }, status);
}

/** Any body under any headers, with its length unless the headers say otherwise. */
export function raw(body: Uint8Array | string, headers: Readonly<Record<string, string>>, status = 200): HttpReply {
  const bytes = Buffer.from(body);
  return { kind: 'http', status, headers: { 'content-length': String(bytes.byteLength), ...headers }, chunks: [bytes], ending: 'end' };
}

export function completion(message: Readonly<Record<string, unknown>>, finishReason = 'stop'): Record<string, unknown> {
  return {
    ...HEAD,
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', content: null, ...message }, finish_reason: finishReason, logprobs: null }],
    usage: USAGE,
  };
}

export function says(content: string): HttpReply {
  return json(completion({ content }));
}

export function calls(...toolCalls: readonly ScriptedToolCall[]): HttpReply {
  return json(completion({ tool_calls: toolCalls.map(wireToolCall) }, 'tool_calls'));
}

function wireToolCall(call: ScriptedToolCall): Record<string, unknown> {
  return { id: call.id, type: 'function', function: { name: call.name, arguments: call.arguments } };
}

export function fails(status: number, code: string, headers: Readonly<Record<string, string>> = {}): HttpReply {
  return json({ error: { message: `scripted ${code}`, type: 'scripted_error', code, param: null } }, status, headers);
}

/** One chunk of a streamed completion as it stands on the wire. */
export function event(delta: Readonly<Record<string, unknown>>, finishReason: string | null = null, more: object = {}): string {
  return data({ ...HEAD, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finishReason }], ...more });
}

export function data(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

export const DONE = 'data: [DONE]\n\n';
export const USAGE_EVENT = data({ ...HEAD, object: 'chat.completion.chunk', choices: [], usage: USAGE });

/** The events of a reply whose words come in these pieces. */
export function spoken(pieces: readonly string[], more: { usage?: boolean } = {}): string {
  const words = pieces.map((content) => event({ content })).join('');
  return `${event({ role: 'assistant', content: '' })}${words}${event({}, 'stop')}${more.usage === true ? USAGE_EVENT : ''}${DONE}`;
}

/** The events of parallel tool calls, their arguments cut into pieces that take turns as real providers send them. */
export function streamedCalls(toolCalls: readonly ScriptedToolCall[], pieceChars = 5): string {
  const opened = toolCalls.map((call, index) => event({ tool_calls: [{ index, ...wireToolCall({ ...call, arguments: '' }) }] }));
  const pieces: string[] = [];
  const longest = Math.max(...toolCalls.map((call) => call.arguments.length));
  for (let at = 0; at < longest; at += pieceChars) {
    for (const [index, call] of toolCalls.entries()) {
      const piece = call.arguments.slice(at, at + pieceChars);
      if (piece !== '') pieces.push(event({ tool_calls: [{ index, function: { arguments: piece } }] }));
    }
  }
  return [event({ role: 'assistant', content: null }), ...opened, ...pieces, event({}, 'tool_calls'), DONE].join('');
}

/** An event stream, cut at these byte positions whatever stands there. */
export function stream(source: string | Uint8Array, options: { cuts?: readonly number[]; ending?: HttpReply['ending'] } = {}): HttpReply {
  return {
    kind: 'http',
    status: 200,
    headers: { 'content-type': 'text/event-stream; charset=utf-8' },
    chunks: cutAt(Buffer.from(source), options.cuts ?? []),
    ending: options.ending ?? 'end',
  };
}

export function cutAt(bytes: Uint8Array, cuts: readonly number[]): readonly Uint8Array[] {
  const points = [0, ...cuts.map((cut) => cut % (bytes.byteLength + 1)).sort((left, right) => left - right), bytes.byteLength];
  return points
    .slice(1)
    .map((end, index) => bytes.subarray(points[index], end))
    .filter((chunk) => chunk.byteLength > 0);
}

export function gzipped(value: unknown): HttpReply {
  return raw(gzipSync(JSON.stringify(value)), { 'content-type': 'application/json', 'content-encoding': 'gzip' });
}

/** Promises more bytes than it sends, then cuts the connection. */
export function halfClosed(body: string): HttpReply {
  const declared = { 'content-type': 'application/json', 'content-length': String(body.length + 100) };
  return { kind: 'http', status: 200, headers: declared, chunks: [Buffer.from(body)], ending: 'break' };
}

export const SILENT: WireReply = Object.freeze({ kind: 'wire', bytes: new Uint8Array(), ending: 'hang' });

export function wire(text: string, ending: WireReply['ending'] = 'break'): WireReply {
  return { kind: 'wire', bytes: Buffer.from(text, 'latin1'), ending };
}

/** Repeats the last words it was sent, as a captured or a merely polite model does; streams when asked to. */
export function parrot(request: RecordedRequest): Reply {
  const words = request.lastWords();
  return request.json().stream === true ? stream(spoken([words])) : says(words);
}
