// The question asked before every step of every run: is this the content a person approved, unchanged, and may it run now?
// INVARIANT: the answer is computed from the stored bytes each time; no flag in the database can stand for it.

import { isRefusal, type Refusal, refuse, type TenantId, type Tx } from '#core';
import { isApproved, notSigned } from './approval.ts';
import { hashBundle, openBundle } from './bundle.ts';
import type { WorkflowDefinition } from './definition.ts';
import { parseDefinition } from './parse-definition.ts';
import type { RegistryDeps } from './ports.ts';
import { findVersion, findWorkflow, readFiles, type WorkflowRow } from './store/versions.ts';

export interface Approved {
  readonly definition: WorkflowDefinition;
  readonly workflow: WorkflowRow;
}

type Deps = Pick<RegistryDeps, 'digest' | 'signer' | 'signatures' | 'datasetHash'>;

/** A run keeps the version it began with: one retired since then may finish, one never published does not run. */
const MAY_RUN = new Set(['published', 'retired']);

export async function verifyVersion(deps: Deps, tx: Tx, tenant: TenantId, name: string, hash: string): Promise<Approved | Refusal> {
  const [workflow, version, files] = await Promise.all([
    findWorkflow(tx, tenant, name),
    findVersion(tx, tenant, name, hash),
    readFiles(tx, tenant, name, hash),
  ]);
  if (workflow === null || version === null || !MAY_RUN.has(version.state)) {
    return refuse('WORKFLOWS_HASH_NOT_APPROVED', 'The content of this run is not a published version.', { workflow: name, hash });
  }
  if (workflow.isPaused) return refuse('WORKFLOWS_PAUSED', 'The workflow is paused.', { workflow: name });
  if (!(await isApproved(deps, tx, tenant, version))) return notSigned(name, hash);
  const definition = definitionOf(deps, files, name, hash);
  if (isRefusal(definition)) return definition;
  for (const [dataset, pinned] of definition.datasets) {
    if ((await deps.datasetHash?.(tx, tenant, dataset)) === pinned) continue;
    return refuse('WORKFLOWS_DATASET_CHANGED', 'A dataset of the workflow is not the one it was approved with.', {
      workflow: name,
      dataset,
    });
  }
  return { definition, workflow };
}

/** The workflow of stored files, if they still have that hash and name. */
export async function readVersion(
  deps: Pick<Deps, 'digest'>,
  tx: Tx,
  tenant: TenantId,
  name: string,
  hash: string,
): Promise<WorkflowDefinition | Refusal> {
  return definitionOf(deps, await readFiles(tx, tenant, name, hash), name, hash);
}

/**
 * Definitions by the hash of all they are made from. The hash is computed from the stored bytes each time; only the parsing of the same
 * bytes is not done again.
 */
const parsed = new Map<string, WorkflowDefinition>();
const MAX_PARSED = 200;

function definitionOf(
  deps: Pick<Deps, 'digest'>,
  files: Awaited<ReturnType<typeof readFiles>>,
  name: string,
  hash: string,
): WorkflowDefinition | Refusal {
  const bundle = openBundle(files);
  const tampered = (): Refusal =>
    refuse('WORKFLOWS_BUNDLE_TAMPERED', 'The stored files do not have the approved hash.', { workflow: name, hash });
  if (isRefusal(bundle) || hashBundle(bundle, deps.digest) !== hash) return tampered();
  const definition = parsed.get(hash) ?? parseDefinition(bundle);
  if (isRefusal(definition)) return definition;
  if (parsed.size >= MAX_PARSED) parsed.delete(parsed.keys().next().value as string);
  parsed.set(hash, definition);
  return definition.name === name ? definition : tampered();
}
