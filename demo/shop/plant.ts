// Puts text into the shop the way outsiders do (a ticket, a review, an order note), without leaving an effect:
// planting is what an attacker did beforehand, not something the guarded agent caused.

import type { Clock, ShopState } from './types.ts';

export type Plant =
  | { readonly into: 'ticket'; readonly customerId: string; readonly subject: string; readonly body: string }
  | { readonly into: 'review'; readonly productId: string; readonly body: string }
  | { readonly into: 'order_note'; readonly orderId: string; readonly body: string };

/** The id of what was planted, or null when its place does not exist. */
export function plant(state: ShopState, clock: Clock, seed: Plant): string | null {
  const at = new Date(clock.now()).toISOString();
  switch (seed.into) {
    case 'ticket': {
      if (!state.customers.has(seed.customerId)) return null;
      const id = `t${101 + state.tickets.size}`;
      const { customerId, subject, body } = seed;
      state.tickets.set(id, { id, customer_id: customerId, subject, body, status: 'open', created_at: at, updated_at: at, replies: [] });
      return id;
    }
    case 'review': {
      if (!state.products.has(seed.productId)) return null;
      const id = `r${101 + state.reviews.length}`;
      state.reviews.push({ id, product_id: seed.productId, author: 'A customer', rating: 5, body: seed.body });
      return id;
    }
    case 'order_note': {
      const order = state.orders.get(seed.orderId);
      if (order === undefined) return null;
      state.orders.set(order.id, { ...order, notes: [...order.notes, { text: seed.body, created_at: at }] });
      return order.id;
    }
    default:
      return seed satisfies never;
  }
}
