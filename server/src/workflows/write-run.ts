// Writes a run and says so in the ledger, in the caller's transaction; or writes that it was refused. Whoever calls wakes the engine
// after the commit: a run is a row first.

import { isRefusal, type JsonObject, newId, type Refusal, type RunId, refuse, type TenantId, type Tx } from '#core';
import { checkInput } from './check-input.ts';
import type { WorkflowDefinition } from './definition.ts';
import type { RunDeps } from './ports.ts';
import { checkPublished } from './publication.ts';
import { sealInput } from './run-state.ts';
import { insertRun, type RunTrigger } from './store/runs.ts';
import { findPublished } from './store/versions.ts';
import { verifyVersion } from './verify-version.ts';

/** Who begins a run, and what the event says about it beside. */
/** Who starts a run by a delivery. */
const FROM = 'integration:';

export interface Starter {
  readonly tenant: TenantId;
  readonly actor: string;
  readonly trigger: RunTrigger;
  readonly facts: JsonObject;
}

/** `inputOf` is asked with the approved content, never with what a row says about it. */
export async function writeRun(
  deps: RunDeps,
  tx: Tx,
  { by, name, inputOf }: { by: Starter; name: string; inputOf: (definition: WorkflowDefinition) => JsonObject | Refusal },
): Promise<RunId | Refusal> {
  const { tenant, actor, trigger } = by;
  const published = await findPublished(tx, tenant, name);
  if (published === null) return refuse('WORKFLOWS_NOT_PUBLISHED', 'No version of this workflow is published.', { workflow: name });
  const { hash } = published;
  const id = newId('run', deps.clock, deps.random);
  const atMs = deps.clock.now();
  const record = (type: string, facts: JsonObject): Promise<void> =>
    deps.events.appendIn(tx, [
      {
        id: newId('evt', deps.clock, deps.random),
        tenant,
        type: `workflows.run.${type}`,
        occurredAtMs: atMs,
        actor,
        subject: id,
        public: { workflow: name, hash, trigger, ...by.facts, ...facts },
        sealed: null,
      },
    ]);
  const content = await verifyVersion(deps, tx, tenant, name, hash);
  const approved = isRefusal(content) ? content : ((await checkPublished(deps, tx, tenant, name, hash)) ?? content);
  const input = isRefusal(approved) ? approved : inputOf(approved.definition);
  const fault = isRefusal(approved) ? approved : isRefusal(input) ? input : checkInput(approved.definition, input);
  if (fault !== null || isRefusal(input)) {
    const refusal = fault ?? (input as Refusal);
    await record('refused', { code: refusal.code, state: 'refused', step: null });
    return refusal;
  }
  const integration = trigger === 'webhook' && actor.startsWith(FROM) ? actor.slice(FROM.length) : null;
  const region = integration === null ? null : deps.regionOf(tenant, integration);
  const sealedInput = await sealInput(deps.vault, tx, { tenant, run: id, workflow: name, hash, input, trigger, by: actor, region });
  await insertRun(tx, { tenant, id, workflow: name, hash, sealedInput, by: actor, trigger, atMs });
  await record('started', {});
  return id;
}
