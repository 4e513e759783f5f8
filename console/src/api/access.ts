// Who may do what, as the control plane tells it: roles, grants, groups, emergency access, and why something is not allowed.

import { queryOptions } from '@tanstack/react-query';
import { api, queryOf } from './client.ts';
import { endorse } from './passkeys.ts';

/** `area.verb`; the names are the server's, their words stand in strings/en/access-words.ts. */
export type Action = string;

/** What an action is done to. */
export interface On {
  readonly kind: 'workflow' | 'integration' | 'workspace' | 'person';
  readonly name: string;
}

export interface Conflict {
  readonly a: Action;
  readonly b: Action;
  readonly why: string;
}

export interface Explanation {
  readonly isAllowed: boolean;
  readonly code: string | null;
  readonly reason: string | null;
  /** The name of the rule that decided. */
  readonly rule: string | null;
  readonly grant: { readonly id: string; readonly role: string; readonly via: string } | null;
  readonly allowedRoles: readonly string[];
  /** Names of people who can give it. */
  readonly ask: readonly string[];
}

const LIST_MS = 10_000;

export const explainQuery = ({ person, action, on = null }: { person?: string; action: Action; on?: On | null }) =>
  queryOptions({
    queryKey: ['access', 'explain', person ?? null, action, on],
    queryFn: () => api<Explanation>('GET', `/api/access/explain${queryOf({ person, action, kind: on?.kind, name: on?.name })}`),
    staleTime: 30_000,
    retry: false,
  });

export interface ActionFact {
  readonly action: Action;
  readonly kind: string;
  readonly on: string;
  readonly stepUp: boolean;
}

export interface RoleFact {
  readonly role: string;
  readonly isBuiltIn: boolean;
  readonly meaning: string;
  readonly actions: readonly Action[];
  /** Grants that name it now. */
  readonly holders: number;
}

export interface Roles {
  readonly actions: readonly ActionFact[];
  readonly conflicts: readonly Conflict[];
  readonly roles: readonly RoleFact[];
}

export interface ScopeOf {
  readonly workspace?: string;
  readonly workflow?: string;
  readonly integration?: string;
  readonly dataClass?: string;
}

export interface ConditionOf {
  readonly hours?: { readonly from: number; readonly to: number };
  readonly network?: 'inside';
  readonly passkey?: 'fresh';
  readonly device?: 'managed';
}

export interface GrantView {
  readonly id: string;
  readonly subject: string;
  readonly role: string;
  readonly scope: ScopeOf;
  readonly condition: ConditionOf | null;
  readonly expiresAt: string | null;
  readonly reason: string | null;
  readonly grantedBy: string | null;
  readonly createdAt: string;
  readonly via: string;
  /** How often it was what allowed something; unknown where that is not counted. */
  readonly uses?: number;
  readonly lastUsedAt?: string | null;
}

export interface GroupView {
  readonly id: string;
  readonly name: string;
  readonly source: string;
  readonly members: readonly string[];
}

export interface NewGrant {
  readonly subject: string;
  readonly role: string;
  readonly scope?: ScopeOf;
  readonly condition?: ConditionOf;
  readonly expiresAt?: string;
  readonly reason?: string;
}

export interface Simulation {
  readonly gains: readonly Action[];
  readonly losses: readonly Action[];
  readonly conflicts: readonly Conflict[];
  readonly leavesNoOwner: boolean;
}

/** Everything somebody holds now, also through groups, emergency access and agencies. */
export interface Effective {
  readonly person: string;
  readonly isOwner: boolean;
  readonly grants: readonly (Pick<GrantView, 'id' | 'role' | 'scope' | 'condition' | 'expiresAt' | 'via'> & {
    readonly actions: readonly Action[];
  })[];
  readonly conflicts: readonly Conflict[];
}

export type EffectiveGrant = Effective['grants'][number];

export interface BreakGlass {
  readonly id: string;
  readonly person: string;
  readonly name: string | null;
  readonly role: string;
  readonly reason: string | null;
  /** asked, open, denied, ended or lapsed. */
  readonly state: string;
  readonly requestedAt: string;
  readonly approvedBy: string | null;
  /** When it is, or was, over: the access while it runs, the request while it waits. */
  readonly endsAt: string | null;
}

