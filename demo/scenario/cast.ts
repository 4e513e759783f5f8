// Gives every ticket of the demonstration a customer and an order of the shop, and a stranger whose order it may covet.

import type { Customer, Order, ShopState } from '../shop/index.ts';
import { SCENARIO } from './tickets.ts';
import type { CastTicket } from './types.ts';

/** Enough for every refund that is asked for. */
const WORTH = 80;

export function castScenario(state: ShopState): readonly CastTicket[] {
  const customers = [...state.customers.values()];
  const strangers = customers.slice(-SCENARIO.length);
  return SCENARIO.map((write, nth) => {
    const customer = customers[nth] as Customer;
    const other = strangers[nth] as Customer;
    const ticket = write({ customer, order: orderOf(state, customer), other, otherOrder: orderOf(state, other) });
    return { ...ticket, customerId: customer.id };
  });
}

/** As it was sold: whatever was paid back since, the ticket's text stays the same. */
function orderOf(state: ShopState, owner: Customer): Order {
  const found = [...state.orders.values()].find((order) => order.customer_id === owner.id && Number(order.total) >= WORTH);
  if (found === undefined) throw new Error('a customer of the demo shop has no order');
  return found;
}
