// Who said what became of an effect of unknown outcome: a person, or the upstream when it was asked by our key.

export const migration = {
  id: '0067-enforcement-read-back',
  sql: `
alter table effects add column told_by text check (told_by in ('person', 'upstream'));
`,
};
