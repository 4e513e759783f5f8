// The roles every installation has, as bundles of actions, and the pairs of actions that one person may not hold together.
// INVARIANT: no built-in role but the owner holds two actions that conflict; a test computes it from this file.

import { type Action, ALL_ACTIONS, CONTROL_ACTIONS, factsOf } from './access-actions.ts';

export const ROLES = [
  'owner',
  'admin',
  'security',
  'privacy',
  'workflow_author',
  'approver',
  'operator',
  'support',
  'marketer',
  'analyst',
  'auditor',
  'agent',
] as const;
export type Role = (typeof ROLES)[number];

export interface RoleFacts {
  readonly meaning: string;
  readonly actions: readonly Action[];
}

/** What was said, in the clear: a look at a customer's case, which auditors and administrators do not need. */
const CONTENT: ReadonlySet<Action> = new Set(['runs.content', 'customers.read']);
const looks = CONTROL_ACTIONS.filter((action) => factsOf(action).kind === 'look' && !CONTENT.has(action));

export const BUILT_IN_ROLES: Readonly<Record<Role, RoleFacts>> = {
  owner: {
    meaning: 'Everything. The one role that may hold what others may not hold together.',
    actions: ALL_ACTIONS.filter((action) => factsOf(action).plane === 'control'),
  },
  admin: {
    meaning: 'People, their access, company login, keys and integrations. Runs nothing and reads no run.',
    actions: [
      ...['people.view', 'people.manage', 'access.view', 'access.grant', 'access.review', 'access.break_glass'],
      ...['federation.manage', 'sessions.view', 'sessions.end', 'workloads.view', 'workloads.manage', 'keys.view', 'keys.manage'],
      ...['oauth_clients.view', 'oauth_clients.manage', 'integrations.view', 'integrations.manage', 'hooks.view', 'hooks.manage'],
      ...['workflows.view', 'restore.view', 'backups.view', 'alerts.view', 'conditions.view', 'least.view', 'least.apply'],
      ...['workspaces.view', 'workspaces.manage', 'delegation.view', 'delegation.manage', 'overview.view', 'demo.view'],
    ] as readonly Action[],
  },
  security: {
    meaning: 'Conditions of access, alerts, sessions, the log and the ledger; stops a workflow.',
    actions: [
      ...['people.view', 'access.view', 'access.review', 'access.break_glass', 'sessions.view', 'sessions.end', 'workloads.view'],
      ...['keys.view', 'oauth_clients.view', 'integrations.view', 'hooks.view', 'workflows.view', 'workflows.pause', 'runs.view'],
      ...['calls.view', 'approvals.view', 'effects.view', 'ledger.view', 'ledger.verify', 'ledger.export', 'ledger.rotate_key'],
      ...['data_keys.view', 'data_keys.manage'],
      ...['events.view', 'events.export', 'report.view', 'backups.view', 'restore.view', 'alerts.view', 'alerts.acknowledge'],
      ...['conditions.view', 'conditions.manage', 'least.view', 'workspaces.view', 'delegation.view', 'overview.view', 'demo.view'],
      ...['records.view', 'datasets.view', 'matrix.view', 'tokens.view', 'breaches.view', 'breaches.handle', 'assessments.view'],
      ...['canaries.view', 'canaries.manage'],
    ] as readonly Action[],
  },
  privacy: {
    meaning: 'Erases people and customers, and sees personal data in the clear where a case needs it.',
    actions: [
      ...['data_keys.view', 'data_keys.manage', 'privacy.view', 'privacy.handle', 'retention.manage'],
      ...['erasures.create', 'data.reveal', 'customers.read', 'people.view', 'runs.view', 'runs.content', 'calls.view', 'workflows.view'],
      ...['integrations.view', 'ledger.view', 'ledger.verify', 'events.view', 'report.view', 'overview.view', 'alerts.view'],
      ...['records.view', 'records.manage', 'datasets.view', 'datasets.read', 'datasets.manage', 'datasets.raw'],
      ...['matrix.view', 'matrix.manage', 'tokens.view', 'tokens.make', 'tokens.open', 'tokens.manage'],
      ...['breaches.view', 'breaches.handle', 'assessments.view', 'assessments.manage'],
      ...['canaries.view', 'canaries.manage'],
    ] as readonly Action[],
  },
  workflow_author: {
    meaning: 'Writes workflows. Neither approves nor publishes them.',
    actions: [
      ...['workflows.view', 'workflows.edit', 'integrations.view', 'hooks.view', 'workloads.view', 'runs.view', 'runs.content'],
      ...['calls.view', 'report.view', 'overview.view', 'demo.view', 'least.view', 'workspaces.view'],
    ] as readonly Action[],
  },
  approver: {
    meaning: 'Decides what waits for a person: calls, versions of workflows, a restored database.',
    actions: [
      ...['approvals.view', 'approvals.decide', 'workflows.view', 'workflows.approve', 'runs.view', 'runs.content', 'calls.view'],
      ...['integrations.view', 'effects.view', 'restore.view', 'restore.confirm', 'people.view', 'overview.view', 'demo.view'],
      ...['ledger.view', 'ledger.verify'],
    ] as readonly Action[],
  },
  operator: {
    meaning: 'Runs the daily work: publishes approved workflows, starts and pauses them, settles effects. Changes nobody’s access.',
    actions: [
      ...['workflows.view', 'workflows.publish', 'workflows.run', 'workflows.pause', 'runs.view', 'runs.content', 'calls.view'],
      ...['approvals.view', 'effects.view', 'effects.resolve', 'integrations.view', 'hooks.view', 'workloads.view', 'overview.view'],
      ...['alerts.view', 'backups.view', 'backups.manage', 'restore.view', 'report.view', 'demo.view', 'demo.manage', 'conditions.view'],
      ...['workspaces.view', 'tokens.view', 'tokens.make'],
    ] as readonly Action[],
  },
  support: {
    meaning: 'Follows the cases of customers and starts workflows for them. Decides nothing.',
    actions: [
      ...['workflows.view', 'workflows.run', 'runs.view', 'runs.content', 'calls.view', 'approvals.view', 'integrations.view'],
      ...['customers.read', 'effects.view', 'overview.view', 'demo.view', 'tokens.view', 'tokens.open'],
    ] as readonly Action[],
  },
  marketer: {
    meaning: 'Starts workflows and sees what came of them, without any customer’s case.',
    actions: ['workflows.view', 'workflows.run', 'runs.view', 'report.view', 'overview.view', 'demo.view'],
  },
  analyst: {
    meaning: 'Numbers: runs, calls, the report and the log. Changes nothing.',
    actions: [
      ...['workflows.view', 'integrations.view', 'runs.view', 'calls.view', 'events.view', 'report.view', 'overview.view', 'demo.view'],
      ...['datasets.view', 'datasets.read'],
    ] as readonly Action[],
  },
  auditor: { meaning: 'Sees everything but what runs were about, checks and exports the ledger. Changes nothing.', actions: looks },
  agent: {
    meaning: 'What a workload may do through the guard; for workloads and agents, never for people.',
    actions: ['guard.call_model', 'guard.list_models', 'guard.read', 'guard.fetch', 'guard.write', 'guard.send', 'guard.money'],
  },
};

