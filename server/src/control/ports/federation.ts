// Company logins and provisioning, as the control plane asks for them.

import type { PersonPrincipal, Refusal, TenantId } from '#core';
import type { Begin, Begun, Finished, ProviderInput, ProviderView, ProvisioningState, Scim } from '#identity';

export interface FederationPorts {
  readonly federation: {
    list(tenant: TenantId): Promise<readonly ProviderView[]>;
    save(person: PersonPrincipal, input: ProviderInput): Promise<ProviderView | Refusal>;
    remove(person: PersonPrincipal, name: string): Promise<boolean>;
    test(person: PersonPrincipal, name: string): Promise<ProviderView | Refusal>;
    /** Logins that the sign-in page offers, of the tenant the installation began with. */
    offered(): Promise<readonly { readonly name: string; readonly label: string }[]>;
    begin(begin: Omit<Begin, 'tenant'>): Promise<Begun | Refusal>;
    finish(answer: {
      readonly params: URLSearchParams;
      readonly cookie: string | null;
      readonly label: string;
    }): Promise<Finished | Refusal>;
    provisioning(tenant: TenantId): Promise<ProvisioningState>;
    createToken(person: PersonPrincipal): Promise<{ readonly token: string; readonly overlapUntil: Date | null }>;
    removeTokens(person: PersonPrincipal): Promise<number>;
    /** Origin and path of the SCIM service as it is reached from outside. */
    scimBase(): string;
  };
  readonly scim: Pick<Scim, 'authenticate' | 'note' | 'users' | 'groups' | 'serviceProviderConfig' | 'describe'> & {
    /** Counts a request with a wrong token; a refusal once there were too many from this address. */
    countFailure(address: string): Promise<Refusal | null>;
  };
}
