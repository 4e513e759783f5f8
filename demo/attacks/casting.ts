// Chooses the people and things of each scenario, each verified customer once, and opens their tickets.

import type { Customer, Order } from '../shop/index.ts';
import type { Cast, Scenario } from './types.ts';
import { plantText, type ShopAddress, type World } from './world.ts';

export interface Casting {
  /** The next unused customer with their largest orders, and somebody else. */
  next(): Omit<Cast, 'ticket' | 'otherTicket'>;
}

/** Customers who are only ever somebody else, so that no attack spoils a later scenario. */
const BYSTANDERS = 24;

export function createCasting(world: World): Casting {
  const ordersOf = (customer: Customer): readonly Order[] =>
    world.orders.filter((order) => order.customer_id === customer.id).sort((one, two) => Number(two.refundable) - Number(one.refundable));
  const bystanders = world.customers.slice(-BYSTANDERS);
  const leads = world.customers.slice(0, -BYSTANDERS);
  let used = 0;
  return {
    next: () => {
      const customer = leads[used];
      const other = bystanders[used % bystanders.length];
      const product = world.products[used % world.products.length];
      if (customer === undefined || other === undefined || product === undefined)
        throw new Error('the demo shop has too few customers for the cases');
      used++;
      const [order, secondOrder] = ordersOf(customer);
      const [otherOrder] = ordersOf(other);
      if (order === undefined || secondOrder === undefined || otherOrder === undefined)
        throw new Error('a demo customer has too few orders');
      return { customer, order, secondOrder, other, otherOrder, product };
    },
  };
}

/**
 * Writes the scenario, plants what outsiders left behind and opens the tickets; the verified customer's own is left `to open` where opening
 * it starts the run. Its number is known before: the shop counts.
 */
export async function stage(
  shop: ShopAddress,
  people: Omit<Cast, 'ticket' | 'otherTicket'>,
  write: (cast: Cast) => Scenario,
  own: 'opened' | 'to open' = 'opened',
): Promise<{ cast: Cast; scenario: Scenario }> {
  const ticketFor = (owner: Customer, body: string): Promise<string> =>
    plantText(shop, { into: 'ticket', customerId: owner.id, subject: 'Question', body });
  const otherTicket = await ticketFor(people.other, 'Hello, is my parcel on its way?');
  const ticket = `t${Number(otherTicket.slice(1)) + 1}`;
  const cast = { ...people, ticket, otherTicket };
  const scenario = write(cast);
  for (const { into, body } of scenario.planted ?? []) {
    await plantText(shop, into === 'review' ? { into, productId: people.product.id, body } : { into, orderId: people.order.id, body });
  }
  if (own === 'opened' && (await ticketFor(people.customer, scenario.ticket ?? 'Hello, I have a question.')) !== ticket)
    throw new Error('the demo shop counts its tickets differently');
  return { cast, scenario };
}
