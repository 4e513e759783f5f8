// Everything anybody can do here, on both planes: one table. Routes, roles, Cedar schemas, docs and the console's words are made from it.
// INVARIANT: an action that is not in this table can be granted to nobody and asked for by no route.

import type { PiiClass } from './labels.ts';

/** What people may be shown of a customer for a case. Payment data and secrets are shown to nobody. */
export const CUSTOMER_CLASSES = ['identity', 'contact', 'address'] as const satisfies readonly PiiClass[];
export type CustomerClass = (typeof CUSTOMER_CLASSES)[number];

/** `look` changes nothing; `operate` makes work happen; `approve` endorses somebody's work; `admin` and `security` change what others may do. */
export type ActionKind = 'look' | 'operate' | 'approve' | 'admin' | 'security';

/** What an action is done to. Grants narrowed to a workflow or an integration only help with actions on one. */
export type ActionTarget = 'tenant' | 'workspace' | 'workflow' | 'integration' | 'person' | 'operation';

export interface ActionFacts {
  readonly plane: 'control' | 'data';
  readonly kind: ActionKind;
  readonly on: ActionTarget;
  /** Asks for a passkey used within the last five minutes, of whoever has one. */
  readonly stepUp?: true;
  /** Done class by class of personal data, for these: a grant narrowed to one of them gives it for that class. */
  readonly byClass?: readonly PiiClass[];
  /** After "may ...". */
  readonly meaning: string;
}

const look = (on: ActionTarget, meaning: string) => ({ plane: 'control', kind: 'look', on, meaning }) as const;
const operate = (on: ActionTarget, meaning: string) => ({ plane: 'control', kind: 'operate', on, meaning }) as const;
const approve = (on: ActionTarget, meaning: string) => ({ plane: 'control', kind: 'approve', on, meaning }) as const;
const admin = (on: ActionTarget, meaning: string) => ({ plane: 'control', kind: 'admin', on, meaning }) as const;
const security = (on: ActionTarget, meaning: string) => ({ plane: 'control', kind: 'security', on, meaning }) as const;
const data = (kind: ActionKind, meaning: string) => ({ plane: 'data', kind, on: 'operation', meaning }) as const;
const fresh = { stepUp: true } as const;

