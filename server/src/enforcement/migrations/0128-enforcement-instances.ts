// The mark by which a process shows that it is one of this installation.

export const migration = {
  id: '0128-enforcement-instances',
  sql: 'alter table instances add column mark text;',
};
