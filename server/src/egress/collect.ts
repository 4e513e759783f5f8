// A sink that keeps the whole reply, for callers that must see all of it before they release any.

import type { EgressSink, ReplyHeaders } from './exchange.ts';

export interface JsonReply {
  readonly status: number;
  readonly headers: ReplyHeaders;
  readonly body: Uint8Array;
}

export async function collect(send: (sink: EgressSink) => Promise<void>): Promise<JsonReply> {
  const chunks: Uint8Array[] = [];
  let status = 0;
  let headers: ReplyHeaders = {};
  await send({
    onHead: (replyStatus, replyHeaders) => {
      status = replyStatus;
      headers = replyHeaders;
    },
    onData: (chunk) => {
      chunks.push(chunk);
    },
    onEnd: () => undefined,
  });
  return { status, headers, body: chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks) };
}
