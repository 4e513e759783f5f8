// What using each route of the control plane takes: one action of core's table. A route that is not here does not start.
// INVARIANT: the check runs before a route's own code and before its body is read; a route can not forget it.

import type { ActedOn, Action } from '#core';
import type { AskedOn } from './ports/authorize.ts';

/** `self`: any signed-in person, on what is their own. */
export type Access = 'anyone' | 'self' | Action;

/** Open to anyone: the state of the server, and the exchange of a one-time link for a session. */
export const ROUTE_ACTIONS = {
  'GET /healthz': 'anyone',
  'GET /readyz': 'anyone',
  'POST /api/session': 'anyone',
  'POST /api/sign-in/passkey/options': 'anyone',
  'POST /api/sign-in/passkey': 'anyone',
  'POST /api/sign-in/recovery': 'anyone',
  'GET /api/sign-in/providers': 'anyone',
  'GET /sso/:provider/start': 'anyone',
  'GET /sso/callback': 'anyone',
  // Opened by a token of their own, which the routes themselves ask for.
  'GET /scim/v2/ServiceProviderConfig': 'anyone',
  'GET /scim/v2/ResourceTypes': 'anyone',
  'GET /scim/v2/ResourceTypes/:id': 'anyone',
  'GET /scim/v2/Schemas': 'anyone',
  'GET /scim/v2/Schemas/:id': 'anyone',
  'GET /scim/v2/Users': 'anyone',
  'POST /scim/v2/Users': 'anyone',
  'GET /scim/v2/Users/:id': 'anyone',
  'PUT /scim/v2/Users/:id': 'anyone',
  'PATCH /scim/v2/Users/:id': 'anyone',
  'DELETE /scim/v2/Users/:id': 'anyone',
  'GET /scim/v2/Groups': 'anyone',
  'POST /scim/v2/Groups': 'anyone',
  'GET /scim/v2/Groups/:id': 'anyone',
  'PUT /scim/v2/Groups/:id': 'anyone',
  'PATCH /scim/v2/Groups/:id': 'anyone',
  'DELETE /scim/v2/Groups/:id': 'anyone',

  'POST /api/step-up/options': 'self',
  'POST /api/step-up': 'self',
  'GET /api/passkeys': 'self',
  'POST /api/passkeys/options': 'self',
  'POST /api/passkeys': 'self',
  'PUT /api/passkeys/:id': 'self',
  'DELETE /api/passkeys/:id': 'self',
  'POST /api/recovery-codes': 'self',
  // Other people's are asked for sessions.view and sessions.end.
  'GET /api/sessions': 'self',
  'DELETE /api/sessions/:id': 'self',
  'GET /api/people/:person/passkeys': 'people.view',
  'DELETE /api/people/:person/passkeys/:id': 'people.manage',
  'POST /api/people/:person/reset': 'people.manage',

  'GET /api/session': 'self',
  'DELETE /api/session': 'self',
  'POST /api/sign-in-links': 'people.manage',
  'GET /api/people': 'people.view',
  'POST /api/people': 'people.manage',
  'POST /api/people/:id/link': 'people.manage',
  'DELETE /api/people/:id': 'people.manage',
  'POST /api/erasures': 'erasures.create',
  'GET /api/privacy/requests': 'privacy.view',
  'POST /api/privacy/requests': 'privacy.handle',
  'GET /api/privacy/requests/:id': 'privacy.handle',
  'POST /api/privacy/requests/:id/verify': 'privacy.handle',
  'POST /api/privacy/requests/:id/refuse': 'privacy.handle',
  'POST /api/privacy/requests/:id/export': 'privacy.handle',
  'POST /api/privacy/requests/:id/erase': 'erasures.create',
  'GET /api/privacy/requests/:id/receipt': 'privacy.view',
  'POST /api/privacy/tasks/:id/close': 'privacy.handle',
  'POST /api/privacy/tasks/:id/again': 'privacy.handle',
  'GET /api/privacy/holds': 'privacy.view',
  'POST /api/privacy/holds': 'privacy.handle',
  'POST /api/privacy/holds/:id/release': 'privacy.handle',
  'GET /api/retention': 'privacy.view',
  'PUT /api/retention/rules': 'retention.manage',
  'POST /api/retention/runs': 'retention.manage',

  'POST /api/sso/:provider/link': 'self',
  'POST /api/sso/:provider/step-up': 'self',
  'GET /api/federation': 'federation.manage',
  'PUT /api/federation/:name': 'federation.manage',
  'DELETE /api/federation/:name': 'federation.manage',
  'POST /api/federation/:name/test': 'federation.manage',
  'GET /api/scim': 'federation.manage',
  'POST /api/scim/token': 'federation.manage',
  'DELETE /api/scim': 'federation.manage',

  'GET /api/access/roles': 'access.view',
  'PUT /api/access/roles/:name': 'access.grant',
  'DELETE /api/access/roles/:name': 'access.grant',
  'GET /api/access/grants': 'access.view',
  'POST /api/access/grants': 'access.grant',
  'DELETE /api/access/grants/:id': 'access.grant',
  'GET /api/access/groups': 'access.view',
  'POST /api/access/groups': 'access.grant',
  'PUT /api/access/groups/:id': 'access.grant',
  'DELETE /api/access/groups/:id': 'access.grant',
  'PUT /api/access/groups/:id/members/:person': 'access.grant',
  'DELETE /api/access/groups/:id/members/:person': 'access.grant',
  'GET /api/access/conflicts': 'access.view',
  // Changes nothing: what a grant, or the end of one, would change.
  'POST /api/access/simulate': 'access.view',
  // One's own; other people's are asked for access.view.
  'GET /api/access/effective': 'self',
  'GET /api/access/explain': 'self',
  // Asking is everybody's; one's own requests, or all of them for whoever may agree.
  'GET /api/access/break-glass': 'self',
  'POST /api/access/break-glass': 'self',
  'POST /api/access/break-glass/:id/approve': 'access.break_glass',
  'POST /api/access/break-glass/:id/approve/options': 'access.break_glass',
  'POST /api/access/break-glass/:id/deny': 'access.break_glass',
  // Of whoever holds it, or of whoever may agree to such access.
  'POST /api/access/break-glass/:id/end': 'self',

  'GET /api/workloads': 'workloads.view',
  'POST /api/workloads': 'workloads.manage',
  'GET /api/keys': 'keys.view',
  'POST /api/keys': 'keys.manage',
  'DELETE /api/keys/:id': 'keys.manage',

  // OAuth: a client proves itself in the request; a person answers for themselves.
  'GET /.well-known/oauth-authorization-server': 'anyone',
  'GET /oauth/jwks': 'anyone',
  'POST /oauth/token': 'anyone',
  'POST /oauth/revoke': 'anyone',
  'POST /api/oauth/consents/ask': 'self',
  'POST /api/oauth/consents': 'self',
  'GET /api/oauth/consents': 'self',
  'DELETE /api/oauth/consents/:id': 'self',
  'GET /api/oauth-clients': 'oauth_clients.view',
  'POST /api/oauth-clients': 'oauth_clients.manage',
  'DELETE /api/oauth-clients/:id': 'oauth_clients.manage',
  'POST /api/oauth-keys/replace': 'oauth_clients.manage',

  'GET /api/integrations': 'integrations.view',
  // For a case that is open at that moment; a look, by POST so that nothing of it stands in an address.
  // What one's own grants of customers.read cover, and nothing else.
  'GET /api/customers/cases': 'self',
  'POST /api/integrations/:name/customer': 'customers.read',
  'PUT /api/integrations/:name': 'integrations.manage',
  'DELETE /api/integrations/:name': 'integrations.manage',
  'GET /api/hooks': 'hooks.view',
  'POST /api/integrations/:name/hook': 'hooks.manage',
  'DELETE /api/integrations/:name/hook': 'hooks.manage',

  'GET /api/approvals': 'approvals.view',
  'GET /api/approvals/:id': 'approvals.view',
  'POST /api/approvals/:id/approve': 'approvals.decide',
  // A look, by whoever decides: the words of a call that waits, as they are.
  'POST /api/approvals/:id/words': 'approvals.decide',
  // Changes nothing: what a passkey would have to sign.
  'POST /api/approvals/:id/approve/options': 'approvals.view',
  'POST /api/approvals/:id/deny': 'approvals.decide',
  'POST /api/approvals/:id/cancel': 'approvals.decide',

  'GET /api/workflows': 'workflows.view',
  'POST /api/workflows': 'workflows.edit',
  'GET /api/workflows/:name': 'workflows.view',
  'GET /api/workflows/:name/trail': 'workflows.view',
  'GET /api/workflows/:name/segment': 'workflows.view',
  'GET /api/least/usage': 'least.view',
  'GET /api/least/proposals': 'least.view',
  // Compares and changes nobody's access.
  'POST /api/least/proposals': 'least.view',
  'POST /api/least/proposals/:id/apply': 'least.apply',
  'POST /api/least/proposals/:id/undo': 'least.apply',
  'POST /api/least/proposals/:id/dismiss': 'least.apply',
  'GET /api/least/settings': 'least.view',
  'PUT /api/least/settings': 'least.apply',
  'PUT /api/least/grants/:id': 'least.apply',
  'GET /api/reviews': 'access.review',
  'POST /api/reviews': 'access.review',
  'GET /api/reviews/:id': 'access.review',
  'POST /api/reviews/:id/items/:item/decide': 'access.review',
  'POST /api/workflows/:name/approve': 'workflows.approve',
  'POST /api/workflows/:name/approve/options': 'workflows.view',
  'POST /api/workflows/:name/publish': 'workflows.publish',
  'POST /api/workflows/:name/retire': 'workflows.publish',
  'POST /api/workflows/:name/pause': 'workflows.pause',
  'POST /api/workflows/:name/resume': 'workflows.pause',
  'POST /api/workflows/:name/runs': 'workflows.run',
  'GET /api/workflow-runs': 'runs.view',
  'GET /api/workflow-runs/:id': 'runs.view',
  'GET /api/runs': 'runs.view',
  'GET /api/runs/:id': 'runs.view',
  'GET /api/runs/:id/content': 'runs.content',

  'GET /api/tenants': 'tenants.view',
  'POST /api/tenants': 'tenants.manage',
  'GET /api/tenants/:name': 'tenants.view',
  'POST /api/tenants/:name/owner-link': 'tenants.manage',
  'GET /api/workspaces': 'workspaces.view',
  'POST /api/workspaces': 'workspaces.manage',
  'PUT /api/workspaces/:name/members': 'workspaces.manage',
  // What a department may use and spend is set over its head: by nobody whose access is narrowed to it.
  'PUT /api/workspaces/:name/rules': 'conditions.manage',
  'POST /api/workspaces/:name/rules/preview': 'conditions.view',
  'PUT /api/workspaces/:name/budget': 'conditions.manage',
  'DELETE /api/workspaces/:name': 'workspaces.manage',
  'DELETE /api/workspaces/:name/members': 'workspaces.manage',
  // Given by this tenant to an agency's people.
  'GET /api/delegations': 'delegation.view',
  'POST /api/delegations': 'delegation.manage',
  'POST /api/delegations/:id/narrow': 'delegation.manage',
  'DELETE /api/delegations/:id': 'delegation.manage',
  // Held by this tenant's people elsewhere.
  'GET /api/delegations/held': 'delegation.view',
  'POST /api/delegations/held/:id/accept': 'delegation.manage',
  'DELETE /api/delegations/held/:id': 'delegation.manage',
  // What one may see over all tenants one may enter; each is asked for its own.
  'GET /api/fleet/tenants': 'self',
  'GET /api/fleet/inbox': 'self',
  'GET /api/fleet/health': 'self',

  'GET /api/flows': 'records.view',
  'GET /api/flows/destinations': 'records.view',
  'PUT /api/flows/destinations/:name': 'records.manage',
  'DELETE /api/flows/destinations/:name': 'records.manage',
  'GET /api/flows/profile': 'records.view',
  'PUT /api/flows/profile': 'records.manage',
  'GET /api/records/article-30': 'records.view',
  'GET /api/breaches': 'breaches.view',
  'POST /api/breaches': 'breaches.handle',
  'GET /api/breaches/:id': 'breaches.view',
  'POST /api/breaches/:id/aware': 'breaches.handle',
  'POST /api/breaches/:id/scope': 'breaches.handle',
  // Names people, and is an event.
  'POST /api/breaches/:id/people': 'breaches.handle',
  'POST /api/breaches/:id/steps': 'breaches.handle',
  'POST /api/breaches/:id/notify': 'breaches.handle',
  'POST /api/breaches/:id/close': 'breaches.handle',
  'GET /api/breaches/:id/draft': 'breaches.view',
  'GET /api/assessments': 'assessments.view',
  'POST /api/assessments': 'assessments.manage',
  'GET /api/assessments/:id': 'assessments.view',
  'POST /api/assessments/:id/approve': 'assessments.manage',
  'PUT /api/assessments/blocking': 'assessments.manage',
  'GET /api/decisions': 'assessments.view',
  'PUT /api/decisions/:kind/:name': 'assessments.manage',
  'DELETE /api/decisions/:kind/:name': 'assessments.manage',
  'GET /api/decisions/:kind/:name/notice': 'assessments.view',
  'GET /api/opt-outs': 'records.view',
  'GET /api/opt-outs/check': 'records.view',
  'POST /api/opt-outs': 'records.manage',
  'GET /api/datasets': 'datasets.view',
  'GET /api/datasets/:name': 'datasets.view',
  'POST /api/datasets/:name/import': 'datasets.manage',
  'GET /api/datasets/:name/import': 'datasets.view',
  'DELETE /api/datasets/:name': 'datasets.manage',
  // In the clear it asks for datasets.raw and an open window itself.
  'GET /api/datasets/:name/rows': 'datasets.read',
  'POST /api/datasets/:name/raw': 'datasets.raw',
  'DELETE /api/datasets/:name/raw': 'datasets.raw',
  'POST /api/datasets/:name/grants': 'datasets.manage',
  'DELETE /api/datasets/:name/grants/:id': 'datasets.manage',

  'GET /api/data/plain-text': 'records.view',
  'GET /api/tokens/purposes': 'tokens.view',
  'PUT /api/tokens/purposes/:name': 'tokens.manage',
  'DELETE /api/tokens/purposes/:name': 'tokens.manage',
  'POST /api/tokens': 'tokens.make',
  // Whether the purpose was declared for the person, it asks itself.
  'POST /api/tokens/open': 'tokens.open',
  'GET /api/canaries': 'canaries.view',
  'GET /api/canaries/:id': 'canaries.view',
  'POST /api/canaries': 'canaries.manage',
  'POST /api/canaries/check': 'canaries.manage',
  'PUT /api/canaries/:id/known-at': 'canaries.manage',
  'POST /api/canaries/:id/close': 'canaries.manage',
  'DELETE /api/canaries/:id': 'canaries.manage',

  'GET /api/data/matrix': 'matrix.view',
  'GET /api/data/hits': 'matrix.view',
  'PUT /api/data/matrix/:destination/:class': 'matrix.manage',
  'DELETE /api/data/matrix/:destination/:class': 'matrix.manage',
  'PUT /api/data/unsure/:class': 'matrix.manage',
  'DELETE /api/data/unsure/:class': 'matrix.manage',
  'GET /api/data/guesses': 'matrix.view',
  'PUT /api/data/guesses': 'matrix.manage',
  'GET /api/data/patterns': 'matrix.view',
  'PUT /api/data/patterns/:name': 'matrix.manage',
  'DELETE /api/data/patterns/:name': 'matrix.manage',
  'POST /api/data/patterns/try': 'matrix.manage',

  'GET /api/conditions': 'conditions.view',
  'PUT /api/conditions': 'conditions.manage',
  'POST /api/conditions/freezes': 'conditions.manage',
  // The port asks for an owner.
  'POST /api/conditions/freezes/:id/lift': 'conditions.manage',
  'POST /api/conditions/acknowledgements': 'conditions.manage',
  'POST /api/sessions/:id/clear-risk': 'sessions.end',
  'GET /api/alerts': 'alerts.view',
  'GET /api/flagged': 'alerts.view',
  'GET /api/alerts/:id': 'alerts.view',
  'POST /api/alerts/:id/acknowledge': 'alerts.acknowledge',

  'GET /api/overview': 'overview.view',
  'GET /api/calls': 'calls.view',
  'GET /api/calls/:id': 'calls.view',
  'GET /api/effects/unresolved': 'effects.view',
  'POST /api/effects/resolve': 'effects.resolve',
  'GET /api/ledger': 'ledger.view',
  'GET /api/ledger/export': 'ledger.export',
  'GET /api/ledger/consistency': 'ledger.view',
  // Notes that a checkpoint is kept elsewhere, so that exports lead from it.
  'POST /api/ledger/checkpoint': 'ledger.verify',
  'GET /api/ledger/keys': 'ledger.view',
  'POST /api/ledger/rotate-key': 'ledger.rotate_key',
  'GET /api/data-keys': 'data_keys.view',
  'POST /api/data-keys/epoch': 'data_keys.manage',
  'POST /api/data-keys/rotate': 'data_keys.manage',
  'POST /api/data-keys/rewrap': 'data_keys.manage',
  'GET /api/data-keys/re-encryption': 'data_keys.view',
  'POST /api/data-keys/re-encrypt': 'data_keys.manage',
  'POST /api/data-keys/minimum': 'data_keys.manage',
  'POST /api/data-keys/recovery-kit': 'data_keys.manage',
  // Checks and changes nothing but the record that somebody checked.
  'POST /api/ledger/verify': 'ledger.verify',
  'GET /api/events': 'events.view',
  'GET /api/events/facets': 'events.view',
  'GET /api/events/export': 'events.export',
  'GET /api/report/business': 'report.view',
  'GET /api/events/:seq': 'events.view',

  'GET /api/backups': 'backups.view',
  'POST /api/backups': 'backups.manage',
  'POST /api/backups/:id/verify': 'backups.manage',
  'POST /api/backups/:id/drill': 'backups.manage',
  'DELETE /api/backups/:id': 'backups.manage',
  'GET /api/restore': 'restore.view',
  // Two people must, and the owner is one.
  'POST /api/restore/confirm': 'restore.confirm',
  'POST /api/restore/confirm/options': 'restore.view',

  'GET /api/demo': 'demo.view',
  'POST /api/demo/start': 'demo.manage',
  'POST /api/demo/remove': 'demo.manage',
  'GET /api/connect': 'demo.view',
} as const satisfies Readonly<Record<`${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`, Access>>;
export type Route = keyof typeof ROUTE_ACTIONS;

