// Starting runs and looking at them. A run is a row first; the engine finds it there.

import {
  type Integrity,
  isRefusal,
  type JsonObject,
  makeEvent,
  type PersonPrincipal,
  type Principal,
  type Refusal,
  type RunId,
  refuse,
  type TenantId,
} from '#core';
import type { KnownValue } from '#dlp';
import { type Origin, originsOf } from './origins.ts';
import type { RunDeps } from './ports.ts';
import { caseOf, type ReadFor } from './run-case.ts';
import { contentOf, type PhaseContent } from './run-content.ts';
import { type OpenRun, openRun } from './run-state.ts';
import { listRunLines, type RunFilter, type RunLine } from './store/run-list.ts';
import { findRun, listRuns, type PhaseRow, type RunRow, readJournal } from './store/runs.ts';
import { wholeLabel } from './value-labels.ts';
import { readVersion } from './verify-version.ts';
import { writeRun } from './write-run.ts';

const MAX_LIST = 200;

/** A phase with what its labels tell: how far its value may be trusted, and where the arguments of its call came from. */
export interface ExplainedPhase extends PhaseRow {
  /** `null` while it waits, and when the run no longer opens. */
  readonly integrity: Integrity | null;
  readonly origins: readonly Origin[];
}

export interface Runs {
  /** Checks and writes the run; whoever calls then wakes the engine. */
  start(by: Principal, name: string, input: JsonObject): Promise<RunRow | Refusal>;
  list(tenant: TenantId): Promise<readonly RunRow[]>;
  /** References and codes of each phase, never values. */
  show(tenant: TenantId, run: RunId): Promise<{ readonly run: RunRow; readonly phases: readonly PhaseRow[] } | Refusal>;
  lines(tenant: TenantId, filter: RunFilter): Promise<readonly RunLine[]>;
  /** A run with its phases and what explains them; still references only. */
  explain(tenant: TenantId, run: RunId): Promise<{ readonly run: RunLine; readonly phases: readonly ExplainedPhase[] } | Refusal>;
  /** What the steps asked and were given, redacted with `known` and the detectors. That somebody read it is an event. */
  content(by: PersonPrincipal, run: RunId, known: readonly KnownValue[], readFor: ReadFor): Promise<readonly PhaseContent[] | Refusal>;
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
        return (await findRun(tx, tenant, id)) ?? unknown();
      });
    },
    list: (tenant) => database.inTenant(tenant, (tx) => listRuns(tx, tenant, MAX_LIST)),
    show: (tenant, id) =>
      database.inTenant(tenant, async (tx) => {
        const run = await findRun(tx, tenant, id);
        return run === null ? unknown() : { run, phases: await readJournal(tx, tenant, id) };
      }),
    lines: (tenant, filter) => database.inTenant(tenant, (tx) => listRunLines(tx, tenant, filter)),
    explain: (tenant, id) =>
      database.inTenant(tenant, async (tx) => {
        const [line] = await listRunLines(tx, tenant, { ...ALL, run: id });
        const run = await openRun(deps.vault, tx, tenant, id);
        if (line === undefined || run === null) return unknown();
        const definition = await readVersion(deps, tx, tenant, line.workflow, line.hash);
        const origins = isRefusal(definition) || run.fault !== null ? null : originsOf(definition, run);
        const phases = (await readJournal(tx, tenant, id)).map((phase) => ({
          ...phase,
          integrity: integrityOf(run, phase),
          origins: origins?.get(`${phase.step}/${phase.phase}`) ?? [],
        }));
        return { run: line, phases };
      }),
    content: ({ tenant, person }, id, known, readFor) =>
      database.inTenant(tenant, async (tx) => {
        const run = await openRun(deps.vault, tx, tenant, id);
        if (run === null) return unknown();
        if (run.fault !== null) return refuse(run.fault, 'What this run wrote down can not be opened.', { run: id });
        const definition = await readVersion(deps, tx, tenant, run.row.workflow, run.row.hash);
        const forCase = caseOf(run, readFor);
        if (isRefusal(forCase)) return forCase;
        const { purpose, known: isKnown } = forCase;
        const facts = { workflow: run.row.workflow, phases: run.journal.length, purpose, purposeKnown: isKnown };
        const read = { tenant, type: 'workflows.run.content_read', actor: person, subject: id, public: facts };
        await deps.events.appendIn(tx, [makeEvent(deps, read)]);
        return contentOf(isRefusal(definition) ? null : definition, run, known);
      }),
  };
}

const ALL: RunFilter = { workflow: null, state: null, sinceMs: null, beforeMs: null, limit: 1, run: null };

function integrityOf(run: OpenRun, { step, phase, outcome }: PhaseRow): Integrity | null {
  const opened = run.journal.find((candidate) => candidate.step === step && candidate.phase === phase);
  return opened === undefined || outcome === 'waiting' ? null : wholeLabel(opened.labels).integrity;
}

function unknown(): Refusal {
  return refuse('WORKFLOWS_UNKNOWN', 'There is no such run.');
}
