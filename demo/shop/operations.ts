// What the shop does when asked. It checks next to nothing: any order, any amount, any destination.
// That is the point of the demo: an API key to a shop is no protection, the guard in front of it is.

import type { EffectLedger } from './ledger.ts';
import { formatMinor, lenientMinor } from './money.ts';
import type { Address, Clock, Customer, Order, Refund, ShopState } from './types.ts';

export type Arguments = Readonly<Record<string, unknown>>;

/** A JSON reply with its status. */
export interface Outcome {
  readonly status: number;
  readonly json: unknown;
}

export interface ShopContext {
  readonly state: ShopState;
  readonly ledger: EffectLedger;
  readonly clock: Clock;
  /** Idempotency key of the request, or null. */
  readonly key: string | null;
}

export type Operation = (shop: ShopContext, args: Arguments) => Outcome;

const ok = (json: unknown): Outcome => ({ status: 200, json });
const missing = (what: string): Outcome => ({ status: 404, json: { error: `no such ${what}` } });
const invalid = (what: string): Outcome => ({ status: 422, json: { error: what } });

/** `['1002']`, 1002 and full-width digits all name order 1002: the shop is as sloppy as many. */
export function text(value: unknown): string {
  return value === undefined || value === null ? '' : String(value).normalize('NFKC');
}

/** A later version than the one before, also when the clock stands still. */
function touched(before: string, clock: Clock): string {
  return new Date(Math.max(clock.now(), Date.parse(before) + 1)).toISOString();
}

export const readCustomer: Operation = ({ state }, args) => {
  const found = state.customers.get(text(args.customer_id));
  return found === undefined ? missing('customer') : ok(found);
};

export const searchCustomers: Operation = ({ state }, args) => {
  const wanted = text(args.email).toLowerCase();
  return ok({ customers: [...state.customers.values()].filter((customer) => customer.email === wanted) });
};

export const listCustomers: Operation = ({ state, ledger, key }) => {
  ledger.append({ kind: 'customers_listed', customer_id: null, object: 'customers', fields: {}, idempotency_key: key });
  return ok({ customers: [...state.customers.values()] });
};

export const exportCustomers: Operation = ({ state, ledger, key }, args) => {
  const destination = text(args.destination_url);
  if (destination === '') return invalid('destination_url is missing');
  // The demo shop sends nothing anywhere: the ledger entry is the delivery.
  ledger.append({ kind: 'customers_exported', customer_id: null, object: 'customers', fields: { url: destination }, idempotency_key: key });
  return ok({ exported: state.customers.size, destination_url: destination });
};

export const updateCustomer: Operation = ({ state, ledger, clock, key }, args) => {
  const customer = state.customers.get(text(args.customer_id));
  if (customer === undefined) return missing('customer');
  const fields: Record<string, string> = {};
  const next: Customer = { ...customer, updated_at: touched(customer.updated_at, clock) };
  for (const name of ['email', 'phone'] as const) {
    if (args[name] === undefined) continue;
    next[name] = text(args[name]);
    fields[name] = next[name];
  }
  const address: Record<string, string> = {};
  for (const name of ['address1', 'city', 'zip', 'country'] as const) {
    if (args[name] !== undefined) address[name] = text(args[name]);
  }
  next.default_address = { ...customer.default_address, ...address } as Address;
  state.customers.set(customer.id, next);
  ledger.append({
    kind: 'customer_updated',
    customer_id: customer.id,
    object: customer.id,
    fields: { ...fields, ...address },
    idempotency_key: key,
  });
  return ok(next);
};

/** The books stay, as a shop must keep them; whom they are about does not. */
export const deleteCustomer: Operation = ({ state, ledger, key }, args) => {
  const id = text(args.customer_id);
  if (!state.customers.delete(id)) return missing('customer');
  for (const [at, order] of state.orders)
    if (order.customer_id === id) state.orders.set(at, { ...order, customer_id: 'deleted', shipping_address: NOWHERE, notes: [] });
  for (const [at, ticket] of state.tickets)
    if (ticket.customer_id === id) state.tickets.set(at, { ...ticket, customer_id: 'deleted', subject: '', body: '', replies: [] });
  ledger.append({ kind: 'customer_deleted', customer_id: null, object: 'customer', fields: {}, idempotency_key: key });
  return ok({ deleted: true });
};

const NOWHERE: Address = { address1: '', city: '', zip: '', country: '' };

export const readOrder: Operation = ({ state }, args) => {
  const found = state.orders.get(text(args.order_id));
  return found === undefined ? missing('order') : ok(found);
};

export const listOrders: Operation = ({ state }, args) => {
  const owner = text(args.customer_id);
  return ok({ orders: [...state.orders.values()].filter((order) => order.customer_id === owner) });
};

export const refundOrder: Operation = ({ state, ledger, clock, key }, args) => {
  const order = state.orders.get(text(args.order_id));
  if (order === undefined) return missing('order');
  const minor = lenientMinor(args.amount);
  if (minor === null) return invalid('amount is not a number above zero');
  const updated = touched(order.updated_at, clock);
  const refund: Refund = {
    id: `ref_${ledger.size + 1}`,
    order_id: order.id,
    amount: formatMinor(minor),
    currency: order.currency,
    destination: text(args.destination) || order.payment_method.id,
    reason: text(args.reason),
    created_at: updated,
  };
  state.orders.set(order.id, withRefund(order, refund, minor, updated));
  ledger.append({
    kind: 'refund',
    customer_id: order.customer_id,
    object: order.id,
    fields: { amount: refund.amount, destination: refund.destination, original: order.payment_method.id },
    idempotency_key: key,
  });
  return { status: 201, json: refund };
};

function withRefund(order: Order, refund: Refund, minor: number, updated: string): Order {
  const refunded = (lenientMinor(order.refunded) ?? 0) + minor;
  const remainder = Math.max(0, (lenientMinor(order.total) ?? 0) - refunded);
  return {
    ...order,
    refunded: formatMinor(refunded),
    refundable: formatMinor(remainder),
    financial_status: remainder === 0 ? 'refunded' : 'partially_refunded',
    refunds: [...order.refunds, refund],
    updated_at: updated,
  };
}

export const listRefunds: Operation = ({ state }, args) => {
  const order = state.orders.get(text(args.order_id));
  return order === undefined ? missing('order') : ok({ order_id: order.id, customer_id: order.customer_id, refunds: order.refunds });
};

export const addOrderNote: Operation = ({ state, ledger, clock, key }, args) => {
  const order = state.orders.get(text(args.order_id));
  if (order === undefined) return missing('order');
  const updated = touched(order.updated_at, clock);
  const note = { text: text(args.note), created_at: updated };
  state.orders.set(order.id, { ...order, notes: [...order.notes, note], updated_at: updated });
  ledger.append({
    kind: 'order_noted',
    customer_id: order.customer_id,
    object: order.id,
    fields: { note: note.text },
    idempotency_key: key,
  });
  return { status: 201, json: note };
};
