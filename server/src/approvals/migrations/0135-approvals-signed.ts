// What makes a decision provable when its call runs: the approver's signature, and seals that writing in the database can not make.

export const migration = {
  id: '0135-approvals-signed',
  sql: `
-- Keyed, over what was asked and how many people it takes.
alter table approvals add column seal bytea;
-- What the approver's passkey signed, as the browser handed it over; without one the person had no passkey.
alter table approval_decisions add column signature text;
-- When a yes of somebody who is alone takes effect.
alter table approval_decisions add column runs_at timestamptz;
-- Keyed, over who said what about which digest, when, with which signature, and when it takes effect.
alter table approval_decisions add column seal bytea;
`,
};
