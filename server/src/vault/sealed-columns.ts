// Which columns of this room hold sealed values, and for what purpose each was sealed.

import type { DataClass, FollowSealed, RunId, SealedColumn } from '#core';
import { CREDENTIAL_PURPOSE } from './credentials.ts';
import { purposeOfKnown } from './known-values.ts';
import { renameTokenKeys } from './store/tokens.ts';
import { boundTo } from './tokens/tokens.ts';

export const sealedColumns: readonly SealedColumn[] = [
  { table: 'vault_credentials', column: 'sealed', key: ['id'], purpose: () => CREDENTIAL_PURPOSE },
  { table: 'vault_known_values', column: 'sealed', key: ['run', 'digest'], purpose: ({ run }) => purposeOfKnown(run as RunId) },
  {
    table: 'vault_tokens',
    column: 'sealed',
    key: ['id'],
    beside: ['purpose', 'data_class', 'blind', 'stand_in'],
    purpose: (row) =>
      boundTo({
        ...{ purpose: String(row.purpose), dataClass: row.data_class as DataClass, id: String(row.id), standIn: row.stand_in ?? null },
        blind: row.blind == null ? null : Buffer.from(row.blind.slice(2), 'hex'),
      }),
    isVouchedFor: true,
  },
];

/** What names the keys of tokens goes with them. */
export const followTokens: FollowSealed = (tx, tenant, { row, keys }) =>
  renameTokenKeys(tx, tenant, {
    id: String(row.id),
    own: [keys.before.at(-1), keys.after.at(-1)],
    purpose: [keys.before[0], keys.after[0]],
  });
