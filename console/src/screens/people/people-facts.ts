// What the lists of groups, conflicts, sessions and grants say about people, together.

import { allGrantsQuery, conflictsQuery, groupsQuery } from '../../api/access.ts';
import { allSessionsQuery, type PeopleFacts } from '../../api/people.ts';
import { useLook } from '../../ui/may.tsx';

/** Each list is asked for by whoever may see it; what is not known is not claimed. */
export function usePeopleFacts(): PeopleFacts {
  return {
    groups: useLook('access.view', groupsQuery).data?.groups ?? [],
    conflicts: useLook('access.view', conflictsQuery).data?.people ?? [],
    sessions: useLook('sessions.view', allSessionsQuery).data?.sessions ?? null,
    grants: useLook('access.view', allGrantsQuery).data?.grants ?? [],
  };
}
