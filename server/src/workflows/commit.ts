// What a move changes, and the writing of it: a phase, whose case it is, or the end of the run, in the transaction it is given.
// INVARIANT: nothing is called from here; whoever writes has already done what the change says.

import { type JsonObject, makeEvent, type NewEvent, type Tx } from '#core';
import type { Phase } from './next-action.ts';
import type { PersonQuestion, RunDeps } from './ports.ts';
import { bindCustomer, type NamedCustomer, type OpenRun, writePhase } from './run-state.ts';
import { finishRun, type PhaseNotes, type RunState } from './store/runs.ts';

export interface RunEnding {
  readonly state: Exclude<RunState, 'running'>;
  readonly step: string | null;
  readonly code: string | null;
}

/** Held in this process alone between doing and writing; a process that dies there does it again as the same effect. */
export type Change =
  | { readonly kind: 'phase'; readonly run: OpenRun; readonly entry: PhaseEntry; readonly events: readonly NewEvent[] }
  | { readonly kind: 'customer'; readonly run: OpenRun; readonly entry: PhaseEntry; readonly named: NamedCustomer }
  /** A person is asked; the phase waits for what the question becomes. */
  | { readonly kind: 'ask'; readonly run: OpenRun; readonly entry: PhaseEntry; readonly question: PersonQuestion }
  | { readonly kind: 'end'; readonly run: OpenRun; readonly ending: RunEnding; readonly entry: PhaseEntry | null };

/** What a phase gave, and what may be told of it without opening it. */
export interface PhaseEntry {
  readonly phase: Phase;
  readonly notes: PhaseNotes;
}

/** `moved`: look what comes next; `ended`: there is nothing more to do. */
export type Moved = 'moved' | 'ended';

export async function commitChange(deps: RunDeps, tx: Tx, change: Change): Promise<Moved> {
  const { run } = change;
  const write = (entry: PhaseEntry): Promise<void> => writePhase(deps.vault, tx, run, { ...entry, atMs: deps.clock.now() });
  switch (change.kind) {
    case 'phase':
      await Promise.all([write(change.entry), change.events.length > 0 ? deps.events.appendIn(tx, change.events) : null]);
      return 'moved';
    case 'customer':
      await write(change.entry);
      await bindCustomer(deps.vault, tx, run, change.named);
      return 'moved';
    case 'ask': {
      const { phase, notes } = change.entry;
      await write({ phase: { ...phase, approval: await deps.askPerson(tx, change.question) }, notes });
      return 'moved';
    }
    case 'end': {
      const { tenant, id, hash } = run.row;
      if (change.entry !== null) await write(change.entry);
      if (!(await finishRun(tx, { tenant, id, ...change.ending, atMs: deps.clock.now() }))) return 'ended';
      const type = change.ending.state === 'refused' ? 'run.refused' : 'run.finished';
      await deps.events.appendIn(tx, [runEvent(deps, run, type, { ...change.ending, hash })]);
      return 'ended';
    }
    default:
      return change satisfies never;
  }
}

export function runEvent(deps: RunDeps, run: OpenRun, type: string, facts: JsonObject): NewEvent {
  return makeEvent(deps, {
    tenant: run.row.tenant,
    type: `workflows.${type}`,
    actor: `workflow:${run.row.workflow}`,
    subject: run.row.id,
    public: facts,
  });
}