/**
 * Where a grant that is narrowed to a workflow or an integration helps: the name in the path says which it is, or the route shows only what
 * the grants cover. Every other route needs a grant over the whole tenant.
 */
export const NARROWED: Readonly<Partial<Record<Route, 'workflow' | 'integration' | 'filtered'>>> = {
  'POST /api/integrations/:name/customer': 'integration',
  'PUT /api/integrations/:name': 'integration',
  'DELETE /api/integrations/:name': 'integration',
  'POST /api/integrations/:name/hook': 'integration',
  'DELETE /api/integrations/:name/hook': 'integration',
  'GET /api/workflows/:name': 'workflow',
  'GET /api/workflows/:name/trail': 'workflow',
  'GET /api/workflows/:name/segment': 'workflow',
  'POST /api/workflows/:name/approve': 'workflow',
  'POST /api/workflows/:name/approve/options': 'workflow',
  'POST /api/workflows/:name/publish': 'workflow',
  'POST /api/workflows/:name/retire': 'workflow',
  'POST /api/workflows/:name/pause': 'workflow',
  'POST /api/workflows/:name/resume': 'workflow',
  'POST /api/workflows/:name/runs': 'workflow',
  'GET /api/workspaces': 'filtered',
  'GET /api/workflows': 'filtered',
  'GET /api/workflow-runs': 'filtered',
  'GET /api/workflow-runs/:id': 'filtered',
  'GET /api/runs': 'filtered',
  'GET /api/runs/:id': 'filtered',
  'GET /api/runs/:id/content': 'filtered',
  'GET /api/integrations': 'filtered',
  'GET /api/hooks': 'filtered',
  'GET /api/workloads': 'filtered',
  'GET /api/calls': 'filtered',
  'GET /api/calls/:id': 'filtered',
  'GET /api/effects/unresolved': 'filtered',
  'GET /api/approvals': 'filtered',
  'GET /api/approvals/:id': 'filtered',
  'POST /api/approvals/:id/words': 'filtered',
  'POST /api/approvals/:id/approve': 'filtered',
  'POST /api/approvals/:id/approve/options': 'filtered',
  'POST /api/approvals/:id/deny': 'filtered',
  'POST /api/approvals/:id/cancel': 'filtered',
  'GET /api/events': 'filtered',
  'GET /api/events/:seq': 'filtered',
};

