// People of a tenant, as the control plane shows and changes them.

import type { PersonId, PersonPrincipal, Refusal, TenantId, UnixMs } from '#core';

export interface PersonView {
  readonly id: PersonId;
  /** The owner of a new installation has none. */
  readonly name: string | null;
  /** The one to show where there is room for one; null without any. */
  readonly role: string | null;
  readonly roles: readonly string[];
  readonly addedAt: string;
  /** When they last signed in with a browser. */
  readonly signedInAt: string | null;
  readonly hasPasskey: boolean;
}

/** Shown once, to the owner, who hands it on. */
export interface InvitationView {
  readonly id: PersonId;
  readonly name: string;
  readonly role: string | null;
  readonly roles: readonly string[];
  readonly secret: string;
  readonly expiresAt: string;
}

export interface PeoplePorts {
  list(tenant: TenantId): Promise<readonly PersonView[]>;
  /** With the usual roles of somebody who decides, when none is named. */
  add(
    owner: PersonPrincipal,
    person: { readonly name: string; readonly roles?: readonly string[]; readonly expiresAtMs?: UnixMs },
  ): Promise<InvitationView | Refusal>;
  invite(owner: PersonPrincipal, person: PersonId): Promise<InvitationView | Refusal>;
  remove(owner: PersonPrincipal, person: PersonId): Promise<Refusal | null>;
}
