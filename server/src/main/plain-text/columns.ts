// What each column of the database is, for the picture of where plain text exists: sealed, a key that is wrapped, a reference, or in clear and
// why. Read against the columns that are really there: one that nobody placed here is shown as such, and is a fault.

import type { StoredColumn } from '#storage';
import { otherBytes, sealedColumns } from '../compose/sealed-columns.ts';

export type ColumnKind = 'sealed' | 'wrapped' | 'reference' | 'unplaced' | ClearWhy;
export type ClearWhy = keyof typeof CLEAR;

/** Why something that people wrote is not sealed, in sentences. */
export const CLEAR = {
  names: 'names people gave to things and how they are set up: rules, lists and the way out are made of them on every call',
  staff: 'names of staff as an administrator typed them; those that a company login brings are sealed',
  company: 'who the business is, whom it gives data to, and on which basis: what the record of processing is printed from',
  reasons: 'reasons staff gave for what they did, shown wherever the act is; nobody is asked to write about customers there',
  files: 'files of workflows: signed by their hash, and run from it',
  events: 'facts of events: ids, codes, counts and words of lists, which their catalogue bounds; everything else of an event is sealed',
  bounds: 'what access and rules are limited to',
  login:
    'the password of the server’s own login, which the administrator of a database of yours alone may read: every replica finds it there',
  country: 'the country a session came from, where a file of countries is set',
} as const;

const at = (table: string, columns: string): readonly string[] => columns.split(' ').map((column) => `${table}.${column}`);

const IN_CLEAR: Readonly<Record<ClearWhy, readonly string[]>> = {
  names: [
    ...at('identity_tenants', 'name'),
    ...at('identity_workloads', 'name public_key integrations removed reached_since'),
    ...at('identity_workspaces', 'name rules limits'),
    ...at('identity_custom_roles', 'name meaning actions'),
    ...at('identity_groups', 'name external_id'),
    ...at('identity_reviews', 'name'),
    ...at('identity_providers', 'name label issuer client_id public_jwk settings'),
    ...at('identity_clients', 'name client_id jwks redirect_uris scope'),
    ...at('identity_grant_secrets', 'redirect_uri'),
    ...at('identity_passkeys', 'name transports'),
    ...at('identity_sessions', 'label device'),
    ...at('identity_sso_states', 'return_to origin'),
    ...at('integrations', 'name origin path_prefix manifest settings'),
    ...at('vault_credentials', 'name origin methods path_prefix header prefix'),
    ...at('vault_token_purposes', 'name openers'),
    ...at('governance_planted', 'place_name'),
    ...at('data_patterns', 'name pattern examples'),
    ...at('shop_goods', 'words'),
    ...at('governance_datasets', 'name source licence purpose columns subject_column'),
    ...at('governance_dataset_versions', 'source licence purpose'),
    ...at('workflows', 'name'),
    ...at('workflow_versions', 'name listens_event'),
    ...at('workflow_files', 'name path'),
  ],
  staff: at('identity_people', 'name'),
  company: [
    ...at('governance_profile', 'home controller contact'),
    ...at('governance_destinations', 'name vendor host party purpose measures opt_out_field'),
    ...at('governance_tasks', 'vendor'),
    ...at('governance_shops', 'domain'),
    ...at('governance_decisions', 'name decides purpose logic'),
  ],
  reasons: [
    ...at('approvals', 'reason'),
    ...at('governance_tasks', 'note'),
    ...['break_glass', 'delegations', 'freezes', 'grants', 'proposals', 'review_items'].map((name) => `identity_${name}.reason`),
  ],
  files: at('workflow_files', 'content'),
  events: [...at('event_inbox', 'public'), ...at('audit_log', 'leaf'), ...at('monitoring_alerts', 'facts')],
  bounds: [
    ...at('identity_grants', 'scope condition'),
    ...at('identity_delegations', 'scope'),
    ...at('identity_conditions', 'settings'),
    ...at('identity_reviews', 'scope reviewers'),
    ...at('identity_review_items', 'people shown'),
    ...at('identity_proposals', 'remove keep change evidence before after'),
    ...at('identity_freezes', 'stops'),
    ...at('governance_dataset_grants', 'columns'),
    ...at('limit_reservation', 'windows'),
  ],
  login: at('storage_app_login', 'password'),
  country: at('identity_risk_places', 'country'),
};

const WHY_OF: ReadonlyMap<string, ClearWhy> = new Map(
  Object.entries(IN_CLEAR).flatMap(([why, columns]) => columns.map((column) => [column, why as ClearWhy] as const)),
);