/** What a request to this route acts on, as far as its address says. */
export function askedOn(method: string, path: string, name: unknown): AskedOn {
  const by = NARROWED[routeName(method, path) as Route];
  if (by === 'filtered') return 'something';
  if (by === undefined || typeof name !== 'string') return {};
  const on = { [by]: name } satisfies ActedOn;
  return BY_CLASS.has(routeName(method, path)) ? { ...on, dataClass: 'any' } : on;
}

/** Routes that ask themselves for each class of personal data, once their body is read; `any` class lets the request that far. */
const BY_CLASS: ReadonlySet<string> = new Set<Route>(['POST /api/integrations/:name/customer']);

/** What only ends something, beside every DELETE: no change freeze stands in its way. */
const TAKES_AWAY: ReadonlySet<string> = new Set<Route>([
  'POST /api/approvals/:id/deny',
  'POST /api/approvals/:id/cancel',
  'POST /api/workflows/:name/pause',
  'POST /api/workflows/:name/retire',
  // A freeze only stops; lifting one is how an owner gets out of it.
  'POST /api/conditions/freezes',
  'POST /api/conditions/freezes/:id/lift',
]);

export function takesAway(method: string, path: string): boolean {
  return method === 'DELETE' || TAKES_AWAY.has(routeName(method, path));
}

