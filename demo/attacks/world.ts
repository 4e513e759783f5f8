// The harness's view of shop and model, over their demo-only endpoints: who is there, what happened, what the model was sent.

import { callHttp } from '../http/index.ts';
import type { Customer, Order, Plant, Product, ShopEffect, Ticket } from '../shop/index.ts';

export interface ShopAddress {
  readonly url: string;
  readonly accessToken: string;
}

export interface ModelAddress {
  readonly url: string;
}

export interface World {
  readonly customers: readonly Customer[];
  readonly orders: readonly Order[];
  readonly products: readonly Product[];
  readonly tickets: readonly Ticket[];
}

export function readWorld(shop: ShopAddress): Promise<World> {
  return demoRead<World>(shop, '/__demo/world');
}

export async function effectsAfter(shop: ShopAddress, seq: number): Promise<readonly ShopEffect[]> {
  return (await demoRead<{ effects: readonly ShopEffect[] }>(shop, `/__demo/effects?after=${seq}`)).effects;
}

export async function plantText(shop: ShopAddress, seed: Plant): Promise<string> {
  const { status, json } = await callHttp({
    method: 'POST',
    baseUrl: shop.url,
    path: '/__demo/plant',
    headers: { 'x-shop-access-token': shop.accessToken },
    body: JSON.stringify(seed),
  });
  if (status !== 201) throw new Error(`the demo shop did not take the planted text: HTTP ${status}`);
  return (json as { id: string }).id;
}

export interface ModelInput {
  readonly seq: number;
  readonly body: string;
}

export async function modelInputsAfter(model: ModelAddress, seq: number): Promise<readonly ModelInput[]> {
  const { status, json } = await callHttp({ method: 'GET', baseUrl: model.url, path: `/__demo/requests?after=${seq}` });
  if (status !== 200) throw new Error(`the captured model did not show its requests: HTTP ${status}`);
  return (json as { requests: readonly ModelInput[] }).requests;
}

async function demoRead<T>(shop: ShopAddress, path: string): Promise<T> {
  const { status, json } = await callHttp({
    method: 'GET',
    baseUrl: shop.url,
    path,
    headers: { 'x-shop-access-token': shop.accessToken },
  });
  if (status !== 200) throw new Error(`the demo shop did not answer ${path}: HTTP ${status}`);
  return json as T;
}