export const ACTIONS = {
  'people.view': look('person', 'see who has access'),
  'people.manage': { ...admin('person', 'add and remove people and make their links'), ...fresh },
  'access.view': look('person', 'see roles, grants, groups and why somebody may do something'),
  'access.grant': { ...admin('person', 'grant and end roles, and change groups and custom roles'), ...fresh },
  'access.review': admin('person', 'review who still needs their access'),
  'access.break_glass': security('person', 'approve somebody else’s emergency access, and end it'),
  'federation.manage': { ...admin('tenant', 'connect a company login and user provisioning'), ...fresh },
  'sessions.view': look('person', 'see who is signed in and from where'),
  'sessions.end': security('person', 'sign other people out'),
  'workloads.view': look('workflow', 'see workloads'),
  'workloads.manage': admin('workflow', 'register and change workloads'),
  'keys.view': look('tenant', 'see which API keys exist'),
  'keys.manage': { ...admin('tenant', 'make and revoke API keys'), ...fresh },
  'oauth_clients.view': look('tenant', 'see registered OAuth clients'),
  'oauth_clients.manage': { ...admin('tenant', 'register and remove OAuth clients'), ...fresh },
  'integrations.view': look('integration', 'see integrations and their operations'),
  'integrations.manage': { ...admin('integration', 'add, change and remove integrations, their credentials and limits'), ...fresh },
  'hooks.view': look('integration', 'see which integrations deliver events'),
  'hooks.manage': { ...admin('integration', 'make and remove the secrets of signed deliveries'), ...fresh },
  'workflows.view': look('workflow', 'see workflows, their versions and files'),
  'workflows.edit': operate('workflow', 'import new versions of workflows'),
  'workflows.approve': approve('workflow', 'approve a version of a workflow'),
  'workflows.publish': { ...operate('workflow', 'publish and retire approved versions'), ...fresh },
  'workflows.run': operate('workflow', 'start a workflow'),
  'workflows.pause': operate('workflow', 'pause and resume a workflow'),
  'runs.view': look('workflow', 'see runs'),
  'runs.content': look('workflow', 'read what a run was about'),
  'customers.read': { ...look('integration', 'read a customer’s details for a case that is open'), ...fresh, byClass: CUSTOMER_CLASSES },
  'calls.view': look('integration', 'see calls and their decisions'),
  'approvals.view': look('integration', 'see what waits for a decision'),
  'approvals.decide': { ...approve('integration', 'approve, deny and cancel calls that wait'), ...fresh },
  'effects.view': look('integration', 'see effects of unknown outcome'),
  'effects.resolve': { ...operate('integration', 'say what became of an effect of unknown outcome'), ...fresh },
  'ledger.view': look('tenant', 'see the state of the ledger and its proofs'),
  'ledger.verify': look('tenant', 'have the ledger checked, and keep a checkpoint of it'),
  'ledger.export': { ...look('tenant', 'export the ledger'), ...fresh },
  'ledger.rotate_key': { ...security('tenant', 'replace the key that signs the ledger'), ...fresh },
  'events.view': look('integration', 'search the log'),
  'events.export': { ...look('tenant', 'export the log'), ...fresh },
  'report.view': look('tenant', 'see the report about the business'),
  'backups.view': look('tenant', 'see backups'),
  'backups.manage': { ...admin('tenant', 'make, check and delete backups'), ...fresh },
  'restore.view': look('tenant', 'see a restore that waits'),
  'restore.confirm': { ...approve('tenant', 'confirm a restored database'), ...fresh },
  'erasures.create': { ...security('tenant', 'erase a person’s or customer’s data'), ...fresh },
  'data_keys.view': look('tenant', 'see how the keys of stored data stand'),
  'data_keys.manage': { ...security('tenant', 'begin a new key epoch, and rotate the keys of stored data'), ...fresh },
  'privacy.view': look('tenant', 'see privacy requests, legal holds and how long data is kept'),
  'privacy.handle': { ...security('tenant', 'verify and answer privacy requests, and place and release legal holds'), ...fresh },
  'retention.manage': { ...security('tenant', 'set how long data is kept, and delete what is not kept any longer'), ...fresh },
  'demo.view': look('tenant', 'see the demo'),
  'demo.manage': operate('tenant', 'start and remove the demo'),
  'alerts.view': look('tenant', 'see alerts'),
  'alerts.acknowledge': security('tenant', 'acknowledge alerts'),
  'conditions.view': look('tenant', 'see change freezes, hours, networks and what else access depends on'),
  'conditions.manage': { ...security('tenant', 'set change freezes, hours, networks, and what departments may use and spend'), ...fresh },
  'least.view': look('tenant', 'see which access is not used'),
  'least.apply': { ...admin('tenant', 'apply and undo proposals that narrow access'), ...fresh },
  'workspaces.view': look('workspace', 'see workspaces'),
  'workspaces.manage': admin('workspace', 'make workspaces and say what belongs to them'),
  'tenants.view': look('tenant', 'see the tenants of this installation'),
  'tenants.manage': admin('tenant', 'add tenants to this installation'),
  'delegation.view': look('tenant', 'see which agency has access'),
  'delegation.manage': { ...admin('tenant', 'give and end an agency’s access'), ...fresh },
  'data.reveal': { ...security('tenant', 'see personal data in the clear'), ...fresh },
  'records.view': look('tenant', 'see where personal data goes, and the records of it'),
  'records.manage': { ...security('tenant', 'declare where personal data may go, on which basis, and who opted out'), ...fresh },
  'breaches.view': look('tenant', 'see breaches of personal data and the clock of each'),
  'breaches.handle': { ...security('tenant', 'open breaches of personal data, record what was done, and close them'), ...fresh },
  'assessments.view': look('tenant', 'see which impact and risk assessments are needed, and those recorded'),
  'assessments.manage': { ...security('tenant', 'record and approve assessments, and say which decisions are automated'), ...fresh },
  'datasets.view': look('tenant', 'see which datasets there are and what their columns hold'),
  'datasets.read': look('tenant', 'read rows of a dataset with everything personal replaced by pseudonyms'),
  'datasets.manage': { ...admin('tenant', 'import datasets, say who reads which part of them, and remove them'), ...fresh },
  'datasets.raw': { ...security('tenant', 'read rows of a dataset in the clear, with a reason and for a time'), ...fresh },
  'tokens.view': look('tenant', 'see which purposes of tokens there are, and how many tokens'),
  'tokens.make': operate('tenant', 'have tokens made for values, for a declared purpose'),
  'tokens.open': { ...security('tenant', 'open tokens of purposes that were declared for them, with a reason'), ...fresh },
  'tokens.manage': { ...admin('tenant', 'declare what tokens are made for and who opens them, and end a purpose'), ...fresh },
  'canaries.view': look('tenant', 'see which invented values were planted where, and where they turned up'),
  'canaries.manage': { ...security('tenant', 'plant and retire invented values, and close what was found of them'), ...fresh },
  'matrix.view': look('tenant', 'see who may see which class of data'),
  'matrix.manage': { ...security('tenant', 'say who may see which class of data'), ...fresh },
  'overview.view': look('tenant', 'see the overview'),

  'guard.call_model': data('operate', 'call a model'),
  'guard.list_models': data('look', 'list models'),
  'guard.read': data('look', 'read from an integration'),
  'guard.fetch': data('look', 'fetch what an argument names'),
  'guard.write': data('operate', 'change something'),
  'guard.delete': data('operate', 'delete something'),
  'guard.send': data('operate', 'send a message'),
  'guard.money': data('operate', 'move money'),
  'guard.admin': data('admin', 'administer an integration'),
} as const satisfies Readonly<Record<`${string}.${string}`, ActionFacts>>;

export type Action = keyof typeof ACTIONS;

export const ALL_ACTIONS = Object.keys(ACTIONS) as readonly Action[];
export const CONTROL_ACTIONS: readonly Action[] = ALL_ACTIONS.filter((action) => ACTIONS[action].plane === 'control');

export const factsOf = (action: Action): ActionFacts => ACTIONS[action];

export function isAction(text: string): text is Action {
  return Object.hasOwn(ACTIONS, text);
}
