// What a running demo keeps on disk, so that it goes on after a restart: which tickets came and which run each began, and the shop's
// books. Two private files in the state folder, written whole; without them there is no demo to go on with.

import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ShopSnapshot } from '@sallyport/demo';
import type { ModelChoice } from '#control';
import type { PersonId, TenantId, UnixMs } from '#core';
import { writePrivate } from '../secret-file.ts';

export interface KeptTicket {
  readonly key: string;
  readonly id: string;
  readonly openedAtMs: UnixMs;
  /** `null` until the delivery was taken. */
  run: string | null;
}

export interface KeptDemo {
  readonly version: 1;
  readonly tenant: TenantId;
  readonly startedBy: PersonId;
  readonly startedAtMs: UnixMs;
  readonly model: ModelChoice | null;
  /** Where its parts listened; they come up there again when they can. */
  ports: { readonly shop: number; readonly model: number };
  readonly tickets: KeptTicket[];
}

export interface Keeper {
  read(): { readonly demo: KeptDemo; readonly shop: ShopSnapshot } | null;
  demo(kept: KeptDemo): void;
  shop(snapshot: ShopSnapshot): void;
  clear(): void;
}

export function createKeeper(folder: string): Keeper {
  const demoFile = join(folder, 'demo.json');
  const shopFile = join(folder, 'demo-shop.json');
  return {
    read: () => {
      try {
        const demo = JSON.parse(readFileSync(demoFile, 'utf8')) as KeptDemo;
        const shop = JSON.parse(readFileSync(shopFile, 'utf8')) as ShopSnapshot;
        return demo.version === 1 ? { demo, shop } : null;
      } catch {
        return null;
      }
    },
    demo: (kept) => writePrivate(demoFile, JSON.stringify(kept)),
    shop: (snapshot) => writePrivate(shopFile, JSON.stringify(snapshot)),
    clear: () => {
      for (const file of [demoFile, shopFile]) rmSync(file, { force: true });
    },
  };
}
