// Who may do what, as the control plane shows and changes it: roles, grants, groups, emergency access, and why.

import type {
  ActedOn,
  Action,
  BreakGlassId,
  GrantCondition,
  GrantId,
  GroupId,
  PersonId,
  PersonPrincipal,
  Refusal,
  Scope,
  TenantId,
} from '#core';
import type { Explanation } from './authorize.ts';
import type { AssertionInput } from './sign-in.ts';

export interface ConflictView {
  readonly a: Action;
  readonly b: Action;
  readonly why: string;
}

export interface RolesView {
  readonly actions: readonly {
    readonly action: Action;
    readonly kind: string;
    readonly on: string;
    readonly stepUp: boolean;
    readonly meaning: string;
  }[];
  readonly conflicts: readonly ConflictView[];
  readonly roles: readonly RoleView[];
}

export interface RoleView {
  readonly role: string;
  readonly isBuiltIn: boolean;
  readonly meaning: string;
  readonly actions: readonly string[];
  /** People and groups it was given to. */
  readonly holders: number;
  /** Pairs within it that nobody else may hold together: the owner's exception. */
  readonly conflicts: number;
}

export interface GrantView {
  readonly id: GrantId;
  readonly subject: string;
  readonly role: string;
  readonly scope: Scope;
  readonly condition: GrantCondition | null;
  readonly expiresAt: string | null;
  readonly reason: string | null;
  readonly grantedBy: string;
  readonly createdAt: string;
  readonly via: string;
  /** How often it was what allowed something in the last 90 days; of one that was made just now it is not told. */
  readonly uses?: number;
  readonly lastUsedAt?: string | null;
}

export interface NewGrantInput {
  readonly subject: string;
  readonly role: string;
  readonly scope?: Scope;
  readonly condition?: GrantCondition | null;
  readonly expiresAtMs?: number | null;
  readonly reason?: string | null;
}

export interface GroupView {
  readonly id: GroupId;
  readonly name: string;
  readonly source: string;
  readonly members: readonly PersonId[];
}

export interface EffectiveView {
  readonly person: PersonId;
  readonly name: string | null;
  readonly isOwner: boolean;
  readonly isSolo: boolean;
  readonly grants: readonly (Omit<GrantView, 'subject' | 'reason' | 'grantedBy' | 'createdAt'> & { readonly actions: readonly Action[] })[];
  readonly actions: readonly Action[];
  readonly conflicts: readonly ConflictView[];
}

export interface ConflictsView {
  /** Of people who are no owner; empty is right. */
  readonly people: readonly { readonly person: PersonId; readonly name: string | null; readonly conflicts: readonly ConflictView[] }[];
  /** Owners hold everything: the one exception, shown as such. */
  readonly owners: readonly { readonly person: PersonId; readonly name: string | null }[];
  readonly isSolo: boolean;
  readonly rules: readonly ConflictView[];
}

export interface SimulationView {
  readonly gains: readonly Action[];
  readonly losses: readonly Action[];
  readonly conflicts: readonly ConflictView[];
  readonly people: number;
  readonly leavesNoOwner: boolean;
}

export interface BreakGlassView {
  readonly id: BreakGlassId;
  readonly person: PersonId;
  readonly name: string | null;
  readonly role: string;
  readonly reason: string | null;
  /** asked, open, denied, ended or lapsed. */
  readonly state: string;
  readonly requestedAt: string;
  readonly approvedBy: string | null;
  /** When the request, or the access, is over by itself. */
  readonly endsAt: string | null;
}

export interface AccessGrantPorts {
  readonly accessGrants: {
    roles(tenant: TenantId): Promise<RolesView>;
    putRole(person: PersonPrincipal, role: { name: string; meaning: string; actions: readonly string[] }): Promise<object | Refusal>;
    removeRole(person: PersonPrincipal, name: string): Promise<Refusal | null>;
    grants(tenant: TenantId, subject: string | null): Promise<readonly GrantView[]>;
    grant(person: PersonPrincipal, grant: NewGrantInput): Promise<GrantView | Refusal>;
    end(person: PersonPrincipal, grant: GrantId): Promise<Refusal | null>;
    groups(tenant: TenantId): Promise<readonly GroupView[]>;
    addGroup(person: PersonPrincipal, name: string): Promise<GroupView | Refusal>;
    renameGroup(person: PersonPrincipal, group: GroupId, name: string): Promise<GroupView | Refusal>;
    removeGroup(person: PersonPrincipal, group: GroupId): Promise<Refusal | null>;
    join(person: PersonPrincipal, group: GroupId, member: PersonId): Promise<Refusal | null>;
    leave(person: PersonPrincipal, group: GroupId, member: PersonId): Promise<Refusal | null>;
    effective(tenant: TenantId, person: PersonId): Promise<EffectiveView | null>;
    conflicts(tenant: TenantId): Promise<ConflictsView>;
    simulate(tenant: TenantId, change: NewGrantInput | { readonly end: GrantId }): Promise<SimulationView | Refusal>;
    /** Why somebody may or may not; `who` is whoever asks when nobody is named. */
    explain(asker: PersonPrincipal, who: PersonId | null, action: Action, on: ActedOn): Promise<Explanation | null>;
    breakGlass(person: PersonPrincipal): Promise<readonly BreakGlassView[]>;
    ask(person: PersonPrincipal, asked: { readonly role: string; readonly reason: string }): Promise<BreakGlassView | Refusal>;
    /** What the person's passkeys are asked to sign to agree; null of somebody who has none. */
    agreeOptions(person: PersonPrincipal, id: BreakGlassId): Promise<{ readonly options: object | null } | Refusal>;
    agree(person: PersonPrincipal, id: BreakGlassId, assertion?: AssertionInput): Promise<Refusal | null>;
    decide(person: PersonPrincipal, id: BreakGlassId, verdict: 'deny' | 'end'): Promise<Refusal | null>;
  };
}
