// Whether a tenant has its calls guessed at. No row: they are.

import { grantSystem, tenantTable } from '#storage';

export const migration = {
  id: '0215-enforcement-data-guesses',
  sql: `
create table data_guesses (
  tenant text primary key,
  guesses boolean not null
);
${tenantTable('data_guesses')}
${grantSystem('authenticator', 'data_guesses', 'select')}
`,
};
