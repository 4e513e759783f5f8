// As 0222, for tables that came after it: what is sealed may be sealed anew under other keys.

import { APP_ROLE, type Migration } from '#storage';

export const migration: Migration = {
  id: '0260-governance-sealed-anew-too',
  sql: `
grant update (sealed) on table governance_assessments to ${APP_ROLE};
grant update (sealed_what) on table governance_breaches to ${APP_ROLE};
grant update (sealed_text) on table governance_breach_steps to ${APP_ROLE};
`,
};
