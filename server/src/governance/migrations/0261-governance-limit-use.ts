// People may limit the use of their sensitive data.

export const migration = {
  id: '0261-governance-limit-use',
  sql: `
alter table governance_opt_outs drop constraint governance_opt_outs_use_check,
  add constraint governance_opt_outs_use_check check (use in ('ad_sharing', 'sale', 'profiling', 'sensitive', 'admt')) not valid;
`,
};
