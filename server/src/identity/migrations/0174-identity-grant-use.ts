// How often each grant was what allowed something is counted like everything else that is used.

export const migration = {
  id: '0174-identity-grant-use',
  sql: `
alter table identity_usage drop constraint identity_usage_kind_check,
  add constraint identity_usage_kind_check
    check (kind in ('action', 'integration', 'operation', 'model', 'key', 'tool_offered', 'tool_called', 'grant')) not valid;
`,
};
