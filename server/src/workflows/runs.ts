// Starting runs and looking at them. A run is a row first; the engine finds it there.

import { isRefusal, type JsonObject, type Principal, type Refusal, type RunId, refuse, type TenantId } from '#core';
import type { RunDeps } from './ports.ts';
import { openRun } from './run-state.ts';
import { listRuns, type PhaseRow, type RunRow, readJournal } from './store/runs.ts';
import { writeRun } from './write-run.ts';

const MAX_LIST = 200;

export interface Runs {
  /** Checks and writes the run; whoever calls then wakes the engine. */
  start(by: Principal, name: string, input: JsonObject): Promise<RunRow | Refusal>;
  list(tenant: TenantId): Promise<readonly RunRow[]>;
  /** References and codes of each phase, never values. */
  show(tenant: TenantId, run: RunId): Promise<{ readonly run: RunRow; readonly phases: readonly PhaseRow[] } | Refusal>;
}

export function createRuns(deps: RunDeps): Runs {
  const { database } = deps;
  return {
    async start(by, name, input) {
      if (by.kind !== 'person') return refuse('WORKFLOWS_NOT_A_PERSON', 'Only a signed-in person can start a run.');
      const { tenant, person } = by;
      return database.inTenant(tenant, async (tx) => {
        const by = { tenant, actor: person, trigger: 'person', facts: {} } as const;
        const id = await writeRun(deps, tx, { by, name, inputOf: () => input });
        if (isRefusal(id)) return id;
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
