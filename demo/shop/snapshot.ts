// Everything a demo shop knows as plain JSON, so that a shop can go on where another stopped: its books, and which requests it answered.

import type { ShopEffect } from './ledger.ts';
import type { Outcome } from './operations.ts';
import type { ShopState } from './types.ts';

export interface Remembered {
  readonly request: string;
  readonly outcome: Outcome;
}

export interface ShopSnapshot {
  readonly customers: readonly [string, unknown][];
  readonly orders: readonly [string, unknown][];
  readonly products: readonly [string, unknown][];
  readonly reviews: readonly unknown[];
  readonly tickets: readonly [string, unknown][];
  readonly effects: readonly ShopEffect[];
  readonly remembered: readonly [string, Remembered][];
}

export function takeSnapshot(state: ShopState, effects: readonly ShopEffect[], remembered: ReadonlyMap<string, Remembered>): ShopSnapshot {
  return {
    customers: [...state.customers],
    orders: [...state.orders],
    products: [...state.products],
    reviews: [...state.reviews],
    tickets: [...state.tickets],
    effects,
    remembered: [...remembered],
  };
}

export function stateOf(snapshot: ShopSnapshot): ShopState {
  return {
    customers: new Map(snapshot.customers),
    orders: new Map(snapshot.orders),
    products: new Map(snapshot.products),
    reviews: [...snapshot.reviews],
    tickets: new Map(snapshot.tickets),
  } as ShopState;
}
