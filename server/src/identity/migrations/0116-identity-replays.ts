// What may be presented once: proofs of possession and client assertions, until they could not be accepted any more anyway.

import { grantSystem, tenantTable } from '#storage';

export const migration = {
  id: '0116-identity-replays',
  sql: `
create table identity_replays (
  tenant text not null,
  digest bytea not null check (octet_length(digest) = 32),
  expires_at timestamptz not null,
  primary key (tenant, digest)
);
create index identity_replays_expiry on identity_replays (expires_at);
${tenantTable('identity_replays', ['select', 'insert'])}
${grantSystem('authenticator', 'identity_replays', ['select', 'insert', 'delete'])}
`,
};
