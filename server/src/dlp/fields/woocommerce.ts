// WooCommerce, REST API v3: customers, orders, refunds, notes of orders, coupons, reviews, products. Replies are records or lists, not wrapped.

import { below, type Fields, fieldMap } from './map.ts';

const ADDRESS: Fields = {
  person_name: 'first_name last_name',
  street_address: 'address_1 address_2 company',
  place: 'city state postcode country',
  phone_number: 'phone',
  email_address: 'email',
};

export const woocommerce = fieldMap({
  name: 'woocommerce',
  title: 'WooCommerce (REST API v3)',
  pages: [
    'https://woocommerce.github.io/woocommerce-rest-api-docs/#customers',
    'https://woocommerce.github.io/woocommerce-rest-api-docs/#orders',
    'https://woocommerce.github.io/woocommerce-rest-api-docs/#order-notes',
    'https://woocommerce.github.io/woocommerce-rest-api-docs/#refunds',
    'https://woocommerce.github.io/woocommerce-rest-api-docs/#coupons',
    'https://woocommerce.github.io/woocommerce-rest-api-docs/#product-reviews',
    'https://woocommerce.github.io/woocommerce-rest-api-docs/#products',
  ],
  records: {
    customer: {
      routes: 'customers',
      wraps: '. []',
      fields: [
        {
          customer_number: 'id',
          email_address: 'email',
          person_name: 'first_name last_name',
          account_name: 'username',
          credential: 'password',
          personal_link: 'avatar_url',
          marketing_profile: 'is_paying_customer meta_data role',
          nobody: 'date_created date_created_gmt date_modified date_modified_gmt _links',
        },
        below('billing shipping', ADDRESS),
      ],
    },
    order: {
      routes: 'orders',
      wraps: '. []',
      fields: [
        {
          order_number: 'id number order_key parent_id',
          customer_number: 'customer_id',
          network_address: 'customer_ip_address',
          behaviour: 'customer_user_agent',
          conversation: 'customer_note meta_data',
          credential: 'cart_hash',
          personal_link: 'payment_url',
          payment_details: 'payment_method payment_method_title transaction_id date_paid date_paid_gmt needs_payment',
          purchase_history: `status date_created date_created_gmt date_completed date_completed_gmt discount_total discount_tax total
            total_tax cart_tax fee_lines line_items`,
          gift_card: 'coupon_lines',
          delivery: 'shipping_total shipping_tax shipping_lines needs_processing',
          return_case: 'refunds',
          nobody: `created_via version currency currency_symbol date_modified date_modified_gmt prices_include_tax set_paid tax_lines
            is_editable _links`,
        },
        below('billing shipping', ADDRESS),
      ],
    },
    refund: {
      routes: 'refunds',
      wraps: '. []',
      fields: [
        {
          return_case:
            'id amount reason date_created date_created_gmt line_items shipping_lines tax_lines fee_lines refunded_payment meta_data',
          order_number: 'parent_id',
          staff: 'refunded_by',
          nobody: 'api_refund api_restock _links',
        },
      ],
    },
    order_note: {
      routes: 'notes',
      wraps: '. []',
      fields: [{ conversation: 'note', staff: 'author added_by_user', nobody: 'id date_created date_created_gmt customer_note _links' }],
    },
    coupon: {
      routes: 'coupons',
      wraps: '. []',
      fields: [
        {
          gift_card: 'code',
          email_address: 'email_restrictions',
          customer_number: 'used_by',
          business_figure: 'amount usage_count usage_limit usage_limit_per_user limit_usage_to_x_items minimum_amount maximum_amount',
          nobody: `id date_created date_created_gmt date_modified date_modified_gmt discount_type description date_expires date_expires_gmt
            individual_use product_ids excluded_product_ids free_shipping product_categories excluded_product_categories
            exclude_sale_items meta_data _links`,
        },
      ],
    },
    review: {
      routes: 'reviews',
      wraps: '. []',
      fields: [
        {
          person_name: 'reviewer',
          email_address: 'reviewer_email',
          personal_link: 'reviewer_avatar_urls',
          review: 'review rating verified',
          nobody: 'id product_id product_name product_permalink date_created date_created_gmt status _links',
        },
      ],
    },
    product: {
      routes: 'products variations',
      wraps: '. []',
      fields: [
        {
          product: `id name slug permalink type status featured description short_description sku price regular_price sale_price on_sale
            purchasable categories tags images attributes variations weight dimensions average_rating rating_count related_ids`,
          business_figure: 'total_sales stock_quantity stock_status manage_stock backorders low_stock_amount purchase_note',
          nobody: 'date_created date_created_gmt date_modified date_modified_gmt catalog_visibility menu_order tax_status tax_class _links',
        },
      ],
    },
  },
});