/** Bytes, from the list that says of each column of bytes what it is. */
const SEALED: ReadonlySet<string> = new Set(sealedColumns.map(({ table, column }) => `${table}.${column}`));
const kindOfBytes = (name: string, column: string): ColumnKind => {
  if (SEALED.has(name)) return 'sealed';
  if (otherBytes[name] === undefined) return 'unplaced';
  return column.endsWith('wrapped') ? 'wrapped' : 'reference';
};
/** Facts a job wrote about its own work, as JSON: ids, counts, codes. */
const FACTS = new Set([
  ...at('approvals', 'evidence'),
  ...at('run_results', 'label'),
  ...at('governance_requests', 'receipt erased'),
  ...at('governance_self_scans', 'report'),
  ...at('governance_breaches', 'scope'),
  ...at('governance_breach_steps', 'facts'),
  ...at('governance_sweeps', 'receipt'),
  ...at('storage_restore', 'report'),
  ...at('storage_restore_step', 'done'),
]);

/** Words and ids under names that could as well stand for free text elsewhere. */
const WORDS = new Set([
  ...at('audit_checkpoint', 'note'),
  ...at('audit_cosignature', 'line'),
  ...at('audit_epoch', 'origin record'),
  ...at('audit_global', 'origin'),
  ...at('audit_global_leaf', 'said'),
  ...at('audit_key', 'statement'),
  ...at('audit_search', 'types'),
  ...at('governance_assessment_needs', 'why assessment'),
  ...at('governance_assessments', 'residual_risk'),
  ...at('governance_breaches', 'alert opened_by risk told'),
  ...at('governance_breach_steps', 'breach by'),
  ...at('governance_destinations', 'country uses'),
  ...at('governance_flows', 'host'),
  ...at('governance_planted', 'place_kind known_at on_leak planted_by'),
  ...at('governance_planted_findings', 'canary value way at_place'),
  ...at('governance_planted_sightings', 'canary at_place'),
  ...at('governance_holds', 'purpose forms'),
  ...at('governance_items', 'purpose'),
  ...at('governance_opt_outs', 'source'),
  ...at('governance_requests', 'source reason'),
  ...at('governance_rules', 'purpose'),
  ...at('identity_challenges', 'purpose'),
  ...at('identity_groups', 'source'),
  ...at('identity_risk_sessions', 'signals'),
  ...at('identity_sso_states', 'purpose'),
  ...at('identity_statements', 'statement'),
  ...at('identity_token_families', 'resource scope'),
  ...at('identity_usage', 'name'),
  ...at('limit_budget', 'scope'),
  ...at('limit_window', 'scope'),
  ...at('storage_restore', 'manifest'),
  ...at('vault_tokens', 'purpose stand_in'),
  ...at('vault_token_openings', 'purpose'),
  ...at('vault_reencryption_faults', 'keys'),
  ...at('workflow_deliveries', 'body'),
]);
/** Names of columns of text that hold an id, a hash, a code, or a word of a list. */
const REFERENCES = new Set(
  (
    'accepted_by acknowledged_by action actor actor_index actions agency anchor approval approved_by asked_by auth_method ' +
    'backup binding blind bound bound_key call challenge classes class cleared_by client client_id closed_by code course ' +
    'created_by changed_by credential currency customer data_class dataset decided_by decision declared_by delivery destination digest direction done ' +
    'drill_code effect_key end_reason ended_by ended_side event event_id executor external_id family fault format grant_id ' +
    'granted_by group_id handling hash holder id imported_by instance integration integrations is jkt job kek key key_id kid kind ' +
    'legal_basis level lifted_by listens_integration lookup made_by made_under mark member method migration mode ' +
    'offered_by operation outcome owner party passkey passkey_signature pepper period person phase place placed_by provider ' +
    'pseudonym publication_by published_hash receipt_event received_by request record_digest record_event recorded_by ref region ' +
    'release released_by replica reservation restore restored review role rp rule run runs session set_by severity sha256 ' +
    'signature started_by state step subject subject_key target tenant test_code told_by tool_call_id transfer_basis trigger ' +
    'type unsure use used_by verdict verified_by verified_how verifier_key version via what witness witnessed workflow workload ' +
    'workspace delivery_fault failure handled_by'
  ).split(' '),
);
const TEXT = /^(?:text|character varying|name)(?:\[\])?$/;
const PLAIN = /^(?:integer|bigint|smallint|boolean|real|double precision|numeric.*|date|timestamp.*|uuid|interval)$/;

export function kindOf({ table, column, type }: StoredColumn): ColumnKind {
  const name = `${table}.${column}`;
  // The engine's serializer lets nothing but ids and words in; what steps carry is in our own tables, sealed.
  if (table.startsWith('dbos.')) return 'reference';
  const why = WHY_OF.get(name);
  if (why !== undefined) return why;
  if (PLAIN.test(type.replace(/\[\]$/, ''))) return 'reference';
  if (type === 'bytea') return kindOfBytes(name, column);
  if (FACTS.has(name) || WORDS.has(name)) return 'reference';
  return TEXT.test(type) && REFERENCES.has(column) ? 'reference' : 'unplaced';
}
