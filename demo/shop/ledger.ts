// The shop's own append-only list of what really happened to it. Harm is counted here and nowhere else,
// so an entry is written where the effect takes place and can not be changed or removed afterwards.

import type { Clock } from './types.ts';

export const EFFECT_KINDS = [
  'refund',
  'customer_updated',
  'customer_deleted',
  'order_noted',
  'ticket_replied',
  'message_sent',
  'customers_listed',
  'customers_exported',
  'link_fetched',
] as const;
export type EffectKind = (typeof EFFECT_KINDS)[number];

export interface ShopEffect {
  /** 1, 2, 3 and so on without gaps. */
  readonly seq: number;
  readonly at: string;
  readonly kind: EffectKind;
  /** Owner of the touched object; null when nobody owns it. */
  readonly customer_id: string | null;
  /** Id of the touched object, e.g. the order of a refund. */
  readonly object: string;
  /** What was done, as strings: amount, destination, recipient, body, url. */
  readonly fields: Readonly<Record<string, string>>;
  readonly idempotency_key: string | null;
}

export type NewEffect = Omit<ShopEffect, 'seq' | 'at'>;

export interface EffectLedger {
  append(effect: NewEffect): ShopEffect;
  /** Entries with a sequence number above `seq`, oldest first. */
  after(seq: number): readonly ShopEffect[];
  readonly size: number;
}

/** Begins with what another shop's ledger held. */
export function createLedger(clock: Clock, before: readonly ShopEffect[] = []): EffectLedger {
  const entries: ShopEffect[] = [...before];
  return {
    append(effect) {
      const entry = Object.freeze({
        ...effect,
        fields: Object.freeze({ ...effect.fields }),
        seq: entries.length + 1,
        at: new Date(clock.now()).toISOString(),
      });
      entries.push(entry);
      return entry;
    },
    after: (seq) => entries.slice(Math.max(0, seq)),
    get size() {
      return entries.length;
    },
  };
}
