// How far the owners of a tenant have come in.

import type { PersonId, TenantId, Tx } from '#core';
import { query, sql } from '#storage';

export interface OwnerState {
  readonly hasSignedIn: boolean;
  readonly hasPasskey: boolean;
}

/** Of these people together. */
export async function ownerState(tx: Tx, tenant: TenantId, owners: readonly PersonId[]): Promise<OwnerState> {
  const { rows } = await sql<OwnerState>`select
    exists (select 1 from identity_sessions where tenant = ${tenant} and person = any(${[...owners]}) and kind = 'browser') as "hasSignedIn",
    exists (select 1 from identity_passkeys where tenant = ${tenant} and person = any(${[...owners]}) and removed_at is null) as "hasPasskey"`.execute(
    query(tx),
  );
  return rows[0] ?? { hasSignedIn: false, hasPasskey: false };
}
