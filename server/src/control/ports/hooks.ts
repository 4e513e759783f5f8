// Where integrations deliver signed events to, as the control plane shows and changes it.

import type { PersonPrincipal, Refusal, TenantId } from '#core';

export interface HookView {
  readonly integration: string;
  /** On the gateway. */
  readonly path: string;
  /** Which shop it is, where somebody said so or its address does; what its platform says of another one is refused. */
  readonly shop: string | null;
  readonly createdAt: string;
  readonly rotatedAt: string | null;
  /** Until then the secret before the last rotation is good, too. */
  readonly previousUntil: string | null;
  /** Which deliveries start which published workflow; a paused one starts nothing. */
  readonly listening: readonly { readonly event: string; readonly workflow: string; readonly paused: boolean }[];
}

export interface HookPorts {
  list(tenant: TenantId): Promise<readonly HookView[]>;
  /** Makes or rotates the secret, or stores one the sender made; shown once. */
  create(
    person: PersonPrincipal,
    input: { readonly integration: string; readonly secret: string | null /** Which shop it is. */; readonly shop: string | null },
  ): Promise<{ readonly path: string; readonly secret: string; readonly previousUntil: string | null } | Refusal>;
  remove(person: PersonPrincipal, integration: string): Promise<boolean>;
}
