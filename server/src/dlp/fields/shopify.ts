// Shopify, REST Admin API: customers, addresses, orders, refunds, transactions, fulfilments, checkouts, gift cards, products.

import { below, type Fields, fieldMap } from './map.ts';

const ADDRESS: Fields = {
  person_name: 'name first_name last_name',
  street_address: 'address1 address2 company',
  place: 'city zip province province_code country country_code country_name latitude longitude',
  phone_number: 'phone',
  customer_number: 'customer_id',
  nobody: 'id default',
};

const CUSTOMER: Fields = {
  customer_number: 'id admin_graphql_api_id multipass_identifier',
  email_address: 'email',
  person_name: 'first_name last_name',
  phone_number: 'phone',
  government_id: 'tax_exemptions',
  conversation: 'note',
  marketing_profile: `accepts_marketing accepts_marketing_updated_at marketing_opt_in_level email_marketing_consent sms_marketing_consent
    tags state verified_email tax_exempt`,
  purchase_history: 'orders_count total_spent last_order_id last_order_name',
  credential: 'password password_confirmation',
  nobody: 'created_at updated_at currency metafield',
};

const LINE_ITEMS: Fields = {
  purchase_history: 'id quantity price price_set total_discount fulfillment_status fulfillable_quantity',
  product: 'product_id variant_id title name variant_title sku vendor grams',
  conversation: 'properties',
  nobody: 'admin_graphql_api_id gift_card taxable tax_lines requires_shipping variant_inventory_management duties discount_allocations',
};

const PAYMENT: Fields = {
  payment_details: 'credit_card_bin avs_result_code cvv_result_code credit_card_company credit_card_wallet credit_card_expiration_month',
  payment_card: 'credit_card_number',
  person_name: 'credit_card_name',
};

const TRANSACTION: Fields = {
  payment_details: `id amount kind gateway status authorization authorization_expires_at receipt payments_refund_attributes error_code
    currency_exchange_adjustment payment_id total_unsettled_set`,
  order_number: 'order_id',
  staff: 'user_id',
  nobody: 'admin_graphql_api_id created_at processed_at currency device_id location_id message parent_id source_name test',
};

const ORDER: Fields = {
  order_number: 'id name number order_number admin_graphql_api_id confirmation_number checkout_id reference source_identifier',
  email_address: 'email contact_email',
  phone_number: 'phone',
  network_address: 'browser_ip client_details.browser_ip',
  behaviour: `client_details.user_agent client_details.session_hash client_details.accept_language client_details.browser_height
    client_details.browser_width landing_site landing_site_ref referring_site`,
  credential: 'token cart_token checkout_token',
  personal_link: 'order_status_url',
  conversation: 'note note_attributes',
  return_case: 'cancel_reason cancelled_at',
  purchase_history: `created_at processed_at closed_at total_price subtotal_price total_tax total_discounts total_line_items_price
    total_outstanding total_weight current_total_price current_subtotal_price current_total_tax current_total_discounts
    current_total_price_set total_price_set subtotal_price_set total_shipping_price_set total_tip_received fulfillment_status
    discount_applications`,
  gift_card: 'discount_codes',
  payment_details: 'financial_status payment_gateway_names payment_terms total_tax_set',
  marketing_profile: 'buyer_accepts_marketing tags',
  delivery: 'shipping_lines',
  staff: 'user_id',
  nobody: `app_id currency presentment_currency customer_locale updated_at source_name source_url taxes_included test confirmed location_id
    tax_lines estimated_taxes merchant_of_record_app_id device_id company original_total_duties_set current_total_duties_set`,
};

const FULFILLMENT: Fields = {
  delivery: `tracking_company tracking_number tracking_numbers tracking_url tracking_urls shipment_status receipt service name`,
  order_number: 'order_id',
  nobody: 'id admin_graphql_api_id created_at updated_at location_id status variant_inventory_management origin_address',
};

const REFUND: Fields = {
  return_case: 'id created_at processed_at note restock refund_line_items order_adjustments duties refund_duties total_duties_set',
  order_number: 'order_id',
  staff: 'user_id',
  nobody: 'admin_graphql_api_id',
};

