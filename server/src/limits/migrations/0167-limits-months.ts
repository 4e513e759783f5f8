// Windows of a calendar month, for the budgets of departments.

export const migration = {
  id: '0167-limits-months',
  sql: `
alter table limit_window drop constraint limit_window_period_check;
alter table limit_window add constraint limit_window_period_known check (period in ('hour', 'day', 'month')) not valid;
`,
};
