// What the approver's passkey signed about a version, and which passkey it was. Null: approved by somebody without one, or before this.

export const migration = {
  id: '0160-workflows-signed',
  sql: `
alter table workflow_versions add column passkey_signature text;
-- SHA-256 of the passkey's public key.
alter table workflow_versions add column passkey text;
`,
};
