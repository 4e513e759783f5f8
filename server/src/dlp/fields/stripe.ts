// Stripe: customers, charges, payment intents, payment methods, refunds, invoices, disputes. Every record says what it is (`object`).

import { below, type Fields, fieldMap, type RecordSource } from './map.ts';

const ADDRESS: Fields = { street_address: 'line1 line2', place: 'city postal_code state country' };
const TECHNICAL: Fields = { nobody: 'object livemode created currency' };
const CARD: Fields = {
  payment_details: `brand last4 exp_month exp_year funding fingerprint country checks network networks three_d_secure wallet
    three_d_secure_usage display_brand installments amount_authorized overcapture`,
  payment_card: 'number cvc',
};
const METHOD: Fields = {
  ...below('card', CARD),
  bank_account: 'sepa_debit us_bank_account bacs_debit au_becs_debit acss_debit ideal sofort giropay bancontact',
};
const BILLING: readonly Fields[] = [
  { email_address: 'billing_details.email', person_name: 'billing_details.name', phone_number: 'billing_details.phone' },
  { government_id: 'billing_details.tax_id' },
  below('billing_details.address', ADDRESS),
];
const SHIPPING: readonly Fields[] = [
  { person_name: 'shipping.name', phone_number: 'shipping.phone', delivery: 'shipping shipping.carrier shipping.tracking_number' },
  below('shipping.address', ADDRESS),
];

const record = (object: string, routes: string, fields: readonly Fields[]): RecordSource => ({
  routes,
  wraps: '. data[] data.object',
  marker: { field: 'object', value: object },
  fields: [TECHNICAL, ...fields],
});

const CHARGE: Fields = {
  payment_details: `id amount amount_captured amount_refunded captured paid status outcome failure_code failure_message payment_intent
    payment_method balance_transaction calculated_statement_descriptor statement_descriptor statement_descriptor_suffix
    fraud_details payment_method_details.type transfer_data review radar_options`,
  customer_number: 'customer',
  email_address: 'receipt_email',
  order_number: 'receipt_number invoice metadata',
  personal_link: 'receipt_url',
  return_case: 'refunded refunds disputed',
  conversation: 'description',
  nobody: 'application application_fee application_fee_amount on_behalf_of source_transfer transfer_group failure_balance_transaction',
};

export const stripe = fieldMap({
  name: 'stripe',
  title: 'Stripe',
  pages: [
    'https://docs.stripe.com/api/customers/object',
    'https://docs.stripe.com/api/charges/object',
    'https://docs.stripe.com/api/payment_intents/object',
    'https://docs.stripe.com/api/payment_methods/object',
    'https://docs.stripe.com/api/refunds/object',
    'https://docs.stripe.com/api/disputes/object',
    'https://docs.stripe.com/api/invoices/object',
  ],
  records: {
    customer: record('customer', 'customers', [
      {
        customer_number: 'id',
        email_address: 'email',
        person_name: 'name individual_name',
        phone_number: 'phone',
        conversation: 'description',
        payment_details: 'balance cash_balance default_source invoice_settings delinquent sources',
        order_number: 'metadata invoice_prefix next_invoice_sequence',
        government_id: 'tax_ids tax_exempt',
        network_address: 'tax.ip_address',
        marketing_profile: 'preferred_locales discount subscriptions',
        nobody: 'test_clock',
      },
      below('address', ADDRESS),
      ...SHIPPING,
    ]),
    charge: record('charge', 'charges', [CHARGE, below('payment_method_details', METHOD), ...BILLING, ...SHIPPING]),
    payment_intent: record('payment_intent', 'payment_intents', [
      {
        payment_details: `id amount amount_capturable amount_received amount_details capture_method confirmation_method status
          payment_method payment_method_types payment_method_options latest_charge last_payment_error next_action processing
          setup_future_usage statement_descriptor statement_descriptor_suffix`,
        credential: 'client_secret',
        customer_number: 'customer',
        email_address: 'receipt_email',
        conversation: 'description',
        order_number: 'invoice metadata',
        return_case: 'canceled_at cancellation_reason',
        nobody: 'application application_fee_amount automatic_payment_methods on_behalf_of transfer_data transfer_group review',
      },
      ...SHIPPING,
    ]),
    payment_method: record('payment_method', 'payment_methods', [
      {
        payment_details: 'id type allow_redisplay link paypal klarna affirm afterpay_clearpay amazon_pay alipay wechat_pay',
        customer_number: 'customer',
        order_number: 'metadata',
        network_address: 'radar_options',
      },
      METHOD,
      ...BILLING,
    ]),
    refund: record('refund', 'refunds', [
      {
        return_case: 'id amount reason status failure_reason pending_reason instructions_email description metadata receipt_number',
        payment_details: 'charge payment_intent destination_details balance_transaction',
        nobody: 'source_transfer_reversal transfer_reversal next_action failure_balance_transaction',
      },
    ]),
    dispute: record('dispute', 'disputes', [
      {
        return_case: 'id amount reason status evidence_details is_charge_refundable metadata enhanced_eligibility_types',
        payment_details: 'charge payment_intent payment_method_details balance_transactions',
        email_address: 'evidence.customer_email_address',
        person_name: 'evidence.customer_name',
        network_address: 'evidence.customer_purchase_ip',
        street_address: 'evidence.billing_address evidence.shipping_address',
        conversation: 'evidence.customer_communication evidence.uncategorized_text evidence.refund_refusal_explanation',
        file: 'evidence.receipt evidence.customer_signature evidence.service_documentation evidence.shipping_documentation',
        delivery: 'evidence.shipping_carrier evidence.shipping_date evidence.shipping_tracking_number',
      },
    ]),
    invoice: record('invoice', 'invoices', [
      {
        order_number: 'id number metadata receipt_number',
        customer_number: 'customer',
        email_address: 'customer_email',
        person_name: 'customer_name',
        phone_number: 'customer_phone',
        government_id: 'customer_tax_ids account_tax_ids',
        personal_link: 'hosted_invoice_url invoice_pdf',
        purchase_history: 'lines subtotal total total_excluding_tax amount_due amount_paid amount_remaining discounts starting_balance',
        payment_details: 'charge payment_intent default_payment_method collection_method status attempted attempt_count',
        conversation: 'description footer custom_fields',
        nobody:
          'account_country account_name application due_date effective_at period_start period_end status_transitions webhooks_delivered_at',
      },
      below('customer_address customer_shipping.address', ADDRESS),
      { person_name: 'customer_shipping.name', phone_number: 'customer_shipping.phone' },
    ]),
  },
});
