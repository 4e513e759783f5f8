// What the editor of roles is opened with.

import type { RoleFact } from '../../api/access.ts';

/** What the editor starts with: a role to change, or the actions to begin a new one from. */
export interface Draft {
  readonly role: RoleFact | null;
  readonly meaning: string;
  readonly actions: readonly string[];
}
