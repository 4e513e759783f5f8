// Hears Postgres notifications on one connection of its own, shared by every channel.
// INVARIANT: a feed that may have missed something is reported lost, once per listener; it never silently reconnects.

import pg from 'pg';
import { createInOrder, type InOrder, type SallyportError } from '#core';
import { storageFault } from './errors.ts';
import { checkChannel } from './transaction.ts';
import { translateError } from './translate-error.ts';

interface Subscription {
  readonly channel: string;
  readonly onPayload: (payload: string) => void;
  readonly onLost: () => void;
}

interface Feed {
  readonly client: pg.Client;
  readonly subscriptions: Set<Subscription>;
  /** The heartbeat and every other statement. */
  readonly statements: InOrder;
  timer: NodeJS.Timeout | null;
}

export interface Listener {
  listen(channel: string, onPayload: (payload: string) => void, onLost: () => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

/** A cut feed is noticed within this and the heartbeat timeout, so that a revocation is never missed for long. */
const HEARTBEAT_MS = 350;
const HEARTBEAT_TIMEOUT_MS = 850;

export function createListener(options: { settings: pg.ClientConfig; onFault: (fault: SallyportError) => void }): Listener {
  let feed: Promise<Feed> | null = null;
  let isClosed = false;

  function lose(broken: Feed, error: unknown): void {
    if (broken.timer === null) return;
    clearInterval(broken.timer);
    broken.timer = null;
    feed = null;
    broken.client.end().catch(() => undefined); // already broken; what broke it is reported here
    if (!isClosed) options.onFault(translateError(error));
    const lost = [...broken.subscriptions];
    broken.subscriptions.clear();
    for (const subscription of lost) subscription.onLost();
  }

  function run(on: Feed, text: string): Promise<unknown> {
    return on.statements.run(() => on.client.query({ text, query_timeout: HEARTBEAT_TIMEOUT_MS } as pg.QueryConfig));
  }

  function beat(on: Feed): void {
    run(on, 'select 1').catch((error: unknown) => lose(on, error));
  }

  async function connect(): Promise<Feed> {
    const client = new pg.Client({ ...options.settings, application_name: 'sallyport-listen', idle_in_transaction_session_timeout: 0 });
    const opened: Feed = { client, subscriptions: new Set(), statements: createInOrder(), timer: null };
    client.on('error', (error) => lose(opened, error));
    client.on('end', () => lose(opened, new Error('the connection ended')));
    client.on('notification', ({ channel, payload }) => {
      for (const subscription of opened.subscriptions) {
        if (subscription.channel === channel) subscription.onPayload(payload ?? '');
      }
    });
    await client.connect();
    opened.timer = setInterval(beat, HEARTBEAT_MS, opened);
    opened.timer.unref();
    return opened;
  }

  async function acquire(): Promise<Feed> {
    if (isClosed) throw storageFault('STORAGE_CLOSED');
    feed ??= connect();
    try {
      return await feed;
    } catch (error) {
      feed = null;
      throw translateError(error);
    }
  }

  return {
    async listen(channel, onPayload, onLost) {
      checkChannel(channel);
      const on = await acquire();
      const subscription: Subscription = { channel, onPayload, onLost };
      on.subscriptions.add(subscription);
      try {
        await run(on, `listen ${channel}`);
      } catch (error) {
        on.subscriptions.delete(subscription);
        throw translateError(error);
      }
      if (on.timer === null) throw storageFault('STORAGE_UNAVAILABLE', 'the feed broke while it was opened');
      return async () => {
        if (!on.subscriptions.delete(subscription) || on.timer === null) return;
        const isStillHeard = [...on.subscriptions].some((other) => other.channel === channel);
        if (!isStillHeard) await run(on, `unlisten ${channel}`).catch((error: unknown) => lose(on, error));
      };
    },
    async close() {
      isClosed = true;
      const open = await feed?.catch(() => null); // a feed that never opened has nothing to close
      if (open === null || open === undefined || open.timer === null) return;
      clearInterval(open.timer);
      open.timer = null;
      await open.statements.idle();
      await open.client.end();
    },
  };
}
