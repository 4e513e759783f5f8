// What the lists of groups, conflicts, sessions and grants say about people, together.

import { allGrantsQuery, conflictsQuery, groupsQuery } from '../../api/access.ts';
import { allSessionsQuery, type PeopleFacts } from '../../api/people.ts';
import { useLook } from '../../ui/may.tsx';

/** Each list is asked for by whoever may see it; what is not known is not claimed. `isLoading`: some of it is still on its way. */
export function usePeopleFacts(): PeopleFacts & { readonly isLoading: boolean } {
  const groups = useLook('access.view', groupsQuery);
  const conflicts = useLook('access.view', conflictsQuery);
  const sessions = useLook('sessions.view', allSessionsQuery);
  const grants = useLook('access.view', allGrantsQuery);
  return {
    groups: groups.data?.groups ?? [],
    conflicts: conflicts.data?.people ?? [],
    sessions: sessions.data?.sessions ?? null,
    grants: grants.data?.grants ?? [],
    isLoading: [groups, conflicts, sessions, grants].some(({ isLoading }) => isLoading),
  };
}
