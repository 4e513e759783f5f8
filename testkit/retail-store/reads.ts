// The store's tools that change nothing.

import { type Order, type Product, type Store, StoreError, type User } from './types.ts';

export function orderOf(store: Store, id: string): Order {
  const order = Object.hasOwn(store.orders, id) ? store.orders[id] : undefined;
  if (order === undefined) throw new StoreError(404, 'order not found');
  return order;
}

export function userOf(store: Store, id: string): User {
  const user = Object.hasOwn(store.users, id) ? store.users[id] : undefined;
  if (user === undefined) throw new StoreError(404, 'user not found');
  return user;
}

export function productOf(store: Store, id: string): Product {
  const product = Object.hasOwn(store.products, id) ? store.products[id] : undefined;
  if (product === undefined) throw new StoreError(404, 'product not found');
  return product;
}

export function findByEmail(store: Store, email: string): string {
  const found = Object.entries(store.users).find(([, user]) => user.email.toLowerCase() === email.toLowerCase());
  if (found === undefined) throw new StoreError(404, 'user not found');
  return found[0];
}

export function findByName(store: Store, wanted: { first_name: string; last_name: string; zip: string }): string {
  const same = (left: string, right: string): boolean => left.toLowerCase() === right.toLowerCase();
  const found = Object.entries(store.users).find(
    ([, user]) =>
      same(user.name.first_name, wanted.first_name) && same(user.name.last_name, wanted.last_name) && user.address.zip === wanted.zip,
  );
  if (found === undefined) throw new StoreError(404, 'user not found');
  return found[0];
}

export function productTypes(store: Store): Record<string, string> {
  return Object.fromEntries(Object.values(store.products).map((product) => [product.name, product.product_id]));
}
