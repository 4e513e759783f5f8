// What the shops of tenants sell, by name. Added to as replies are read, and read by every process.

import type { TenantId, Tx } from '#core';
import { type Database, notify, query, sql } from '#storage';

export const SHOP_GOODS_CHANNEL = 'sallyport_shop_goods';

/** Told in place of a tenant when names were deleted. */
export const GOODS_FORGOTTEN = 'forgotten';

export interface SeenGoods {
  readonly words: string;
  readonly integration: string;
}

/** What is new is told to every process; what is known is seen again today. Nothing new is added beyond `most`. */
export async function addShopGoods(
  tx: Tx,
  tenant: TenantId,
  added: { readonly goods: readonly SeenGoods[]; readonly day: string; readonly most: number },
): Promise<void> {
  const { goods, day, most } = added;
  const { rows } = await sql<{ is_new: boolean }>`
    with seen as (select words, integration from jsonb_to_recordset(${JSON.stringify(goods)}::jsonb) as row (words text, integration text)),
      room as (select greatest(0, ${most} - count(*))::int as free from shop_goods where tenant = ${tenant})
    insert into shop_goods as held (tenant, words, integration, seen_on)
    select ${tenant}, words, integration, ${day}::date from seen
    where exists (select from shop_goods known where known.tenant = ${tenant} and known.words = seen.words)
      or (select free from room) >= ${goods.length}
    on conflict (tenant, words) do update set seen_on = excluded.seen_on where held.seen_on < excluded.seen_on
    returning (xmax = 0) as is_new`.execute(query(tx));
  if (rows.some(({ is_new }) => is_new)) await notify(tx, SHOP_GOODS_CHANNEL, tenant);
}

/** In the order they came, from `after` on; some before it too, for what was committed later than it was numbered. */
export async function loadShopGoods(
  database: Pick<Database, 'asSystem'>,
  from: { readonly tenant: TenantId | null; readonly after: number; readonly most: number },
): Promise<readonly { readonly tenant: TenantId; readonly words: string; readonly nth: number }[]> {
  const { rows } = await database.asSystem('authenticator', (tx) =>
    sql<{ tenant: string; words: string; nth: string }>`select tenant, words, nth::text as nth from shop_goods
      where (${from.tenant}::text is null or tenant = ${from.tenant}) and nth > ${Math.max(0, from.after - OVERLAP)}
      order by nth limit ${from.most}`.execute(query(tx)),
  );
  return rows.map(({ tenant, words, nth }) => ({ tenant: tenant as TenantId, words, nth: Number(nth) }));
}
const OVERLAP = 5_000;

export async function pruneShopGoods(database: Pick<Database, 'asSystem'>, beforeMs: number): Promise<number> {
  return database.asSystem('authenticator', async (tx) => {
    const { rows } = await sql`delete from shop_goods where seen_on < ${new Date(beforeMs)}::date returning 1`.execute(query(tx));
    if (rows.length > 0) await notify(tx, SHOP_GOODS_CHANNEL, GOODS_FORGOTTEN);
    return rows.length;
  });
}
