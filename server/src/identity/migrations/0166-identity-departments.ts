// What a workspace may use and spend; null where nobody said anything.

import { APP_ROLE } from '#storage';

export const migration = {
  id: '0166-identity-departments',
  sql: `
alter table identity_workspaces add column rules jsonb, add column limits jsonb;
grant update (rules, limits) on table identity_workspaces to ${APP_ROLE};
`,
};
