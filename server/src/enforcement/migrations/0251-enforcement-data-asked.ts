// Cells of the matrix may say whether a person who is asked about a doubtful find may send it as it is.

export const migration = {
  id: '0251-enforcement-data-asked',
  sql: `
alter table data_rules drop constraint data_rules_mode_check,
  add constraint data_rules_mode_check check (mode in ('monitor', 'enforce', 'asked')) not valid;
`,
};
