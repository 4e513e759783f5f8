// What proves a yes to going on from a restored database: the passkey of whoever said it, and this installation's signature over all of it.

export const migration = {
  id: '0161-storage-restore-signed',
  sql: `
alter table storage_restore_yes add column signature text;
-- SHA-256 of the passkey's public key; null of somebody who has none.
alter table storage_restore_yes add column passkey text;
alter table storage_restore_yes add column seal bytea;
-- A yes that does not hold is given anew.
grant update on table storage_restore_yes to sallyport_installer;
`,
};
