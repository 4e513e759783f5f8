// Every column of every room that holds sealed values, so that all of them can be sealed anew; and every other column of bytes, with what it
// is. A test compares both with the database: a column that is in neither is one that somebody forgot.

import { sealedColumns as ofApprovals } from '#approvals';
import { sealedColumns as ofAudit } from '#audit';
import type { SealedColumn } from '#core';
import { sealedColumns as ofEnforcement } from '#enforcement';
import { sealedColumns as ofGovernance } from '#governance';
import { sealedColumns as ofIdentity } from '#identity';
import { sealedColumns as ofMonitoring } from '#monitoring';
import { sealedColumns as ofVault, type SealedPlaces } from '#vault';
import { sealedColumns as ofWorkflows } from '#workflows';
import type { Rooms } from './rooms.ts';

export const sealedColumns: readonly SealedColumn[] = [
  ...ofApprovals,
  ...ofAudit,
  ...ofEnforcement,
  ...ofGovernance,
  ...ofIdentity,
  ...ofMonitoring,
  ...ofVault,
  ...ofWorkflows,
];

const KEYED = 'a keyed hash';
const SIGNED = 'a signature or a seal';
const WRAPPED = 'a wrapped key';
const TREE = 'the tree of the ledger';

/** `table.column` -> what it holds in place of sealed values. */
export const otherBytes: Readonly<Record<string, string>> = {
  'approval_decisions.seal': SIGNED,
  'approvals.seal': SIGNED,
  'audit_global.frontier': TREE,
  'audit_global_leaf.hash': TREE,
  'audit_global_node.hash': TREE,
  'audit_head.root': TREE,
  'audit_log.leaf_hash': TREE,
  'audit_node.hash': TREE,
  'audit_payload.salt': 'random bytes that a leaf was made with',
  'audit_search.columns': 'an index over the log, without what is sealed',
  'audit_search.filter': 'an index over the log, without what is sealed',
  'audit_tree.frontier': TREE,
  'governance_dataset_pieces.sealed': 'sealed under a key that only the process that reads them has, and gone when they are read',
  'identity_accounts.subject': KEYED,
  'identity_attempts.bucket': KEYED,
  'identity_challenges.hash': KEYED,
  'identity_grant_secrets.hash': KEYED,
  'identity_keys.hash': KEYED,
  'identity_links.hash': KEYED,
  'identity_passkeys.public_key': 'a public key',
  'identity_passkeys.seal': SIGNED,
  'identity_recovery_codes.hash': KEYED,
  'identity_replays.digest': KEYED,
  'identity_scim_tokens.hash': KEYED,
  'identity_scim_users.external_id': KEYED,
  'identity_scim_users.user_name': KEYED,
  'identity_sessions.hash': KEYED,
  'identity_sso_states.browser': KEYED,
  'identity_sso_states.state': KEYED,
  'identity_token_keys.wrapped': WRAPPED,
  'storage_restore_yes.seal': SIGNED,
  'vault_subject_keys.wrapped': WRAPPED,
  'vault_tenant_keys.wrapped': WRAPPED,
  'vault_tokens.blind': KEYED,
  'workflow_versions.signature': SIGNED,
  'workflows.publication_signature': SIGNED,
};

export const sealedPlaces = ({ approvals }: Pick<Rooms, 'approvals'>): SealedPlaces => ({
  columns: sealedColumns,
  follow: { 'approvals.sealed_call': approvals.followSealed },
});