/**
 * What changes something and works all the same while a restored database waits for its people: signing in, the confirmation itself, and what
 * only takes away or checks. Everything else that is no look would give out access, or begin work, on a state nobody has confirmed.
 */
export const OPEN_BEFORE_CONFIRMATION: ReadonlySet<string> = new Set([
  'POST /api/conditions/freezes',
  'POST /api/session',
  'DELETE /api/session',
  'POST /api/sign-in/passkey/options',
  'POST /api/sign-in/passkey',
  'POST /api/sign-in/recovery',
  'POST /api/step-up/options',
  'POST /api/step-up',
  // Whoever came in with a recovery code can do nothing before.
  'POST /api/passkeys/options',
  'POST /api/passkeys',
  'PUT /api/passkeys/:id',
  'DELETE /api/passkeys/:id',
  'DELETE /api/sessions/:id',
  'DELETE /api/people/:person/passkeys/:id',
  'POST /api/sign-in-links',
  'POST /api/people',
  'POST /api/people/:id/link',
  'DELETE /api/people/:id',
  'POST /api/erasures',
  'POST /api/data-keys/recovery-kit',
  'DELETE /api/keys/:id',
  'DELETE /api/access/roles/:name',
  'DELETE /api/access/grants/:id',
  'DELETE /api/access/groups/:id',
  'DELETE /api/access/groups/:id/members/:person',
  'POST /api/access/simulate',
  'POST /api/access/break-glass/:id/deny',
  'POST /api/access/break-glass/:id/end',
  'POST /oauth/revoke',
  'POST /api/oauth/consents/ask',
  'DELETE /api/oauth/consents/:id',
  'DELETE /api/oauth-clients/:id',
  'POST /api/oauth-keys/replace',
  'DELETE /api/integrations/:name',
  'DELETE /api/integrations/:name/hook',
  'DELETE /api/federation/:name',
  'DELETE /api/scim',
  'POST /api/sso/:provider/step-up',
  'POST /api/approvals/:id/deny',
  'POST /api/approvals/:id/cancel',
  'POST /api/workflows/:name/pause',
  'POST /api/workflows/:name/retire',
  'POST /api/ledger/verify',
  'POST /api/backups/:id/verify',
  'POST /api/backups/:id/drill',
  'POST /api/restore/confirm',
  'POST /api/restore/confirm/options',
  'POST /api/least/proposals/:id/apply',
  'POST /api/least/proposals/:id/dismiss',
  'POST /api/delegations/:id/narrow',
  'DELETE /api/delegations/:id',
  'DELETE /api/delegations/held/:id',
]);

/** Whether the route does nothing that has to wait for the confirmation. */
export function isOpenBeforeConfirmation(method: string, path: string): boolean {
  return method === 'GET' || method === 'HEAD' || OPEN_BEFORE_CONFIRMATION.has(`${method} ${path}`);
}

export const routeName = (method: string, path: string): string => `${method === 'HEAD' ? 'GET' : method} ${path}`;

/** Throws for a route that says nothing about who may use it. */
export function accessOf(method: string, path: string): Access {
  const name = routeName(method, path);
  if (!Object.hasOwn(ROUTE_ACTIONS, name)) throw new Error(`${name} does not say what using it takes; add it to control/route-actions.ts`);
  return ROUTE_ACTIONS[name as Route];
}
