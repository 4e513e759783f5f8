// The records of the store as the data set holds them, and how a tool answers.

export interface Address {
  address1: string;
  address2: string;
  city: string;
  country: string;
  state: string;
  zip: string;
}

export interface PaymentMethod {
  id: string;
  source: 'gift_card' | 'credit_card' | 'paypal';
  balance?: number;
}

export interface User {
  name: { first_name: string; last_name: string };
  address: Address;
  email: string;
  payment_methods: Record<string, PaymentMethod>;
  orders: string[];
}

export interface Item {
  name: string;
  product_id: string;
  item_id: string;
  price: number;
  options: Record<string, string>;
}

export interface Order {
  order_id: string;
  user_id: string;
  address: Address;
  items: Item[];
  status: string;
  payment_history: { transaction_type: string; amount: number; payment_method_id: string }[];
  [extra: string]: unknown;
}

export interface Product {
  name: string;
  product_id: string;
  variants: Record<string, { item_id: string; options: Record<string, string>; available: boolean; price: number }>;
}

export interface Store {
  readonly users: Record<string, User>;
  readonly orders: Record<string, Order>;
  readonly products: Record<string, Product>;
}

/** The shop's own "no": a rule of the store, or an object that is not there. */
export class StoreError extends Error {
  readonly status: 404 | 422;
  constructor(status: 404 | 422, message: string) {
    super(message);
    this.status = status;
  }
}
