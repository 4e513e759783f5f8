// Roles of the server and of the jobs that cross tenants, and the function every tenant policy asks for the current tenant.

const ROLES = ['app', 'authenticator', 'sequencer', 'resolver', 'writer', 'installer'];

// Roles belong to the whole server: another database of it may have made them, even at this very moment.
const createRole = (role: string): string => `
do $$ begin
  create role sallyport_${role} nologin noinherit;
exception when duplicate_object or unique_violation then null;
end $$;`;

const allowSwitch = (role: string): string => `
do $$ begin
  grant sallyport_${role} to sallyport_app with inherit false, set true;
exception when unique_violation then null;
end $$;`;

export const migration = {
  id: '0001-storage-roles',
  sql: `
${ROLES.map(createRole).join('')}
${ROLES.slice(1).map(allowSwitch).join('')}

revoke create on schema public from public;
do $$ begin
  execute format('revoke temporary on database %I from public', current_database());
end $$;

-- An unset tenant is null before the first use of the setting on a connection and empty after it; both are errors.
create function sallyport_tenant() returns text language plpgsql stable parallel safe as $$
declare
  tenant text := current_setting('sallyport.tenant', true);
begin
  if tenant is null or tenant = '' then
    raise exception 'no tenant is set' using errcode = 'SP001';
  end if;
  return tenant;
end $$;
revoke all on function sallyport_tenant() from public;
grant execute on function sallyport_tenant() to sallyport_app;
`,
};
