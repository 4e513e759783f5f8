// The tenants of an installation, for whoever runs it: made with an owner of their own, and named. What is in them is theirs.
// INVARIANT: a link for an owner is made here only until that owner holds a passkey; from then on nobody else can let somebody in.

import type { Clock, PersonId, Refusal, SealChange, TenantId, UnixMs } from '#core';
import type { Database } from '#storage';
import { refusal } from '../errors.ts';
import { ownersIn } from '../people/owners.ts';
import { ownerState } from '../store/tenants.ts';
import type { Directory } from './directory.ts';

export interface TenantView {
  readonly tenant: TenantId;
  readonly name: string;
  readonly createdAtMs: UnixMs;
  readonly owners: readonly PersonId[];
  readonly hasSignedIn: boolean;
  /** An owner comes in by their own passkey: no link for them can be made here any more. */
  readonly hasPasskey: boolean;
}

export interface Tenants {
  createTenantFor(input: { readonly name: string; readonly actor: string }): Promise<TenantId>;
  showTenant(tenant: TenantId): Promise<TenantView | null>;
  /** A one-time link for the tenant's owner. */
  ownerLinkFor(tenant: TenantId, seal?: SealChange): Promise<string | Refusal>;
}

export interface TenantsDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly directory: Pick<Directory, 'refresh' | 'tenant'>;
  readonly identity: {
    createTenant(input: { readonly name: string; readonly actor?: string }): Promise<TenantId>;
    ownerLink(tenant: TenantId, seal?: SealChange): Promise<string>;
  };
}

export function createTenants({ db, clock, directory, identity }: TenantsDeps): Tenants {
  const show = async (tenant: TenantId): Promise<TenantView | null> => {
    const entry = directory.tenant(tenant);
    if (entry === null) return null;
    return db.inTenant(tenant, async (tx) => {
      const owners = await ownersIn(tx, tenant, clock.now());
      return { ...entry, owners, ...(await ownerState(tx, tenant, owners)) };
    });
  };
  return {
    async createTenantFor(input) {
      const tenant = await identity.createTenant(input);
      await directory.refresh(tenant);
      return tenant;
    },
    showTenant: show,
    async ownerLinkFor(tenant, seal) {
      const shown = await show(tenant);
      if (shown === null) return refusal('IDENTITY_TENANT_UNKNOWN');
      if (shown.hasPasskey) return refusal('IDENTITY_TENANT_OWNED');
      return identity.ownerLink(tenant, seal);
    },
  };
}
