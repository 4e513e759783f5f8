// Front door of the demo shop.
export { generateShop, SHOP_HOST } from './generate.ts';
export type { Delivery, ShopHook } from './hook-sender.ts';
export { EFFECT_KINDS, type EffectKind, type EffectLedger, type ShopEffect } from './ledger.ts';
export type { Plant } from './plant.ts';
export { hideInTags } from './poison.ts';
export { DEMO_SHOP_TOKEN, type DemoShop, type DemoShopOptions, type NewTicket, startDemoShop } from './server.ts';
export type { ShopSnapshot } from './snapshot.ts';
export type { Customer, Order, Product, Review, ShopState, Ticket } from './types.ts';
