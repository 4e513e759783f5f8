// The tables that hold nothing of any tenant, each with its reason; every other table is walled off.

/** The global tree holds hashes of tenants' trees, and anchors its signed roots; the rest the names of processes. */
const OURS = [
  'audit_anchor_seen',
  'audit_anchor_state',
  'audit_checkpoint',
  'audit_cosignature',
  'audit_epoch',
  'audit_global',
  'audit_global_leaf',
  'audit_global_node',
  'audit_health',
  'audit_key',
  'audit_key_end',
  'audit_lease',
  // Keyed hashes of what somebody was asked to sign, and of who tried how often to sign in: they have not said yet where they belong.
  'identity_attempts',
  'identity_challenges',
  // Wrapped keys that sign access tokens of every tenant.
  'identity_token_keys',
  'instances',
  // Numbers and fingerprints of key epochs; one epoch is of the whole installation.
  'vault_epochs',
  'workflow_executors',
  'workflow_leader',
];

/** The workflow engine's own tables: ids and words only (its serializer lets nothing else in), so there is no tenant's data to wall off. */
export const engineTables: readonly string[] = (
  'application_versions dbos_migrations event_dispatch_kv notifications operation_outputs queues streams workflow_events ' +
  'workflow_events_history workflow_input workflow_output workflow_schedules workflow_status'
)
  .split(' ')
  .map((table) => `dbos.${table}`);

export const tablesWithoutTenant: readonly string[] = [...OURS, ...engineTables];
