// Writes the guard's reply to the socket. A whole reply leaves in one write with its length; a stream leaves as it comes, what came
// in one turn of the event loop as one chunk.

import type { ServerResponse } from 'node:http';
import type { CallId } from '#core';
import type { Reply } from '#enforcement';

export const CALL_HEADER = 'x-sallyport-call';

export class HttpReply implements Reply {
  readonly #response: ServerResponse;
  readonly #call: CallId;
  #status = 0;
  #contentType = '';
  #streaming = false;
  #isScheduled = false;
  #held: (Uint8Array | string)[] = [];

  constructor(response: ServerResponse, call: CallId) {
    this.#response = response;
    this.#call = call;
  }

  /** Whether bytes have left, after which an error can only be told inside the stream. */
  get begun(): boolean {
    return this.#response.headersSent;
  }

  begin(status: number, contentType: string): void {
    this.#status = status;
    this.#contentType = contentType;
    this.#streaming = contentType.startsWith('text/event-stream');
    if (!this.#streaming) return;
    this.#response.writeHead(status, {
      'content-type': contentType,
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
      [CALL_HEADER]: this.#call,
    });
  }

  write(chunk: Uint8Array | string): boolean {
    this.#held.push(chunk);
    if (!this.#streaming) return true;
    if (!this.#isScheduled) {
      this.#isScheduled = true;
      queueMicrotask(() => this.flush());
    }
    return !this.#response.writableNeedDrain;
  }

  onDrain(resume: () => void): void {
    this.#response.on('drain', resume);
  }

  /** Hands what is held of a stream to the socket. Whoever writes past this reply calls it first, so that the order stays. */
  flush(): void {
    this.#isScheduled = false;
    if (!this.#streaming || this.#held.length === 0) return;
    this.#response.write(this.#takeHeld());
  }

  end(): void {
    const body = this.#takeHeld();
    if (this.#streaming) this.#response.end(body);
    else sendWhole(this.#response, this.#call, { status: this.#status, contentType: this.#contentType, body });
  }

  #takeHeld(): Uint8Array | string {
    const held = this.#held;
    this.#held = [];
    const [first] = held;
    if (first !== undefined && held.length === 1) return first;
    if (held.every((part) => typeof part === 'string')) return held.join('');
    return Buffer.concat(held.map((part) => Buffer.from(part)));
  }
}

export function sendWhole(
  response: ServerResponse,
  call: CallId,
  whole: { status: number; contentType: string; body: Uint8Array | string; headers?: Readonly<Record<string, string>> },
): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(whole.status, {
    'content-type': whole.contentType,
    'content-length': Buffer.byteLength(whole.body),
    [CALL_HEADER]: call,
    ...whole.headers,
  });
  response.end(whole.body);
}
