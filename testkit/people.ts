// People as tests need them: with built-in roles over the whole tenant unless other grants are given.

import {
  BUILT_IN_ROLES,
  type Grant,
  type GrantId,
  type PersonId,
  type PersonPrincipal,
  type Role,
  type SessionId,
  type TenantId,
} from '../server/src/core/index.ts';

export function testGrant(role: Role, change: Partial<Grant> = {}): Grant {
  const id = 'grt_018cc251-f400-7000-8000-000000000001' as GrantId;
  return {
    id,
    role,
    actions: new Set(BUILT_IN_ROLES[role].actions),
    scope: {},
    condition: null,
    expiresAtMs: null,
    via: 'direct',
    ...change,
  };
}

export interface TestPerson extends Partial<Omit<PersonPrincipal, 'tenant'>> {
  readonly tenant: TenantId;
  readonly roles?: readonly Role[];
}

export function testPerson({ roles = ['owner'], ...given }: TestPerson): PersonPrincipal {
  return {
    kind: 'person',
    person: 'per_018cc251-f400-7000-8000-000000000001' as PersonId,
    session: 'ses_018cc251-f400-7000-8000-000000000001' as SessionId,
    grants: roles.map((role) => testGrant(role)),
    proof: { method: 'link', openedAtMs: 0, passkeyAtMs: null },
    home: given.tenant,
    device: null,
    risk: 'none',
    ...given,
  };
}
