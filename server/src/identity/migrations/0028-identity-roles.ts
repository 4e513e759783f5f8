// People beside the owner: a role and a name for each, and when somebody was removed. Who decided once stays nameable.

import { APP_ROLE, grantSystem } from '#storage';

export const migration = {
  id: '0028-identity-roles',
  sql: `
alter table identity_people add column name text check (char_length(name) between 1 and 80);
alter table identity_people add column removed_at timestamptz;
alter table identity_people drop constraint identity_people_role_check;
alter table identity_people add constraint identity_people_role_check check (role in ('owner', 'approver'));
grant update on table identity_people to ${APP_ROLE};
-- A session is read together with the role of its person.
${grantSystem('authenticator', 'identity_people', 'select')}
`,
};
