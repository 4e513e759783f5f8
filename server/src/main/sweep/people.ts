// Puts the canary people into the demo shop's own records, where a shop keeps its customers. Everything the product knows of them it reads there.

import type { DemoShop } from '@sallyport/demo';
import type { Canaries } from './canaries.ts';

/** `ab`, `ac`, ...: makes the name and the address of each customer one of their own. */
function ending(index: number): string {
  return String.fromCharCode(97 + Math.floor(index / 26)) + String.fromCharCode(97 + (index % 26));
}

export function plantPeople({ state }: DemoShop, canaries: Canaries): void {
  let index = 0;
  for (const customer of state.customers.values()) {
    const own = ending(index);
    customer.first_name = `${canaries.firstName}${own}`;
    customer.last_name = `${canaries.lastName}${own}`;
    customer.email = `${canaries.mailbox}${own}@example.com`;
    if (index === 0) customer.phone = canaries.phone;
    customer.default_address = { ...customer.default_address, address1: `${canaries.street} ${index + 1}` };
    index += 1;
  }
  for (const order of state.orders.values()) {
    const customer = state.customers.get(order.customer_id);
    if (customer !== undefined) order.shipping_address = customer.default_address;
  }
}
