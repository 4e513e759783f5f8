// The demo shop: customers, orders, refunds, tickets, reviews, products. Its wire is `demo/shop/types.ts`.

import { below, type Fields, fieldMap } from './map.ts';

const ADDRESS: Fields = { street_address: 'address1', place: 'city zip country' };
const METHOD: Fields = { payment_details: 'id brand last4' };
const REFUND: Fields = { return_case: 'id amount destination reason created_at', order_number: 'order_id', nobody: 'currency' };

export const demoShop = fieldMap({
  name: 'demo-shop',
  title: 'The demo shop',
  pages: ['docs/demo.md'],
  records: {
    customer: {
      routes: 'customers',
      wraps: '. customers[]',
      fields: [
        {
          customer_number: 'id',
          person_name: 'first_name last_name',
          email_address: 'email',
          phone_number: 'phone',
          nobody: 'created_at updated_at',
        },
        below('default_address', ADDRESS),
        below('payment_methods[]', METHOD),
      ],
    },
    order: {
      routes: 'orders',
      wraps: '. orders[]',
      fields: [
        {
          order_number: 'id name',
          customer_number: 'customer_id',
          purchase_history: 'created_at total refunded refundable line_items',
          payment_details: 'financial_status',
          delivery: 'fulfillment_status tracking_number tracking_url',
          conversation: 'notes',
          nobody: 'updated_at currency',
        },
        below('shipping_address', ADDRESS),
        below('payment_method', METHOD),
        below('refunds[]', REFUND),
      ],
    },
    refund: { routes: 'refunds', wraps: '. refunds[]', fields: [REFUND] },
    ticket: {
      routes: 'tickets',
      wraps: '. tickets[]',
      fields: [{ customer_number: 'customer_id', conversation: 'subject body replies', nobody: 'id status created_at updated_at' }],
    },
    review: {
      routes: 'reviews',
      wraps: '. reviews[]',
      fields: [{ person_name: 'author', review: 'rating body', nobody: 'id product_id' }],
    },
    product: { routes: 'products', wraps: '. products[]', fields: [{ product: 'id title price currency description url' }] },
  },
});
