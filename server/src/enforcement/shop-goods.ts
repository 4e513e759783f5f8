// What the shops of a tenant sell, learnt from replies of reads that name it, so that guesses leave it alone. Shared by processes, in memory here.
// INVARIANT: it only makes a guess go away, never what is known or has a form; learning never waits, never throws and never writes in a call.

import { type Clock, parseId, type TenantId } from '#core';
import { type Catalogue, createCatalogue } from '#dlp';
import { type Database, follow } from '#storage';
import { addShopGoods, GOODS_FORGOTTEN, loadShopGoods, pruneShopGoods, SHOP_GOODS_CHANNEL } from './store/shop-goods.ts';

export interface ShopGoods {
  /** Null while nothing is known to be sold. */
  of(tenant: TenantId): Catalogue | null;
  note(tenant: TenantId, integration: string, names: readonly string[]): void;
  flush(): Promise<void>;
  /** Reads what other processes wrote, now. */
  refreshed(): Promise<void>;
  prune(): Promise<number>;
  close(): Promise<void>;
}

export interface ShopGoodsDeps {
  readonly read: Pick<Database, 'asSystem' | 'listen'>;
  readonly write: Pick<Database, 'inTenant'>;
  readonly clock: Clock;
  readonly onFault: (fault: unknown) => void;
}

const FLUSH_MS = 2_000;
/** Of one tenant: some 30 MB in each process. A shop that sells more has most of its names in those. */
const MAX_OF_TENANT = 50_000;
/** Of all tenants of an installation. */
const MAX_OF_ALL = 500_000;
/** In one statement, and what waits for the next at most. */
const BATCH = 1_000;
const MAX_WAITING = 20_000;
/** What is seen in no reply for so long is sold no more. */
const KEEP_MS = 180 * 24 * 60 * 60_000;

export async function openShopGoods({ read, write, clock, onFault }: ShopGoodsDeps): Promise<ShopGoods> {
  let held = new Map<TenantId, { readonly catalogue: Catalogue; readonly words: Set<string> }>();
  let total = 0;
  let last = 0;
  let closed = false;
  /** By tenant and name, where it was read. Known ones wait too, once a day, so that they are kept. */
  let waiting = new Map<TenantId, Map<string, string>>();
  let waits = 0;
  const saidToday = new Map<string, string>();
  let timer: NodeJS.Timeout | null = null;
  let writing: Promise<void> = Promise.resolve();
  let loading: Promise<void> = Promise.resolve();

  const today = (): string => new Date(clock.now()).toISOString().slice(0, 10);

  const take = (tenant: TenantId, words: string): void => {
    const own = held.get(tenant) ?? { catalogue: createCatalogue([], 'learnt', MAX_OF_TENANT), words: new Set<string>() };
    if (own.words.has(words) || own.words.size >= MAX_OF_TENANT || total >= MAX_OF_ALL) return;
    held.set(tenant, own);
    own.words.add(words);
    own.catalogue.add([words]);
    total += 1;
  };

  const load = async (): Promise<void> => {
    for (const { tenant, words, nth } of await loadShopGoods(read, { tenant: null, after: last, most: MAX_OF_ALL })) {
      if (closed) return;
      take(tenant, words);
      last = Math.max(last, nth);
    }
  };
  const reload = (): Promise<void> => {
    loading = loading.catch(() => {}).then(load);
    return loading;
  };
  /** Some are sold no more: what is left is read anew. */
  const forget = (): Promise<void> => {
    loading = loading
      .catch(() => {})
      .then(() => {
        held = new Map();
        [total, last] = [0, 0];
        return load();
      });
    return loading;
  };
  const feed = await follow({
    db: read,
    clock,
    channel: SHOP_GOODS_CHANNEL,
    hear: (payload) => (payload === GOODS_FORGOTTEN ? forget() : parseId('ten', payload) === null ? Promise.resolve() : reload()),
    reload,
    onFault: () => {},
  });

  const flushNow = async (): Promise<void> => {
    const taken = waiting;
    waiting = new Map();
    waits = 0;
    for (const [tenant, names] of taken) {
      const goods = [...names]
        .map(([words, integration]) => ({ words, integration }))
        .sort((left, right) => (left.words < right.words ? -1 : 1));
      for (let at = 0; at < goods.length; at += BATCH) {
        try {
          const batch = { goods: goods.slice(at, at + BATCH), day: today(), most: MAX_OF_TENANT };
          await write.inTenant(tenant, (tx) => addShopGoods(tx, tenant, batch));
        } catch (fault) {
          // Seen again with the next reply that names it.
          onFault(fault);
        }
      }
    }
  };
  const flush = (): Promise<void> => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    writing = writing.then(flushNow);
    return writing;
  };

  return {
    of: (tenant) => held.get(tenant)?.catalogue ?? null,
    note: (tenant, integration, names) => {
      const day = today();
      for (const words of names) {
        const key = `${tenant} ${words}`;
        if (waits >= MAX_WAITING || saidToday.get(key) === day) continue;
        if (saidToday.size >= MAX_OF_ALL) saidToday.clear();
        saidToday.set(key, day);
        const own = waiting.get(tenant) ?? new Map<string, string>();
        waiting.set(tenant, own.set(words, integration));
        waits += 1;
      }
      if (waits > 0) timer ??= setTimeout(() => void flush(), FLUSH_MS).unref();
    },
    flush,
    refreshed: reload,
    prune: async () => {
      const gone = await pruneShopGoods(read, clock.now() - KEEP_MS);
      if (gone > 0) await forget();
      return gone;
    },
    close: async () => {
      closed = true;
      await flush();
      if (timer !== null) clearTimeout(timer);
      await feed.close();
      await loading.catch(() => {});
    },
  };
}
