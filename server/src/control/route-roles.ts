// Which role may use which route of the control plane: one table, and a route that is not in it does not start.
// INVARIANT: the check runs before a route's own code and before its body is read; a route can not forget it.

import type { Role } from '#core';

export type Access = 'anyone' | readonly Role[];

const OWNER: Access = ['owner'];
/** Approvers see everything there is to see; what they may do besides is named below, line by line. */
const EVERYBODY: Access = ['owner', 'approver'];

/** Open to anyone: the state of the server, and the exchange of a one-time link for a session. */
export const ROUTE_ROLES: Readonly<Record<string, Access>> = {
  'GET /healthz': 'anyone',
  'GET /readyz': 'anyone',
  'POST /api/session': 'anyone',

  'GET /api/session': EVERYBODY,
  'DELETE /api/session': EVERYBODY,
  'POST /api/sign-in-links': OWNER,
  'GET /api/people': EVERYBODY,
  'POST /api/people': OWNER,
  'POST /api/people/:id/link': OWNER,
  'DELETE /api/people/:id': OWNER,
  'POST /api/erasures': OWNER,

  'GET /api/workloads': EVERYBODY,
  'POST /api/workloads': OWNER,
  'GET /api/keys': EVERYBODY,
  'POST /api/keys': OWNER,
  'DELETE /api/keys/:id': OWNER,

  'GET /api/integrations': EVERYBODY,
  'PUT /api/integrations/:name': OWNER,
  'DELETE /api/integrations/:name': OWNER,
  'GET /api/hooks': EVERYBODY,
  'POST /api/integrations/:name/hook': OWNER,
  'DELETE /api/integrations/:name/hook': OWNER,

  'GET /api/approvals': EVERYBODY,
  'GET /api/approvals/:id': EVERYBODY,
  'POST /api/approvals/:id/approve': EVERYBODY,
  'POST /api/approvals/:id/deny': EVERYBODY,
  'POST /api/approvals/:id/cancel': EVERYBODY,

  'GET /api/workflows': EVERYBODY,
  'POST /api/workflows': OWNER,
  'GET /api/workflows/:name': EVERYBODY,
  'GET /api/workflows/:name/trail': EVERYBODY,
  'POST /api/workflows/:name/approve': EVERYBODY,
  'POST /api/workflows/:name/publish': OWNER,
  'POST /api/workflows/:name/retire': OWNER,
  'POST /api/workflows/:name/pause': OWNER,
  'POST /api/workflows/:name/resume': OWNER,
  'POST /api/workflows/:name/runs': OWNER,
  'GET /api/workflow-runs': EVERYBODY,
  'GET /api/workflow-runs/:id': EVERYBODY,
  'GET /api/runs': EVERYBODY,
  'GET /api/runs/:id': EVERYBODY,
  'GET /api/runs/:id/content': EVERYBODY,

  'GET /api/overview': EVERYBODY,
  'GET /api/calls': EVERYBODY,
  'GET /api/calls/:id': EVERYBODY,
  'GET /api/effects/unresolved': EVERYBODY,
  'POST /api/effects/resolve': OWNER,
  'GET /api/ledger': EVERYBODY,
  'GET /api/ledger/export': EVERYBODY,
  'GET /api/ledger/consistency': EVERYBODY,
  // Notes that a checkpoint is kept elsewhere, so that exports lead from it.
  'POST /api/ledger/checkpoint': EVERYBODY,
  'GET /api/ledger/keys': EVERYBODY,
  'POST /api/ledger/rotate-key': OWNER,
  // Checks and changes nothing but the record that somebody checked.
  'POST /api/ledger/verify': EVERYBODY,
  'GET /api/events': EVERYBODY,
  'GET /api/events/facets': EVERYBODY,
  'GET /api/events/export': EVERYBODY,
  'GET /api/report/business': EVERYBODY,
  'GET /api/events/:seq': EVERYBODY,

  'GET /api/backups': EVERYBODY,
  'POST /api/backups': OWNER,
  'POST /api/backups/:id/verify': OWNER,
  'POST /api/backups/:id/drill': OWNER,
  'DELETE /api/backups/:id': OWNER,
  'GET /api/restore': EVERYBODY,
  // Two people must, and the owner is one.
  'POST /api/restore/confirm': EVERYBODY,

  'GET /api/demo': EVERYBODY,
  'POST /api/demo/start': OWNER,
  'POST /api/demo/remove': OWNER,
  'GET /api/connect': EVERYBODY,
};

/**
 * What changes something and works all the same while a restored database waits for its people: signing in, the confirmation itself, and what
 * only takes away or checks. Everything else that is no look would give out access, or begin work, on a state nobody has confirmed.
 */
export const OPEN_BEFORE_CONFIRMATION: ReadonlySet<string> = new Set([
  'POST /api/session',
  'DELETE /api/session',
  'POST /api/sign-in-links',
  'POST /api/people',
  'POST /api/people/:id/link',
  'DELETE /api/people/:id',
  'POST /api/erasures',
  'DELETE /api/keys/:id',
  'DELETE /api/integrations/:name',
  'DELETE /api/integrations/:name/hook',
  'POST /api/approvals/:id/deny',
  'POST /api/approvals/:id/cancel',
  'POST /api/workflows/:name/pause',
  'POST /api/workflows/:name/retire',
  'POST /api/ledger/verify',
  'POST /api/backups/:id/verify',
  'POST /api/backups/:id/drill',
  'POST /api/restore/confirm',
]);

/** Whether the route does nothing that has to wait for the confirmation. */
export function isOpenBeforeConfirmation(method: string, path: string): boolean {
  return method === 'GET' || method === 'HEAD' || OPEN_BEFORE_CONFIRMATION.has(`${method} ${path}`);
}

/** Throws for a route that says nothing about who may use it. */
export function accessOf(method: string, path: string): Access {
  const name = `${method === 'HEAD' ? 'GET' : method} ${path}`;
  const access = Object.hasOwn(ROUTE_ROLES, name) ? ROUTE_ROLES[name] : undefined;
  if (access === undefined) throw new Error(`${name} does not say which roles may use it; add it to control/route-roles.ts`);
  return access;
}
