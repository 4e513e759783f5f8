// Follows a channel for as long as it is wanted: hears, reads anew after every gap, connects again by itself, ever more slowly.
// INVARIANT: it counts as complete only from a full read that began after the channel was heard, until the first doubt; whoever answers
// from what it knows asks `lostAtMs` first and refuses when that is too long ago.

import type { Clock, UnixMs } from '#core';
import type { Database } from './database.ts';

export interface Following {
  /** Since when something may have been missed; null while everything is heard. */
  readonly lostAtMs: UnixMs | null;
  close(): Promise<void>;
}

export interface FollowOptions {
  readonly db: Pick<Database, 'listen'>;
  readonly clock: Clock;
  readonly channel: string;
  /** Told each payload. What it can not take in, by a rejection, is read anew with everything else. */
  readonly hear: (payload: string) => Promise<void> | void;
  /** Reads everything, or forgets everything. Heard first, then read: no change can fall between the two. */
  readonly reload: () => Promise<void> | void;
  /** Called at every loss, before anything else is heard. */
  readonly onLost?: () => void;
  readonly onFault: (fault: unknown) => void;
}

const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 2_000;

/** Resolves when everything was read once; throws when that fails. Later losses are repaired behind the scenes. */
export async function follow(options: FollowOptions): Promise<Following> {
  const { db, clock, onFault } = options;
  let lostAtMs: UnixMs | null = clock.now();
  let isClosed = false;
  /** Each connection has its number; what an older one still reports is void. */
  let current = 0;
  let stop: (() => Promise<void>) | null = null;
  let retry: NodeJS.Timeout | null = null;
  let retryMs = FIRST_RETRY_MS;

  function lose(of: number): void {
    if (of !== current || isClosed) return;
    lostAtMs ??= clock.now();
    options.onLost?.();
    reconnect();
  }

  async function take(payload: string, of: number): Promise<void> {
    if (of !== current || isClosed) return;
    try {
      await options.hear(payload);
    } catch (fault) {
      onFault(fault);
      lose(of);
    }
  }

  async function connect(): Promise<void> {
    const mine = ++current;
    const stopOld = stop;
    stop = null;
    await stopOld?.();
    const stopThis = await db.listen(
      options.channel,
      (payload) => void take(payload, mine),
      () => lose(mine),
    );
    if (mine !== current || isClosed) return stopThis();
    stop = stopThis;
    await options.reload();
    if (mine !== current || isClosed) return;
    lostAtMs = null;
    retryMs = FIRST_RETRY_MS;
  }

  function reconnect(): void {
    const mine = current + 1;
    connect().catch((fault: unknown) => {
      if (mine !== current || isClosed) return;
      onFault(fault);
      retry = setTimeout(reconnect, retryMs);
      retry.unref();
      retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
    });
  }

  const close = async (): Promise<void> => {
    isClosed = true;
    current += 1;
    if (retry !== null) clearTimeout(retry);
    await stop?.();
    stop = null;
  };
  try {
    await connect();
  } catch (fault) {
    await close().catch(() => undefined); // what made the start fail is reported
    throw fault;
  }
  return {
    get lostAtMs() {
      return lostAtMs;
    },
    close,
  };
}
