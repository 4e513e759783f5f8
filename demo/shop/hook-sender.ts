// Delivers events of the shop to one receiver, signed, again and again with longer waits until it is taken: at least once, as real
// shops do. Every attempt keeps the id and the body and has a new timestamp and signature.

import { callHttp, type HttpAnswer, signHook } from '../http/index.ts';
import type { Clock } from './types.ts';

export interface ShopHook {
  /** Where to, path included. */
  readonly url: string;
  readonly secret: string;
}

export interface ShopEvent {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Delivery {
  readonly id: string;
  readonly attempts: number;
  readonly status: number;
  readonly json: unknown;
}

export interface HookSender {
  set(hook: ShopHook | null): void;
  /** `null` when nobody is to be told, or the receiver never took it. */
  send(event: ShopEvent, id?: string): Promise<Delivery | null>;
  close(): void;
}

const MAX_ATTEMPTS = 10;
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 10_000;

export function createHookSender(clock: Clock, newId: () => string): HookSender {
  let hook: ShopHook | null = null;
  let isClosed = false;
  const waits = new Set<() => void>();

  const wait = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        waits.delete(end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      timer.unref();
      waits.add(end);
    });

  const attempt = async ({ url, secret }: ShopHook, id: string, body: string): Promise<HttpAnswer | null> => {
    const { origin, pathname } = new URL(url);
    const timestampS = Math.floor(clock.now() / 1_000);
    return callHttp({
      method: 'POST',
      baseUrl: origin,
      path: pathname,
      headers: { ...signHook(secret, { id, timestampS, body }), 'content-type': 'application/json' },
      body,
    }).catch(() => null);
  };

  return {
    set: (next) => {
      hook = next;
    },
    send: async ({ type, data }, id = `msg_${newId()}`) => {
      if (hook === null) return null;
      const body = JSON.stringify({ type, timestamp: new Date(clock.now()).toISOString(), data });
      for (let attempts = 1, waitMs = FIRST_WAIT_MS; attempts <= MAX_ATTEMPTS && !isClosed; attempts += 1) {
        // Read anew each time: a secret may have changed since.
        if (hook === null) return null;
        const answer = await attempt(hook, id, body);
        if (answer !== null && answer.status < 300) return { id, attempts, status: answer.status, json: answer.json };
        // 410: the receiver wants no more.
        if (answer?.status === 410) return null;
        const asked = Number(answer?.headers['retry-after'] ?? 0) * 1_000;
        await wait(Math.max(waitMs, Number.isFinite(asked) ? Math.min(asked, LONGEST_WAIT_MS) : 0));
        waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
      }
      return null;
    },
    close: () => {
      isClosed = true;
      for (const end of waits) end();
    },
  };
}
