// Lets the tickets of the scenario come in one after another: the shop opens each, tells of it by its signed webhook, and the run that
// begins is noted. Goes on after a restart with the first ticket that did not come yet.

import { setTimeout as pause } from 'node:timers/promises';
import type { CastTicket, DemoShop } from '@sallyport/demo';
import { type Clock, isObject } from '#core';
import type { KeptDemo, KeptTicket } from './kept.ts';

/** About one every two seconds: slow enough to watch, over in half a minute. */
export const DEMO_PACE_MS = 2_000;

export interface Arrivals {
  /** Settles when every ticket has come and was delivered, or after `stop`. */
  readonly done: Promise<void>;
  stop(): Promise<void>;
}

export interface ArrivalOptions {
  readonly shop: DemoShop;
  readonly cast: readonly CastTicket[];
  readonly kept: KeptDemo;
  readonly paceMs: number;
  readonly clock: Clock;
  /** After every change of `kept`. */
  readonly save: () => void;
  /** A ticket nobody took. */
  readonly onLost: () => void;
}

export function beginArrivals({ shop, cast, kept, paceMs, clock, save, onLost }: ArrivalOptions): Arrivals {
  const stopping = new AbortController();
  const deliveries = new Set<Promise<void>>();

  const follow = (ticket: KeptTicket, delivered: ReturnType<DemoShop['deliver']>): void => {
    const noted = delivered.then((delivery) => {
      if (stopping.signal.aborted) return;
      ticket.run = firstRun(delivery?.json);
      if (ticket.run === null) onLost();
      save();
    });
    deliveries.add(noted);
  };
  const come = async (): Promise<void> => {
    // Of a ticket that came before a restart nobody knows whether it was taken; the same delivery again starts nothing twice.
    for (const ticket of kept.tickets.filter((each) => each.run === null)) {
      const opened = shop.state.tickets.get(ticket.id);
      if (opened !== undefined) follow(ticket, shop.deliver(opened));
    }
    for (const { key, customerId, subject, body } of cast) {
      if (kept.tickets.some((ticket) => ticket.key === key)) continue;
      if (kept.tickets.length > 0 && paceMs > 0) await pause(paceMs, undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted) return;
      const { ticket, delivered } = shop.openTicket({ customerId, subject, body });
      const noted: KeptTicket = { key, id: ticket.id, openedAtMs: clock.now(), run: null };
      kept.tickets.push(noted);
      save();
      follow(noted, delivered);
    }
  };
  const opened = come();
  return {
    done: opened.then(async () => void (await Promise.all(deliveries))),
    // Deliveries under way end with the shop; nothing of them is noted any more.
    stop: async () => {
      stopping.abort();
      await opened;
    },
  };
}

/** The answer of the gateway to a delivery names the runs it began. */
function firstRun(json: unknown): string | null {
  const runs = isObject(json) ? json.runs : null;
  const first: unknown = Array.isArray(runs) ? runs[0] : null;
  return typeof first === 'string' ? first : null;
}
