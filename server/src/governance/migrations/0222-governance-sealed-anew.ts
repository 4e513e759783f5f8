// What is sealed here may be sealed anew under other keys; nothing else of these rows is ever changed.

import { APP_ROLE, type Migration } from '#storage';

export const migration: Migration = {
  id: '0222-governance-sealed-anew',
  sql: `
grant update (sealed) on table governance_dataset_rows to ${APP_ROLE};
grant update (filter) on table governance_dataset_grants to ${APP_ROLE};
grant update (sealed_reason) on table governance_holds to ${APP_ROLE};
`,
};
