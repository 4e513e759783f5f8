// Whose the values behind tokens are, without opening them: for whoever has to tell which people an opening was about.

import type { TenantId, Tx } from '#core';
import { findByToken } from '../store/tokens.ts';

const ID = /_([A-Za-z0-9_-]{22})$/;

/** Those that are still there; `owner` is the keyed hash an erasure names people by, null when the value is nobody's. */
export async function ownersOfTokens(
  tx: Tx,
  tenant: TenantId,
  purpose: string,
  tokens: readonly string[],
): Promise<readonly { readonly owner: string | null; readonly dataClass: string }[]> {
  const ids = tokens.flatMap((token) => ID.exec(token)?.[1] ?? []);
  const rows = await findByToken(tx, tenant, purpose, { ids, standIns: [...tokens] });
  return rows.map(({ owner, dataClass }) => ({ owner, dataClass }));
}
