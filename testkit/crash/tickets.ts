// Tickets that ask for a refund within limits, each of a customer of its own: limits count by customer and day.

import type { Shop } from '../workflow-world/demo.ts';

export interface Ticket {
  readonly ticket: string;
  readonly order: string;
}

export interface Counts {
  readonly refunds: number;
  readonly replies: number;
}

export const REFUND = '5.00';

export function openTicket(shop: Shop, nth: number): Ticket {
  const { state } = shop;
  const orders = [...state.orders.values()];
  const candidates = [...state.customers.keys()].flatMap((id) => {
    const own = orders.filter((order) => order.customer_id === id && Number(order.refundable) > 20);
    return own.length === 0 ? [] : [own];
  });
  const own = candidates[nth % candidates.length];
  // Once every customer had a ticket, their next order is taken.
  const order = own?.[Math.floor(nth / candidates.length) % own.length];
  if (order === undefined) throw new Error('the demo shop has no order to refund');
  const ticket = `T-crash-${nth}`;
  const at = new Date(0).toISOString();
  state.tickets.set(ticket, {
    id: ticket,
    customer_id: order.customer_id,
    subject: 'One item was broken',
    body: `Please refund ${REFUND} of order ${order.id}.`,
    status: 'open',
    created_at: at,
    updated_at: at,
    replies: [],
  });
  return { ticket, order: order.id };
}

/** What the shop did since `since`, by its own ledger. */
export function countEffects(shop: Shop, { ticket, order }: Ticket, since: number): Counts {
  const count = (kind: string, object: string): number =>
    shop.ledger.after(since).filter((entry) => entry.kind === kind && entry.object === object).length;
  return { refunds: count('refund', order), replies: count('ticket_replied', ticket) };
}