export const shopify = fieldMap({
  name: 'shopify',
  title: 'Shopify (REST Admin API)',
  pages: [
    'https://shopify.dev/docs/api/admin-rest/latest/resources/customer',
    'https://shopify.dev/docs/api/admin-rest/latest/resources/customer-address',
    'https://shopify.dev/docs/api/admin-rest/latest/resources/order',
    'https://shopify.dev/docs/api/admin-rest/latest/resources/refund',
    'https://shopify.dev/docs/api/admin-rest/latest/resources/transaction',
    'https://shopify.dev/docs/api/admin-rest/latest/resources/fulfillment',
    'https://shopify.dev/docs/api/admin-rest/latest/resources/abandoned-checkouts',
    'https://shopify.dev/docs/api/admin-rest/latest/resources/gift-card',
    'https://shopify.dev/docs/api/admin-rest/latest/resources/product',
  ],
  records: {
    customer: { routes: 'customers', wraps: 'customer customers[]', fields: [CUSTOMER, below('default_address addresses[]', ADDRESS)] },
    address: { routes: 'addresses', wraps: 'customer_address addresses[]', fields: [ADDRESS] },
    order: {
      routes: 'orders draft_orders',
      wraps: 'order orders[] draft_order draft_orders[]',
      fields: [
        ORDER,
        below('billing_address shipping_address customer.default_address', ADDRESS),
        below('customer', CUSTOMER),
        below('line_items[]', LINE_ITEMS),
        below('payment_details', PAYMENT),
        below('fulfillments[]', FULFILLMENT),
        below('refunds[]', REFUND),
        below('refunds[].transactions[]', TRANSACTION),
      ],
    },
    refund: { routes: 'refunds', wraps: 'refund refunds[]', fields: [REFUND, below('transactions[]', TRANSACTION)] },
    transaction: {
      routes: 'transactions',
      wraps: 'transaction transactions[]',
      fields: [TRANSACTION, below('payment_details', PAYMENT)],
    },
    fulfillment: { routes: 'fulfillments', wraps: 'fulfillment fulfillments[]', fields: [FULFILLMENT, below('destination', ADDRESS)] },
    checkout: {
      routes: 'checkouts',
      wraps: 'checkout checkouts[]',
      fields: [
        {
          order_number: 'id name',
          email_address: 'email',
          phone_number: 'phone',
          credential: 'token cart_token',
          personal_link: 'abandoned_checkout_url',
          behaviour: 'landing_site referring_site',
          conversation: 'note note_attributes',
          purchase_history: 'created_at completed_at closed_at total_price subtotal_price total_tax total_discounts total_line_items_price',
          gift_card: 'discount_codes',
          payment_details: 'gateway',
          marketing_profile: 'buyer_accepts_marketing',
          delivery: 'shipping_lines',
          staff: 'user_id',
          nobody: 'currency presentment_currency customer_locale updated_at source_name location_id taxes_included tax_lines device_id',
        },
        below('billing_address shipping_address', ADDRESS),
        below('customer', CUSTOMER),
        below('line_items[]', LINE_ITEMS),
      ],
    },
    gift_card: {
      routes: 'gift_cards',
      wraps: 'gift_card gift_cards[]',
      fields: [
        {
          gift_card: 'code last_characters balance initial_value',
          conversation: 'note',
          customer_number: 'customer_id',
          order_number: 'order_id line_item_id',
          staff: 'user_id',
          nobody: 'id api_client_id created_at updated_at disabled_at expires_on currency template_suffix',
        },
      ],
    },
    product: {
      routes: 'products variants',
      wraps: 'product products[] variant variants[]',
      fields: [
        {
          product: `id title body_html vendor product_type handle tags status options images image created_at updated_at published_at
            template_suffix published_scope admin_graphql_api_id`,
        },
        below('variants[]', {
          product: 'id product_id title price compare_at_price sku barcode position option1 option2 option3 grams weight weight_unit',
          business_figure: 'inventory_quantity old_inventory_quantity inventory_item_id cost',
        }),
      ],
    },
  },
});
