// Going into another tenant, and back: what was shown of the one before is forgotten first.

import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useSyncExternalStore } from 'react';
import { currentTenant, type Elsewhere, enterTenant, onTenant } from '../../api/tenant.ts';

/** The tenant this tab is about; null for one's own. */
export const useTenant = (): Elsewhere | null => useSyncExternalStore(onTenant, currentTenant);

export function useEnter(): (tenant: Elsewhere | null, to?: string) => Promise<void> {
  const client = useQueryClient();
  const navigate = useNavigate();
  return async (tenant, to = '/') => {
    enterTenant(tenant);
    // Every answer so far is of the tenant that was left, but for what is asked of one's own.
    await client.cancelQueries();
    client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'fleet' });
    await navigate({ to });
    await client.invalidateQueries();
  };
}
