// A legal hold on a phone number holds whoever has it in any of its forms: with its country and without.

export const migration = {
  id: '0225-governance-hold-forms',
  sql: `
-- Keyed hashes of the other forms of the number; of anything else there is one form.
alter table governance_holds add column forms text[] not null default '{}';
`,
};
