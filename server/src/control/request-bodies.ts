// How long a body may take to arrive: half a minute for what is read whole, and for a file as long as bytes keep coming. A client that holds a
// connection open with a few bytes is cut off.

import type { IncomingMessage } from 'node:http';

/** The body of a request has to be here by then, whoever sends it. */
export const BODY_TIMEOUT_MS = 30_000;
/** A file of half a gigabyte over a slow line, and the work of reading it. */
export const UPLOAD_TIMEOUT_MS = 60 * 60_000;

export function endSlowBody(raw: IncomingMessage, withinMs = BODY_TIMEOUT_MS): void {
  const timer = setTimeout(() => {
    if (!raw.complete) raw.destroy();
  }, withinMs);
  timer.unref();
  raw.once('close', () => clearTimeout(timer));
}

/** The bytes of a file; whoever stops reading leaves the rest where it is. Time counts only while more is asked for. */
export async function* fileOf(raw: IncomingMessage, withinMs = BODY_TIMEOUT_MS): AsyncGenerator<Uint8Array> {
  const wait = (): NodeJS.Timeout => setTimeout(() => raw.destroy(new Error('nothing came')), withinMs);
  let timer = wait();
  try {
    for await (const chunk of raw.iterator({ destroyOnReturn: false })) {
      clearTimeout(timer);
      yield chunk as Uint8Array;
      timer = wait();
    }
  } finally {
    clearTimeout(timer);
  }
}

/** Lets the rest of a file go by, for an answer is read by most clients only once they have sent it; not for ever. */
export function passBy(raw: IncomingMessage): Promise<void> {
  if (raw.complete || raw.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, BODY_TIMEOUT_MS);
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    raw.once('end', done).once('close', done).resume();
  });
}
