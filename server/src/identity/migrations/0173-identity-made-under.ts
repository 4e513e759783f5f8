// By which delegation a key or a client was made, so that it ends with it; and who was shown a provisioning token.

export const migration = {
  id: '0173-identity-made-under',
  sql: `
alter table identity_keys add column made_under text;
alter table identity_clients add column made_under text;
alter table identity_scim_tokens add column made_by text;
`,
};
