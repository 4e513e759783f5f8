// What was counted at integrations of sample data is forgotten when they are removed.

import { APP_ROLE } from '#storage';

export const migration = {
  id: '0031-limits-samples',
  sql: `
grant delete on table limit_window to ${APP_ROLE};
`,
};
