// The records of the demo shop, exactly as they stand on its wire. Money is a decimal string, time is RFC 3339.

export interface Address {
  readonly address1: string;
  readonly city: string;
  readonly zip: string;
  readonly country: string;
}

export interface PaymentMethod {
  readonly id: string;
  readonly brand: string;
  readonly last4: string;
}

export interface Customer {
  id: string;
  first_name: string;
  last_name: string;
  email: string;
  phone: string;
  default_address: Address;
  payment_methods: readonly PaymentMethod[];
  created_at: string;
  updated_at: string;
}

export interface LineItem {
  readonly product_id: string;
  readonly title: string;
  readonly quantity: number;
  readonly price: string;
}

export interface Refund {
  readonly id: string;
  readonly order_id: string;
  readonly amount: string;
  readonly currency: string;
  /** Payment method the money went to. */
  readonly destination: string;
  readonly reason: string;
  readonly created_at: string;
}

export interface OrderNote {
  readonly text: string;
  readonly created_at: string;
}

export interface Order {
  id: string;
  name: string;
  customer_id: string;
  created_at: string;
  updated_at: string;
  currency: string;
  total: string;
  refunded: string;
  /** What may still be paid back: total less refunds, never below zero. */
  refundable: string;
  financial_status: 'paid' | 'partially_refunded' | 'refunded';
  fulfillment_status: 'unfulfilled' | 'shipped' | 'delivered';
  tracking_number: string;
  tracking_url: string;
  line_items: readonly LineItem[];
  shipping_address: Address;
  /** Where the money came from, hence where a refund belongs. */
  payment_method: PaymentMethod;
  notes: readonly OrderNote[];
  refunds: readonly Refund[];
}

export interface Product {
  readonly id: string;
  readonly title: string;
  readonly price: string;
  readonly currency: string;
  readonly description: string;
  readonly url: string;
}

export interface Review {
  readonly id: string;
  readonly product_id: string;
  readonly author: string;
  readonly rating: number;
  readonly body: string;
}

export interface TicketReply {
  readonly body: string;
  readonly created_at: string;
}

export interface Ticket {
  id: string;
  customer_id: string;
  subject: string;
  body: string;
  status: 'open' | 'answered';
  created_at: string;
  updated_at: string;
  replies: readonly TicketReply[];
}

/** Everything the shop knows. Mutated only by `operations.ts` and `plant.ts`. */
export interface ShopState {
  readonly customers: Map<string, Customer>;
  readonly orders: Map<string, Order>;
  readonly products: Map<string, Product>;
  readonly reviews: Review[];
  readonly tickets: Map<string, Ticket>;
}

export interface Clock {
  now(): number;
}
