// The store's tools that change something, with the store's own rules and no idea who asks.

import { orderOf, productOf, userOf } from './reads.ts';
import { type Address, type Order, type PaymentMethod, type Store, StoreError } from './types.ts';

const CANCEL_REASONS = ['no longer needed', 'ordered by mistake'];

function fail(message: string): never {
  throw new StoreError(422, message);
}

function inStatus(store: Store, orderId: string, status: string): Order {
  const order = orderOf(store, orderId);
  if (order.status !== status) fail(`order is not ${status}`);
  return order;
}

function methodOf(store: Store, order: Order, methodId: string): PaymentMethod {
  const methods = userOf(store, order.user_id).payment_methods;
  const method = Object.hasOwn(methods, methodId) ? methods[methodId] : undefined;
  return method ?? fail('payment method not found');
}

const cents = (amount: number): number => Math.round(amount * 100) / 100;

function credit(method: PaymentMethod, amount: number): void {
  if (method.source === 'gift_card') method.balance = cents((method.balance ?? 0) + amount);
}

function canPay(method: PaymentMethod, amount: number): void {
  if (method.source === 'gift_card' && (method.balance ?? 0) < amount) fail('insufficient gift card balance');
}

export function cancelOrder(store: Store, args: { order_id: string; reason: string }): Order {
  const order = inStatus(store, args.order_id, 'pending');
  if (!CANCEL_REASONS.includes(args.reason)) fail('invalid reason');
  const refunds = order.payment_history.map((payment) => {
    credit(methodOf(store, order, payment.payment_method_id), payment.amount);
    return { ...payment, transaction_type: 'refund' };
  });
  order.status = 'cancelled';
  order.cancel_reason = args.reason;
  order.payment_history.push(...refunds);
  return order;
}

/** Each id must stand in the order as often as it is named. */
function holdsItems(order: Order, itemIds: readonly string[]): void {
  const held = order.items.map((item) => item.item_id);
  for (const id of itemIds) {
    const count = (list: readonly string[]): number => list.filter((other) => other === id).length;
    if (count(itemIds) > count(held)) fail('item not found in the order');
  }
}

/** Price difference of swapping items for variants of the same product. */
function swapDifference(store: Store, order: Order, itemIds: readonly string[], newIds: readonly string[]): number {
  holdsItems(order, itemIds);
  if (itemIds.length !== newIds.length) fail('the number of items must match');
  let difference = 0;
  for (const [index, id] of itemIds.entries()) {
    const item = order.items.find((candidate) => candidate.item_id === id) ?? fail('item not found in the order');
    const variants = productOf(store, item.product_id).variants;
    const variant = variants[newIds[index] as string];
    if (variant === undefined || !variant.available) fail('new item not found or not available');
    difference += variant.price - item.price;
  }
  return cents(difference);
}

interface Swap {
  order_id: string;
  item_ids: string[];
  new_item_ids: string[];
  payment_method_id: string;
}

export function exchangeItems(store: Store, args: Swap): Order {
  const order = inStatus(store, args.order_id, 'delivered');
  const difference = swapDifference(store, order, args.item_ids, args.new_item_ids);
  canPay(methodOf(store, order, args.payment_method_id), difference);
  return Object.assign(order, {
    status: 'exchange requested',
    exchange_items: [...args.item_ids].sort(),
    exchange_new_items: [...args.new_item_ids].sort(),
    exchange_payment_method_id: args.payment_method_id,
    exchange_price_difference: difference,
  });
}

export function modifyItems(store: Store, args: Swap): Order {
  const order = inStatus(store, args.order_id, 'pending');
  const difference = swapDifference(store, order, args.item_ids, args.new_item_ids);
  const method = methodOf(store, order, args.payment_method_id);
  canPay(method, difference);
  order.payment_history.push({
    transaction_type: difference > 0 ? 'payment' : 'refund',
    amount: Math.abs(difference),
    payment_method_id: args.payment_method_id,
  });
  credit(method, -difference);
  for (const [index, id] of args.item_ids.entries()) {
    const item = order.items.find((candidate) => candidate.item_id === id);
    const variant = item === undefined ? undefined : productOf(store, item.product_id).variants[args.new_item_ids[index] as string];
    if (item !== undefined && variant !== undefined)
      Object.assign(item, { item_id: variant.item_id, price: variant.price, options: variant.options });
  }
  order.status = 'pending (item modified)';
  return order;
}

export function modifyPayment(store: Store, args: { order_id: string; payment_method_id: string }): Order {
  const order = inStatus(store, args.order_id, 'pending');
  const method = methodOf(store, order, args.payment_method_id);
  const [payment, ...more] = order.payment_history;
  if (payment === undefined || more.length > 0 || payment.transaction_type !== 'payment') fail('there must be exactly one payment');
  if (payment.payment_method_id === args.payment_method_id) fail('the new payment method must differ');
  canPay(method, payment.amount);
  credit(method, -payment.amount);
  credit(methodOf(store, order, payment.payment_method_id), payment.amount);
  order.payment_history.push(
    { transaction_type: 'payment', amount: payment.amount, payment_method_id: args.payment_method_id },
    { transaction_type: 'refund', amount: payment.amount, payment_method_id: payment.payment_method_id },
  );
  return order;
}

export function returnItems(store: Store, args: { order_id: string; item_ids: string[]; payment_method_id: string }): Order {
  const order = inStatus(store, args.order_id, 'delivered');
  const method = methodOf(store, order, args.payment_method_id);
  if (method.source !== 'gift_card' && order.payment_history[0]?.payment_method_id !== args.payment_method_id) {
    fail('a refund goes to the original payment method or a gift card');
  }
  holdsItems(order, args.item_ids);
  return Object.assign(order, {
    status: 'return requested',
    return_items: [...args.item_ids].sort(),
    return_payment_method_id: args.payment_method_id,
  });
}

export function modifyOrderAddress(store: Store, args: Address & { order_id: string }): Order {
  const { order_id, ...address } = args;
  return Object.assign(inStatus(store, order_id, 'pending'), { address });
}

export function modifyUserAddress(store: Store, args: Address & { user_id: string }): unknown {
  const { user_id, ...address } = args;
  return Object.assign(userOf(store, user_id), { address });
}
