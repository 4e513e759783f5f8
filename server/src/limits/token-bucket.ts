// Token buckets for many keys, in memory and bounded. Decides whether a cost fits now and, if not, when it would.

import type { UnixMs } from '#core';

export interface BucketRate {
  /** Most that can be taken at once. */
  readonly capacity: number;
  readonly refillPerSecond: number;
}

interface Bucket {
  level: number;
  atMs: UnixMs;
}

export interface BucketMap {
  /** 0 when `cost` fits now, else the milliseconds until it would; Infinity when it never does. Takes nothing. */
  waitMs(key: string, cost: number, nowMs: UnixMs): number;
  /** Takes `cost`; a negative cost gives back. The level may go below zero, never above the capacity. */
  take(key: string, cost: number, nowMs: UnixMs): void;
  readonly size: number;
}

/** Keys remembered; the one used longest ago goes first. Far above the number of live keys of an installation. */
export const MAX_BUCKETS = 10_000;

export function createBucketMap(rate: BucketRate, maxBuckets: number = MAX_BUCKETS): BucketMap {
  const buckets = new Map<string, Bucket>();

  function refilled(key: string, nowMs: UnixMs): Bucket {
    const bucket = buckets.get(key);
    if (bucket === undefined) return { level: rate.capacity, atMs: nowMs };
    // A clock that was set back gives nothing, and takes nothing away.
    const elapsedMs = Math.max(0, nowMs - bucket.atMs);
    return { level: Math.min(rate.capacity, bucket.level + (elapsedMs * rate.refillPerSecond) / 1_000), atMs: nowMs };
  }

  function evict(): void {
    for (const key of buckets.keys()) {
      if (buckets.size <= maxBuckets) return;
      buckets.delete(key);
    }
  }

  return {
    get size() {
      return buckets.size;
    },
    waitMs(key, cost, nowMs) {
      if (cost > rate.capacity) return Number.POSITIVE_INFINITY;
      const missing = cost - refilled(key, nowMs).level;
      return missing <= 0 ? 0 : Math.ceil((missing * 1_000) / rate.refillPerSecond);
    },
    take(key, cost, nowMs) {
      const { level, atMs } = refilled(key, nowMs);
      // Deleted and set again, so that the map's order is the order of last use.
      buckets.delete(key);
      buckets.set(key, { level: Math.min(rate.capacity, level - cost), atMs });
      evict();
    },
  };
}
