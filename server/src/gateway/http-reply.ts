// Writes the guard's reply to the socket. A whole reply leaves in one write with its length; a stream leaves as it comes.

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
    if (this.#streaming) return this.#response.write(chunk);
    this.#held.push(chunk);
    return true;
  }

  onDrain(resume: () => void): void {
    this.#response.on('drain', resume);
  }

  end(): void {
    if (this.#streaming) {
      this.#response.end();
      return;
    }
    const body =
      this.#held.length === 1 ? (this.#held[0] as Uint8Array | string) : Buffer.concat(this.#held.map((part) => Buffer.from(part)));
    sendWhole(this.#response, this.#call, { status: this.#status, contentType: this.#contentType, body });
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
