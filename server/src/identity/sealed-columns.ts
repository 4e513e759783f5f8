// Which columns of this room hold sealed values, and for what purpose each was sealed.

import type { ProviderId, SealedColumn } from '#core';
import { purposeOfProvider } from './federation/providers.ts';
import { PROFILE_PURPOSE } from './people/profiles.ts';
import { purposeOfHook } from './workloads/hooks.ts';

export const sealedColumns: readonly SealedColumn[] = [
  { table: 'identity_hooks', column: 'secret', key: ['integration'], purpose: ({ integration }) => purposeOfHook(String(integration)) },
  { table: 'identity_hooks', column: 'previous', key: ['integration'], purpose: ({ integration }) => purposeOfHook(String(integration)) },
  { table: 'identity_profiles', column: 'sealed', key: ['person'], purpose: () => PROFILE_PURPOSE },
  { table: 'identity_providers', column: 'secret', key: ['id'], purpose: ({ id }) => purposeOfProvider(id as ProviderId) },
];
