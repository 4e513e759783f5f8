// Counts what each run asks of the ports of its guarded calls, and holds it for good at a chosen step: before it, after it, or when an
// upstream has begun to answer. A process in which every run is held is killed; for each run that is a kill at its own step.

import { DBOS } from '@dbos-inc/dbos-sdk';
import type { GuardDeps } from '../../server/src/enforcement/index.ts';
import { decoratePorts, type KillPoint, type Moment, onHead, type PortCall } from './guard-steps.ts';

export interface RunSteps {
  /** The next runs are held at these points, in the order in which they begin; `null` lets one go on. */
  arm(points: readonly (KillPoint | null)[]): void;
  /** The armed runs in the order in which they began, and their steps. */
  readonly runs: readonly RunTrace[];
  decorate(deps: GuardDeps): GuardDeps;
}

export interface RunTrace {
  readonly run: string;
  readonly names: readonly string[];
  readonly isHeld: boolean;
}

interface Watched {
  readonly names: string[];
  readonly point: KillPoint | null;
  isHeld: boolean;
}

const never = new Promise<never>(() => {});

export function createRunSteps(onHeld: () => void): RunSteps {
  let points: readonly (KillPoint | null)[] = [];
  let watched = new Map<string, Watched>();
  let known = new Set<string>();

  const current = (): Watched | null => {
    const id = DBOS.workflowID;
    if (id === undefined || known.has(id)) return null;
    const found = watched.get(id);
    if (found !== undefined) return found;
    const point = points[watched.size];
    if (point === undefined) {
      // Not one of ours: it began before, and goes on.
      known.add(id);
      return null;
    }
    const begun: Watched = { names: [], point, isHeld: false };
    watched.set(id, begun);
    return begun;
  };
  const hold = (run: Watched): Promise<never> => {
    if (!run.isHeld) {
      run.isHeld = true;
      onHeld();
    }
    return never;
  };
  const stepOf = (name: string, call: PortCall): PortCall => {
    return (...args) => {
      const run = current();
      if (run === null) return call(...args);
      if (run.isHeld) return never;
      const step = run.names.push(name) - 1;
      const isAt = (moment: Moment): boolean => run.point !== null && run.point.step === step && run.point.moment === moment;
      if (isAt('before')) return hold(run);
      const watchedArgs = name === 'egress.request' ? onHead(args, () => isAt('during') && void hold(run)) : args;
      const result = call(...watchedArgs);
      // A step that is over at once can not be held after it: the next one is held before it.
      if (!(result instanceof Promise)) return isAt('after') ? heldNext(run, result) : result;
      return result.then((value) => (run.isHeld || isAt('after') ? hold(run) : value));
    };
  };
  const heldNext = (run: Watched, result: unknown): unknown => {
    void hold(run);
    return result;
  };

  return {
    arm: (next) => {
      known = new Set([...known, ...watched.keys()]);
      watched = new Map();
      points = next;
    },
    get runs() {
      return [...watched].map(([run, { names, isHeld }]) => ({ run, names, isHeld }));
    },
    decorate: (deps) => decoratePorts(deps, stepOf),
  };
}