export interface Conflict {
  readonly actions: readonly [Action, Action];
  readonly why: string;
}

const against = (one: Action, others: readonly Action[], why: string): readonly Conflict[] =>
  others.map((other) => ({ actions: [one, other], why }));

/** Separation of duties: what one person who is not the owner may not hold at once, however it came to them. */
export const CONFLICTS: readonly Conflict[] = [
  ...against(
    'access.grant',
    ['approvals.decide', 'workflows.approve', 'workflows.edit', 'workflows.publish', 'workflows.run', 'effects.resolve', 'restore.confirm'],
    'Whoever gives access does not use it: administration and the daily work are kept apart.',
  ),
  ...against(
    'access.grant',
    ['runs.content', 'customers.read', 'data.reveal', 'datasets.raw', 'tokens.open'],
    'Whoever gives access could let themselves read anything.',
  ),
  ...against('access.grant', ['alerts.acknowledge', 'ledger.rotate_key'], 'Whoever gives access can not put away what reports it.'),
  ...against(
    'people.manage',
    ['approvals.decide', 'workflows.approve', 'restore.confirm'],
    'Whoever adds people could be the second pair of eyes too.',
  ),
  ...against('workflows.edit', ['workflows.approve', 'workflows.publish'], 'Nobody approves or publishes their own version.'),
  ...against('workflows.approve', ['workflows.publish'], 'Approving and publishing are two people’s steps.'),
  ...against('workflows.run', ['approvals.decide'], 'Whoever starts the work does not decide on what it asks for.'),
  ...against('effects.resolve', ['approvals.decide'], 'Whoever approves an effect does not also say what became of it.'),
  ...against('integrations.manage', ['approvals.decide'], 'Whoever sets the limits does not decide above them.'),
  ...against('integrations.manage', ['customers.read'], 'Whoever says what an open case is does not read customers for one.'),
  ...against('keys.manage', ['approvals.decide'], 'Whoever makes keys could approve the calls made with them.'),
  ...against('workloads.manage', ['approvals.decide'], 'Whoever registers callers does not approve their calls.'),
  ...against(
    'conditions.manage',
    ['access.grant', 'approvals.decide'],
    'Whoever sets the conditions of access neither gives it nor decides.',
  ),
  ...against('delegation.manage', ['approvals.decide'], 'Whoever lets an agency in does not decide on its work.'),
  ...against(
    'erasures.create',
    ['backups.manage', 'access.grant', 'ledger.rotate_key'],
    'One person could make data and its traces vanish.',
  ),
  ...against(
    'retention.manage',
    ['backups.manage', 'access.grant', 'ledger.rotate_key'],
    'One person could make data and its traces vanish.',
  ),
  ...against('privacy.handle', ['access.grant'], 'Whoever gives access could let themselves read anything.'),
];

/** The pairs of conflicting actions within a set. */
export function conflictsIn(actions: ReadonlySet<Action>): readonly Conflict[] {
  return CONFLICTS.filter(({ actions: [one, other] }) => actions.has(one) && actions.has(other));
}
