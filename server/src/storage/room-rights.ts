// The one table of what the parts of the server may do in the database, when they work under a role of their own: what is not here is refused.
// Every start makes the database say the same (`room-roles.ts`). What several tenants share is read only where it is named.

import type { TablePrivilege } from './roles.ts';

/**
 * `gateway`: the transactions of a guarded call, and giving out a credential for it. `workflows`: runs and what starts them; what is
 * published, and by whom, it can not change. `monitoring`: the watch over the log. `usage`: what was used, counted. `worker`: what else a
 * worker does for a tenant beside those: the ledger's pseudonyms, recovery, expiry. Everything people decide is the control plane's.
 */
export const ROOM_ROLES = ['gateway', 'workflows', 'monitoring', 'usage', 'worker'] as const;
export type RoomRole = (typeof ROOM_ROLES)[number];

export const roomRole = (role: RoomRole): string => `sallyport_room_${role}`;

/** A privilege on the whole table, or on these columns alone. */
export type RoomWrite = TablePrivilege | { readonly update: readonly string[] };
export type AcrossRight = TablePrivilege | { readonly select: readonly string[] };
type Writes = Readonly<Record<string, readonly RoomWrite[]>>;

/** What it may change of the current tenant. */
export const ROOM_WRITES: Readonly<Record<RoomRole, Writes>> = {
  gateway: {
    approvals: ['insert', 'update'],
    customer_verdicts: ['insert', 'update', 'delete'],
    effects: ['insert', 'update', 'delete'],
    event_inbox: ['insert'],
    // What a signed delivery of a shop asks in somebody's name.
    governance_requests: ['insert'],
    // Who opted out, as records and signed deliveries say.
    governance_opt_outs: ['insert', 'delete'],
    governance_opt_out_deliveries: ['insert', 'delete'],
    identity_statements: ['insert'],
    limit_reservation: ['insert', 'update', 'delete'],
    limit_window: ['insert', 'update', 'delete'],
    run_results: ['insert', 'update', 'delete'],
    vault_known_values: ['insert', 'delete'],
    vault_subject_keys: ['insert'],
    vault_tenant_keys: ['insert'],
  },
  workflows: {
    approvals: ['insert'],
    event_inbox: ['insert'],
    vault_subject_keys: ['insert'],
    vault_tenant_keys: ['insert'],
    workflow_deliveries: ['insert', 'update', 'delete'],
    workflow_runs: ['insert', 'update'],
    workflow_steps: ['insert', 'update'],
  },
  monitoring: {
    event_inbox: ['insert'],
    monitoring_alerts: [
      'insert',
      { update: ['attempts', 'delivered_at', 'delivery_fault', 'last_at', 'last_seq', 'next_try_at', 'times'] },
    ],
    monitoring_cursor: ['insert', 'update'],
    monitoring_denials: ['insert', 'update', 'delete'],
    monitoring_first_acts: ['insert'],
  },
  usage: {
    data_rule_hits: ['insert', 'update'],
    event_inbox: ['insert'],
    governance_findings: ['insert'],
    governance_flows: ['insert', 'update'],
    governance_planted_findings: ['insert', 'update'],
    governance_planted_sightings: ['insert', 'update'],
    identity_usage: ['insert', 'update'],
    shop_goods: ['insert', 'update'],
  },
  worker: {
    approvals: ['insert', 'update'],
    audit_handout: ['insert'],
    audit_verification: ['insert'],
    effects: ['insert', 'update', 'delete'],
    event_inbox: ['insert'],
    limit_reservation: ['insert', 'update', 'delete'],
    limit_window: ['insert', 'update', 'delete'],
    run_results: ['insert', 'update', 'delete'],
    vault_known_values: ['insert', 'delete'],
    // Runs that are no longer kept: what they knew goes, and the key it is under.
    vault_erasures: ['insert'],
    vault_subject_keys: ['insert', 'delete'],
    vault_tenant_keys: ['insert'],
    // With a key that goes, what stands under it.
    vault_token_purposes: [{ update: ['ended_at'] }],
    vault_tokens: [{ update: ['blind', 'ended_at', 'owner', 'sealed', 'subject_key'] }],
    workflow_runs: [{ update: ['erased_at', 'sealed_customer', 'sealed_input'] }],
    workflow_steps: [{ update: ['sealed_value'] }],
  },
};

/** What lets somebody in, though hashed or wrapped: only the control plane asks for it inside a tenant. */
const SIGN_IN = [
  'identity_grant_secrets',
  'identity_links',
  'identity_providers',
  'identity_recovery_codes',
  'identity_scim_tokens',
  'identity_sessions',
  'identity_sso_states',
] as const;

