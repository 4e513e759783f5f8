// Key epochs: which key outside the database wraps each subject key, the erasures that wait for an epoch to end, and tenant keys that ended.

import { grantSystem, tenantTable } from '#storage';

export const migration = {
  id: '0183-vault-epochs',
  sql: `
-- Numbers and fingerprints of epochs; their keys are in a file and never here.
create table vault_epochs (
  epoch integer primary key,
  key_id text not null,
  state text not null check (state in ('prepared', 'current', 'ending', 'destroyed')),
  prepared_at timestamptz not null,
  current_at timestamptz,
  destroyed_at timestamptz
);
revoke all on table vault_epochs from public;
grant select on table vault_epochs to sallyport_app;
grant select, insert, update, delete on table vault_epochs to sallyport_installer;

-- Epoch 0: wrapped under the tenant key alone, as before there were epochs.
alter table vault_subject_keys add column epoch integer not null default 0;
-- Version of the tenant key that wraps it now; null: the one it was made under, which values stay bound to.
alter table vault_subject_keys add column wrap_key integer;
${grantSystem('installer', 'vault_subject_keys', ['select', 'update', 'delete'])}

create policy sallyport_installer_insert on vault_tenant_keys for insert to sallyport_installer with check (true);
create policy sallyport_installer_update on vault_tenant_keys for update to sallyport_installer using (true) with check (true);
create policy sallyport_installer_delete on vault_tenant_keys for delete to sallyport_installer using (true);
grant insert, update, delete on table vault_tenant_keys to sallyport_installer;

-- Keys that were deleted, by their random ids; final once the epoch that wrapped them is destroyed.
create table vault_erasures (
  tenant text not null,
  key text not null,
  epoch integer not null,
  erased_at timestamptz not null,
  primary key (tenant, key)
);
${tenantTable('vault_erasures', ['select', 'insert'])}
${grantSystem('installer', 'vault_erasures', 'select')}
`,
};
