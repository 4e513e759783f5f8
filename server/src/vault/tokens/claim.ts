// A value that was nobody's, or whose token only itself named, and that is somebody's from now on: sealed anew under the key of that person, so that
// erasing them is the end of it. INVARIANT: what is one person's never becomes another's.

import type { TenantId, Tx } from '#core';
import type { Keyring } from '../keyring.ts';
import { claimToken, type TokenRow } from '../store/tokens.ts';
import { ownSubject } from './forms.ts';

export interface Claim {
  readonly row: TokenRow;
  readonly value: string;
  /** Whose it is, as an erasure names them. */
  readonly subject: string;
}

interface ClaimDeps {
  readonly keyring: Keyring;
  /** What its values are sealed under besides. */
  readonly within: (purpose: string) => string;
  readonly boundTo: (row: TokenRow) => string;
}

export function createClaims({ keyring, within, boundTo }: ClaimDeps) {
  return async (tx: Tx, tenant: TenantId, purpose: string, claims: readonly Claim[]): Promise<void> => {
    const wanted: Claim[] = [];
    for (const one of claims) {
      const own = ownSubject(one.row.dataClass, one.value);
      const isFree = one.row.owner === null || (own !== null && one.row.owner === (await keyring.blindIndex(tx, tenant, 'subject', own)));
      if (one.row.sealed !== null && isFree && one.subject !== own) wanted.push(one);
    }
    if (wanted.length === 0) return;
    // In one order, so that two that claim the same wait for each other and never in a circle.
    wanted.sort((one, other) => (one.row.id < other.row.id ? -1 : 1));
    const sealed = await keyring.sealMany(tx, {
      tenant,
      within: within(purpose),
      values: wanted.map(({ row, value, subject }) => ({
        ...{ subject, purpose: boundTo(row) },
        plaintext: Buffer.from(JSON.stringify([subject, value]), 'utf8'),
      })),
    });
    for (const [nth, { row, subject }] of wanted.entries()) {
      const under = sealed[nth] as (typeof sealed)[number];
      const owner = await keyring.blindIndex(tx, tenant, 'subject', subject);
      const now = { id: row.id, owner, subjectKey: under.key, sealed: Buffer.from(under.sealed) };
      await claimToken(tx, tenant, { ...now, ownerBefore: row.owner });
    }
  };
}
