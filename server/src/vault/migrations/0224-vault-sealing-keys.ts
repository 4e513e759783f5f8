// What whoever seals asks the database, in one statement: to be known as one who seals, and then the keys to seal with.

import type { Migration } from '#storage';

export const migration: Migration = {
  id: '0224-vault-sealing-keys',
  sql: `
-- The lock first (its number is that of store/generations.ts). Volatile, so that what is asked for behind it is read when the lock is held:
-- it sees what was committed while it was waited for. Under the rights and walls of whoever calls it.
create function vault_sealing_keys(of_tenant text, of_subjects text[])
returns table (newest integer, id text, subject text, tenant_key integer, wrap_key integer, epoch integer, wrapped bytea)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  found_generation integer;
begin
  perform pg_advisory_xact_lock_shared(17255901, hashtext(of_tenant));
  select coalesce(max(r.generation), 1) into found_generation from vault_reencryptions r where r.tenant = of_tenant;
  return query
    select found_generation, k.id, k.subject, k.tenant_key, coalesce(k.wrap_key, k.tenant_key), k.epoch, k.wrapped
    from (select) as one left join vault_subject_keys k
      on k.tenant = of_tenant and k.generation = found_generation and k.subject = any(of_subjects);
end $$;
`,
};
