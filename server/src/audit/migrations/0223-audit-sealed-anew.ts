// The sealed name behind a pseudonym may be sealed anew under another key; nothing else of the link is ever changed.

import { APP_ROLE, type Migration } from '#storage';

export const migration: Migration = {
  id: '0223-audit-sealed-anew',
  sql: `grant update (sealed) on table audit_link to ${APP_ROLE};`,
};