export const rolesQuery = queryOptions({
  queryKey: ['access', 'roles'],
  queryFn: () => api<Roles>('GET', '/api/access/roles'),
  staleTime: 60_000,
});

export const grantsQuery = (subject: string) =>
  queryOptions({
    queryKey: ['access', 'grants', subject],
    queryFn: () => api<{ grants: readonly GrantView[] }>('GET', `/api/access/grants${queryOf({ subject })}`),
    refetchInterval: LIST_MS,
  });

/** Of everybody, e.g. to say whose access ends. */
export const allGrantsQuery = queryOptions({
  queryKey: ['access', 'grants'],
  queryFn: () => api<{ grants: readonly GrantView[] }>('GET', '/api/access/grants'),
  refetchInterval: LIST_MS,
});

export const effectiveQuery = (person: string) =>
  queryOptions({
    queryKey: ['access', 'effective', person],
    queryFn: () => api<Effective>('GET', `/api/access/effective${queryOf({ person })}`),
    refetchInterval: LIST_MS,
  });

export const conflictsQuery = queryOptions({
  queryKey: ['access', 'conflicts'],
  queryFn: () =>
    api<{ people: readonly { readonly person: string; readonly conflicts: readonly Conflict[] }[] }>('GET', '/api/access/conflicts'),
  refetchInterval: LIST_MS,
});

export const groupsQuery = queryOptions({
  queryKey: ['access', 'groups'],
  queryFn: () => api<{ groups: readonly GroupView[] }>('GET', '/api/access/groups'),
  refetchInterval: LIST_MS,
});

export const breakGlassQuery = queryOptions({
  queryKey: ['access', 'break-glass'],
  queryFn: () => api<{ requests: readonly BreakGlass[] }>('GET', '/api/access/break-glass'),
  refetchInterval: 3_000,
});

export const simulateQuery = (grant: Omit<NewGrant, 'reason'> | { readonly end: string }) =>
  queryOptions({
    queryKey: ['access', 'simulate', grant],
    queryFn: () => api<Simulation>('POST', '/api/access/simulate', grant),
    retry: false,
    staleTime: 10_000,
  });

const idPath = (area: string, id: string): string => `/api/access/${area}/${encodeURIComponent(id)}`;

export const addGrant = (grant: NewGrant): Promise<GrantView> => api('POST', '/api/access/grants', grant);
export const endGrant = (id: string, reason: string): Promise<unknown> => api('DELETE', idPath('grants', id), undefined, reason);

export const putRole = (name: string, role: { readonly meaning: string; readonly actions: readonly Action[] }): Promise<unknown> =>
  api('PUT', idPath('roles', name), role);
export const deleteRole = (name: string, reason: string): Promise<unknown> => api('DELETE', idPath('roles', name), undefined, reason);

export const addGroup = (name: string): Promise<GroupView> => api('POST', '/api/access/groups', { name });
export const renameGroup = (id: string, name: string): Promise<GroupView> => api('PUT', idPath('groups', id), { name });
export const deleteGroup = (id: string, reason: string): Promise<unknown> => api('DELETE', idPath('groups', id), undefined, reason);
export const putMember = (group: string, person: string): Promise<unknown> =>
  api('PUT', `${idPath('groups', group)}/members/${encodeURIComponent(person)}`);
export const dropMember = (group: string, person: string): Promise<unknown> =>
  api('DELETE', `${idPath('groups', group)}/members/${encodeURIComponent(person)}`);

export const askBreakGlass = (asked: { readonly role: string; readonly reason: string }): Promise<BreakGlass> =>
  api('POST', '/api/access/break-glass', asked);
export const decideBreakGlass = (id: string, verb: 'approve' | 'deny' | 'end'): Promise<unknown> =>
  verb === 'approve' ? endorse(`${idPath('break-glass', id)}/approve`) : api('POST', `${idPath('break-glass', id)}/${verb}`, {});
