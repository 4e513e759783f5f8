// Finds the end of each HTTP/1.1 reply in a byte stream: by content-length, or by the last chunk. Enough for our own peers.

export interface ReplyReader {
  push(chunk: Buffer): void;
}

const HEAD_END = Buffer.from('\r\n\r\n');
const LAST_CHUNK = Buffer.from('\r\n0\r\n\r\n');

export function createReplyReader(onReply: (status: number) => void): ReplyReader {
  let held: Buffer = Buffer.alloc(0);
  return {
    push(chunk) {
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      for (;;) {
        const end = replyEnd(held);
        if (end === null) return;
        const status = Number(held.toString('latin1', 9, 12));
        held = held.subarray(end);
        onReply(status);
      }
    },
  };
}

/** Where the first reply ends, or null while it is not complete. */
function replyEnd(bytes: Buffer): number | null {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd < 0) return null;
  const head = bytes.toString('latin1', 0, headEnd).toLowerCase();
  const bodyStart = headEnd + HEAD_END.length;
  if (head.includes('transfer-encoding: chunked')) {
    // The head's own blank line may stand before an immediate last chunk.
    const last = bytes.indexOf(LAST_CHUNK, headEnd + 2);
    return last < 0 ? null : last + LAST_CHUNK.length;
  }
  const length = Number(/\r\ncontent-length: *(\d+)/.exec(head)?.[1] ?? 0);
  return bytes.length < bodyStart + length ? null : bodyStart + length;
}
