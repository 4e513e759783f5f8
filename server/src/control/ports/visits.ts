// Staff of one tenant acting in another, as the control plane asks for it.

import type { ActionKind, PersonPrincipal, Refusal, TenantId } from '#core';

export interface VisitPorts {
  /** The person as somebody of the named tenant, by id or name; a refusal where nobody there let them in. */
  enter(person: PersonPrincipal, named: string): PersonPrincipal | Refusal;
  /** In both tenants' logs, before anything is done. */
  note(visitor: PersonPrincipal, kind: ActionKind): Promise<void>;
  /** Runs work so that whatever event the person causes says where they come from. */
  actAs<T>(person: PersonPrincipal, work: () => T): T;
  /** Nobody but one person of the tenant could decide there, of their own or of an agency. */
  isSolo(tenant: TenantId): boolean;
  /** Of the tenant the installation began with, and there. */
  isOperator(person: PersonPrincipal): boolean;
}
