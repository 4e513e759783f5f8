// Starting runs and looking at them. A run is a row first; the engine finds it there.

import { isRefusal, type JsonObject, type JsonValue, newId, type Principal, type Refusal, type RunId, refuse, type TenantId } from '#core';
import type { WorkflowDefinition } from './definition.ts';
import type { RunDeps } from './ports.ts';
import { openRun, sealInput } from './run-state.ts';
import { insertRun, listRuns, type PhaseRow, type RunRow, readJournal } from './store/runs.ts';
import { findPublished } from './store/versions.ts';
import { verifyVersion } from './verify-version.ts';

const MAX_LIST = 200;

export interface Runs {
  /** Checks and writes the run; whoever calls then wakes the engine. */
  start(by: Principal, name: string, input: JsonObject): Promise<RunRow | Refusal>;
  list(tenant: TenantId): Promise<readonly RunRow[]>;
  /** References and codes of each phase, never values. */
  show(tenant: TenantId, run: RunId): Promise<{ readonly run: RunRow; readonly phases: readonly PhaseRow[] } | Refusal>;
}

export function createRuns(deps: RunDeps): Runs {
  const { database, clock } = deps;
  return {
    async start(by, name, input) {
      if (by.kind !== 'person') return refuse('WORKFLOWS_NOT_A_PERSON', 'Only a signed-in person can start a run.');
      const { tenant, person } = by;
      return database.inTenant(tenant, async (tx) => {
        const published = await findPublished(tx, tenant, name);
        if (published === null) return refuse('WORKFLOWS_NOT_PUBLISHED', 'No version of this workflow is published.', { workflow: name });
        const approved = await verifyVersion(deps, tx, tenant, name, published.hash);
        const fault = isRefusal(approved) ? approved : checkInput(approved.definition, input);
        const id = newId('run', clock, deps.random);
        const event = (type: string, facts: JsonObject) => ({
          id: newId('evt', clock, deps.random),
          tenant,
          type: `workflows.run.${type}`,
          occurredAtMs: clock.now(),
          actor: person,
          subject: id,
          public: { workflow: name, hash: published.hash, ...facts },
          sealed: null,
        });
        if (fault !== null) {
          await deps.events.appendIn(tx, [event('refused', { code: fault.code, state: 'refused', step: null })]);
          return fault;
        }
        await insertRun(tx, {
          tenant,
          id,
          workflow: name,
          hash: published.hash,
          sealedInput: await sealInput(deps.vault, tx, tenant, input),
          by: person,
          atMs: clock.now(),
        });
        await deps.events.appendIn(tx, [event('started', {})]);
        const run = await openRun(deps.vault, tx, tenant, id);
        return run?.row ?? refuse('WORKFLOWS_UNKNOWN', 'The run is not there.');
      });
    },
    list: (tenant) => database.inTenant(tenant, (tx) => listRuns(tx, tenant, MAX_LIST)),
    show: (tenant, id) =>
      database.inTenant(tenant, async (tx) => {
        const run = await openRun(deps.vault, tx, tenant, id);
        if (run === null) return refuse('WORKFLOWS_UNKNOWN', 'There is no such run.');
        return { run: run.row, phases: await readJournal(tx, tenant, id) };
      }),
  };
}

function checkInput(definition: WorkflowDefinition, input: JsonObject): Refusal | null {
  const wrong = (name: string): Refusal =>
    refuse('WORKFLOWS_INPUT_INVALID', `The input ${name} is missing, unknown or does not fit.`, { input: name });
  for (const name of Object.keys(input)) if (!Object.hasOwn(definition.inputs, name)) return wrong(name.slice(0, 64));
  for (const [name, spec] of Object.entries(definition.inputs)) {
    const value: JsonValue | undefined = input[name];
    const fits =
      spec.type === 'string'
        ? typeof value === 'string' && value !== '' && Buffer.byteLength(value) <= spec.maxBytes
        : spec.type === 'integer'
          ? Number.isSafeInteger(value)
          : typeof value === 'boolean';
    if (!fits) return wrong(name);
  }
  return null;
}
