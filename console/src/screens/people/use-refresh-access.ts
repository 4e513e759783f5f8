// What is asked anew once access changed.

import { useQueryClient } from '@tanstack/react-query';

/** After access changed, everything that tells about access. */
export function useRefreshAccess(): () => Promise<unknown> {
  const client = useQueryClient();
  return () => Promise.all([['access'], ['people'], ['session'], ['least']].map((queryKey) => client.invalidateQueries({ queryKey })));
}
