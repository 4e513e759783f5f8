// The tenants of an installation, for whoever runs it: made with an owner of their own, and named. What is in them is theirs.
// INVARIANT: a link for an owner is made here only while nobody has ever come in. Afterwards only to recover a tenant whose owners hold no
// passkey, and then its log, its alerts and its owners say so; once an owner holds a passkey nobody else can let somebody in.

import {
  type Clock,
  isRefusal,
  makeEvent,
  type PersonId,
  type Random,
  type Refusal,
  type SealChange,
  type TenantId,
  type UnixMs,
} from '#core';
import { appendEvents, type Database } from '#storage';
import { refusal } from '../errors.ts';
import { ownersIn } from '../people/owners.ts';
import type { Sessions } from '../signing-in/sessions.ts';
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

export interface OwnerLinkFor {
  readonly tenant: TenantId;
  /** Who of the installation asks. */
  readonly actor: string;
  /** The owner was in before, has no passkey and is locked out: recorded as that. */
  readonly recover?: boolean;
  readonly seal?: SealChange;
}

export interface Tenants {
  createTenantFor(input: { readonly name: string; readonly actor: string }): Promise<TenantId>;
  showTenant(tenant: TenantId): Promise<TenantView | null>;
  /** A one-time link for the tenant's owner. */
  ownerLinkFor(input: OwnerLinkFor): Promise<OwnerLink | Refusal>;
}

export interface OwnerLink {
  readonly secret: string;
  /** Somebody had come in before: the tenant's log says that it was recovered. */
  readonly isRecovery: boolean;
}

export interface TenantsDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly directory: Pick<Directory, 'refresh' | 'tenant'>;
  readonly identity: {
    createTenant(input: { readonly name: string; readonly actor?: string }): Promise<TenantId>;
  } & Pick<Sessions, 'ownerLinkIf'>;
}

export function createTenants({ db, clock, random, directory, identity }: TenantsDeps): Tenants {
  return {
    async createTenantFor(input) {
      const tenant = await identity.createTenant(input);
      await directory.refresh(tenant);
      return tenant;
    },

    async showTenant(tenant) {
      const entry = directory.tenant(tenant);
      if (entry === null) return null;
      return db.inTenant(tenant, async (tx) => {
        const owners = await ownersIn(tx, tenant, clock.now());
        const { hasSignedIn, hasPasskey } = await ownerState(tx, tenant, owners);
        return { ...entry, owners, hasSignedIn, hasPasskey };
      });
    },

    async ownerLinkFor({ tenant, actor, recover = false, seal }) {
      if (directory.tenant(tenant) === null) return refusal('IDENTITY_TENANT_UNKNOWN');
      let isRecovery = false;
      const secret = await identity.ownerLinkIf(tenant, async (tx, owner) => {
        isRecovery = false;
        const { hasPasskey, isEntered } = await ownerState(tx, tenant, await ownersIn(tx, tenant, clock.now()));
        if (hasPasskey) return refusal('IDENTITY_TENANT_OWNED');
        if (!isEntered) return null;
        if (!recover) return refusal('IDENTITY_TENANT_ENTERED');
        const sealed = (await seal?.(tx, { before: null, after: { tenant, owner } })) ?? null;
        const told = { tenant, type: 'identity.tenant.recovered', actor, subject: owner, public: {}, sealed };
        await appendEvents(tx, [makeEvent({ clock, random }, told)]);
        isRecovery = true;
        return null;
      });
      return isRefusal(secret) ? secret : { secret, isRecovery };
    },
  };
}
