// The maps that ship with the product, by the name manifests and `--map` use.

import type { FieldMap } from '#core';
import { demoShop } from './demo-shop.ts';
import { hubspot } from './hubspot.ts';
import { klaviyo } from './klaviyo.ts';
import { shopify } from './shopify.ts';
import { stripe } from './stripe.ts';
import { woocommerce } from './woocommerce.ts';
import { zendesk } from './zendesk.ts';

export const FIELD_MAPS: readonly FieldMap[] = [shopify, woocommerce, stripe, zendesk, klaviyo, hubspot, demoShop];
