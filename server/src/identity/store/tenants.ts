// How far the owners of a tenant have come in.

import type { PersonId, TenantId, Tx } from '#core';
import { query, sql } from '#storage';

export interface OwnerState {
  readonly hasSignedIn: boolean;
  readonly hasPasskey: boolean;
  /** Somebody, owner or not, came in by a browser at some time. */
  readonly isEntered: boolean;
}

/** Of these people together. */
export async function ownerState(tx: Tx, tenant: TenantId, owners: readonly PersonId[]): Promise<OwnerState> {
  const { rows } = await sql<OwnerState>`select
    exists (select 1 from identity_sessions where tenant = ${tenant} and person = any(${[...owners]}) and kind = 'browser') as "hasSignedIn",
    exists (select 1 from identity_passkeys where tenant = ${tenant} and person = any(${[...owners]}) and removed_at is null) as "hasPasskey",
    exists (select 1 from identity_sessions where tenant = ${tenant} and kind = 'browser')
      or exists (select 1 from identity_passkeys where tenant = ${tenant}) as "isEntered"`.execute(query(tx));
  return rows[0] ?? { hasSignedIn: true, hasPasskey: true, isEntered: true };
}