/** Where the data of whom is, and what people asked about it: only the control plane and the rounds that delete look there. */
const RIGHTS = [
  'governance_assessment_needs',
  'governance_assessment_settings',
  'governance_assessments',
  'governance_breach_steps',
  'governance_breaches',
  'governance_canaries',
  'governance_deleters',
  'governance_holds',
  'governance_items',
  'governance_requests',
  'governance_rules',
  'governance_subjects',
  'governance_sweeps',
  'governance_tasks',
] as const;

/** Names that stand for values: made and opened for people alone. */
const TOKENS = ['vault_token_openings', 'vault_token_purposes', 'vault_tokens'] as const;

/** What happened, as it is kept for those who look. */
const EVIDENCE = [
  'audit_actor',
  'audit_link',
  'audit_log',
  'audit_payload',
  'audit_search',
  'identity_usage',
  'monitoring_alerts',
] as const;

export interface RoomReads {
  /** Tables of the tenant: these alone, or all but these. */
  readonly only?: readonly string[];
  readonly allBut?: readonly string[];
  /** Tables of the whole installation that hold nothing of a tenant. */
  readonly shared?: readonly string[];
}

export const ROOM_READS: Readonly<Record<RoomRole, RoomReads>> = {
  gateway: { allBut: [...SIGN_IN, ...RIGHTS.filter((table) => table !== 'governance_requests'), ...TOKENS], shared: ['vault_epochs'] },
  workflows: {
    allBut: [...SIGN_IN, ...EVIDENCE, ...RIGHTS, ...TOKENS, 'identity_hooks', 'identity_keys', 'vault_credentials'],
    shared: ['vault_epochs', 'workflow_executors'],
  },
  monitoring: { only: ['audit_log', 'monitoring_alerts', 'monitoring_cursor', 'monitoring_denials', 'monitoring_first_acts'] },
  usage: {
    only: [
      'data_rule_hits',
      'governance_findings',
      'governance_flows',
      'governance_planted_findings',
      'governance_planted_sightings',
      'identity_usage',
      'shop_goods',
    ],
  },
  worker: {
    // Whether something is held says what housekeeping may delete.
    allBut: [...SIGN_IN, ...RIGHTS.filter((table) => table !== 'governance_holds'), 'vault_credentials'],
    shared: [
      'audit_anchor_seen',
      'audit_anchor_state',
      'audit_checkpoint',
      'audit_cosignature',
      'audit_epoch',
      'audit_global',
      'audit_global_leaf',
      'audit_global_node',
      'audit_key',
      'audit_key_end',
      'vault_epochs',
    ],
  },
};

export const mayRead = (role: RoomRole, table: string): boolean => {
  const { only, allBut } = ROOM_READS[role];
  return only === undefined ? !(allBut ?? []).includes(table) : only.includes(table);
};

/** Parts that do not get the jobs over all tenants as they are: each has one narrower role in place of those it lacks. */
export const ACROSS_ROLES = ['gateway', 'worker'] as const;
export type AcrossRole = (typeof ACROSS_ROLES)[number];

export const acrossRole = (role: AcrossRole): string => `sallyport_across_${role}`;

/** What every process keeps in mind of who may do what: hashes, never what they are made of. */
const KNOWN: Readonly<Record<string, readonly AcrossRight[]>> = Object.fromEntries(
  [
    'data_guesses',
    'data_patterns',
    'data_rules',
    'data_unsure_rules',
    'governance_decisions',
    'governance_destinations',
    'governance_planted',
    'governance_profile',
    'identity_acknowledgements',
    'identity_clients',
    'identity_conditions',
    'identity_custom_roles',
    'identity_delegations',
    'identity_freezes',
    'identity_grants',
    'identity_group_members',
    'identity_groups',
    'identity_hooks',
    'identity_keys',
    'identity_least_settings',
    'identity_passkeys',
    'identity_people',
    'identity_revoked_tokens',
    'identity_risk_sessions',
    'identity_sessions',
    'identity_tenants',
    'identity_token_families',
    'identity_token_keys',
    'identity_workloads',
    'identity_workspace_members',
    'identity_workspaces',
    'integrations',
    'shop_goods',
    'workflow_versions',
  ].map((table) => [table, ['select']]),
);

/** Rows of every tenant, and those of none. */
export const ACROSS_RIGHTS: Readonly<Record<AcrossRole, Readonly<Record<string, readonly AcrossRight[]>>>> = {
  gateway: {
    ...KNOWN,
    identity_replays: ['select', 'insert'],
    instances: ['select', 'insert', 'update', 'delete'],
    storage_migrations: ['select'],
    storage_replicas: ['select', 'insert', 'update', 'delete'],
    storage_restore: ['select'],
    storage_restore_step: ['select'],
    storage_restore_yes: ['select'],
    // The newest moment of the log, which a clock set back is compared with.
    audit_checkpoint: ['select'],
    event_inbox: [{ select: ['occurred_at'] }],
    vault_tenant_keys: ['select'],
    vault_epochs: ['select'],
  },
  worker: { ...KNOWN, identity_replays: ['select', 'insert'] },
};
