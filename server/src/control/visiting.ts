// Who a request acts for: the tenant the person belongs to, or the one a header names, and which routes are the installation's own.
// INVARIANT: somebody's own things, their session and passkeys, are always those at home, whatever tenant the header names.

import type { FastifyRequest } from 'fastify';
import { type Action, actionsOf, factsOf, type PersonPrincipal, type Refusal, refuse } from '#core';
import type { VisitPorts } from './ports/visits.ts';
import { type Access, ROUTE_ACTIONS, type Route, routeName } from './route-actions.ts';

export const TENANT_HEADER = 'x-sallyport-tenant';
/** An id or a name; anything else names nothing. */
const NAMED = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** What concerns every tenant at once, and so only people of the tenant the installation began with. */
export const FOR_THE_INSTALLATION: ReadonlySet<string> = new Set([
  'GET /api/tenants',
  'POST /api/tenants',
  'GET /api/tenants/:name',
  'POST /api/tenants/:name/owner-link',
  'GET /api/backups',
  'POST /api/backups',
  'POST /api/backups/:id/verify',
  'POST /api/backups/:id/drill',
  'DELETE /api/backups/:id',
  'POST /api/restore/confirm',
  'POST /api/ledger/rotate-key',
  'GET /api/data-keys',
  'POST /api/data-keys/epoch',
  'POST /api/data-keys/rotate',
  'POST /api/data-keys/rewrap',
  'GET /api/data-keys/re-encryption',
  'POST /api/data-keys/re-encrypt',
  'POST /api/data-keys/minimum',
  'POST /api/data-keys/recovery-kit',
]);

const INSTALLATION_ACTIONS: ReadonlySet<string> = new Set([...FOR_THE_INSTALLATION].map((route) => ROUTE_ACTIONS[route as Route]));

/** What the person's grants give, without what nobody of this tenant may. */
export function actionsHere(ports: VisitPorts, person: PersonPrincipal): readonly Action[] {
  const actions = [...actionsOf(person)];
  return ports.isOperator(person) ? actions : actions.filter((action) => !INSTALLATION_ACTIONS.has(action));
}

/** Tells a page or a program where it is; the other routes of the person's own are about their home. */
const SELF_ABROAD: ReadonlySet<string> = new Set(['GET /api/session', 'GET /api/access/effective', 'GET /api/access/explain']);

/** The person in the tenant the request is for, or why they are not let in there. */
export function visitOf(ports: VisitPorts, request: FastifyRequest, person: PersonPrincipal, access: Access): PersonPrincipal | Refusal {
  const named = request.headers[TENANT_HEADER];
  if (named === undefined) return person;
  if (access === 'self' && !SELF_ABROAD.has(routeName(request.method, request.routeOptions.url ?? ''))) return person;
  return ports.enter(person, typeof named === 'string' && NAMED.test(named) ? named : '');
}

/** Whether the route is open to people of this tenant at all. */
export function refuseElsewhere(ports: VisitPorts, request: FastifyRequest, person: PersonPrincipal): Refusal | null {
  if (!FOR_THE_INSTALLATION.has(routeName(request.method, request.routeOptions.url ?? '')) || ports.isOperator(person)) return null;
  return refuse('CONTROL_INSTALLATION_ONLY', 'This concerns every tenant of the installation: only people of the one it began with may.');
}

/** Nothing is done before both tenants' logs say that somebody of the one is in the other. */
export async function noteVisit(ports: VisitPorts, person: PersonPrincipal, access: Access): Promise<void> {
  if (person.home === person.tenant || access === 'anyone') return;
  await ports.note(person, access === 'self' ? 'look' : factsOf(access).kind);
}
