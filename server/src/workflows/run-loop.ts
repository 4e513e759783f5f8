// Moves of one run in this process: look, do, write, and again, until something is written. Whatever fails is looked at again, and a run
// that fails again and again at the same place ends. A wait is not written down: after a crash the journal says by itself that it waits.

import { SallyportError } from '#core';
import { giveUp, type Prepared, prepare } from './advance.ts';
import { commitChange, type Moved } from './commit.ts';
import { type Holding, LostRun, type Write } from './datasource.ts';
import type { Pauses } from './pauses.ts';
import type { RunDeps } from './ports.ts';
import type { Slots } from './slots.ts';

const FIRST_PAUSE_MS = 100;
/** Decisions wake a run at once; this is for what nobody tells, such as a limit that refills or an effect whose process died. */
const LONGEST_PAUSE_MS = 5_000;
/** Who has waited this long waits for a person: the look is then only for a word that was lost. */
const LONG_WAIT_MS = 10 * 60_000;
const LONG_PAUSE_MS = 60_000;
/** While nothing may be begun because this process was silent for too long. */
const SILENT_PAUSE_MS = 500;
/** Failures of one move before the run ends. */
const MAX_FAILURES = 6;

export interface LoopDeps {
  readonly deps: RunDeps;
  readonly slots: Slots;
  readonly pauses: Pauses;
  /** The process may have been declared dead: nothing is begun meanwhile. */
  isAlive(): boolean;
  isStopping(): boolean;
  onFault(code: string, run: Holding['run']): void;
}

/** The process is stopping or lost its name: what stands written is all there is. */
export const STOPPED = Symbol('stopped');

type Outcome = Exclude<Prepared, { kind: string }> | Moved | 'silent' | 'lost';

export async function makeMove(loop: LoopDeps, holding: Holding, write: Write): Promise<Moved | typeof STOPPED> {
  const attempt = async (work: typeof prepare): Promise<Outcome> => {
    try {
      const prepared: Prepared = await work(loop.deps, holding.tenant, holding.run);
      return typeof prepared === 'string' ? prepared : await write((tx) => commitChange(loop.deps, tx, prepared));
    } catch (fault) {
      if (fault instanceof LostRun) return 'lost';
      loop.onFault(fault instanceof SallyportError ? fault.code : 'WORKFLOWS_ENGINE_FAILED', holding.run);
      return fault instanceof SallyportError && fault.retryable ? 'waiting' : 'failing';
    }
  };
  const once = (work: typeof prepare): Promise<Outcome> =>
    loop.slots.use(async () => (loop.isStopping() || !loop.isAlive() ? 'silent' : attempt(work)));
  const giveUpNow: typeof prepare = (deps, tenant, run) => giveUp(deps, tenant, run, 'WORKFLOWS_UPSTREAM_FAILED');

  let failures = 0;
  let pauseMs = FIRST_PAUSE_MS;
  for (let waitedMs = 0; !loop.isStopping(); ) {
    const outcome = await once(failures < MAX_FAILURES ? prepare : giveUpNow);
    if (outcome === 'moved' || outcome === 'ended') return outcome;
    if (outcome === 'lost') return STOPPED;
    if (outcome === 'failing') failures += 1;
    await loop.pauses.sleep(holding.run, outcome === 'silent' ? SILENT_PAUSE_MS : pauseMs);
    if (outcome === 'silent') continue;
    waitedMs += pauseMs;
    pauseMs = Math.min(pauseMs * 2, waitedMs < LONG_WAIT_MS ? LONGEST_PAUSE_MS : LONG_PAUSE_MS);
  }
  return STOPPED;
}
