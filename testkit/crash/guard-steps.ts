// Counts what a guarded call asks of its ports, and dies by SIGKILL at one of these steps: before it, after it, or when an upstream
// has begun to answer. Only the calls of an armed scenario count.

import process from 'node:process';
import type { GuardDeps } from '../../server/src/enforcement/index.ts';

export type Moment = 'before' | 'during' | 'after';

export interface KillPoint {
  /** Which step of the scenario, from 0. */
  readonly step: number;
  readonly moment: Moment;
}

export interface Steps {
  /** Counting starts anew. */
  arm(): void;
  /** Names of the steps since then, in order. */
  readonly names: readonly string[];
  decorate(deps: GuardDeps): GuardDeps;
}

export type PortCall = (...args: unknown[]) => unknown;

const PORTS: Readonly<Partial<Record<keyof GuardDeps, readonly string[]>>> = {
  database: ['inTenant'],
  identity: ['bind', 'consumeBinding'],
  limits: ['reserve', 'settle'],
  approvals: ['request', 'consume'],
  vault: ['seal', 'open', 'lease'],
  egress: ['request'],
  events: ['append', 'appendSoon', 'appendIn'],
  runs: ['open', 'record'],
  effects: ['claim', 'takeOver', 'setReservation', 'settle', 'release', 'find', 'findByApproval'],
};

export function createSteps(kill: KillPoint | null): Steps {
  let armed = false;
  let names: string[] = [];

  const reach = (step: number, moment: Moment): void => {
    if (kill === null || step !== kill.step || moment !== kill.moment) return;
    process.kill(process.pid, 'SIGKILL');
    // The signal arrives while nothing else of this process can run.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10_000);
  };
  const counted = (name: string, run: PortCall): PortCall => {
    return (...args) => {
      if (!armed) return run(...args);
      const step = names.push(name) - 1;
      reach(step, 'before');
      const result = run(...(name === 'egress.request' ? onHead(args, () => reach(step, 'during')) : args));
      if (!(result instanceof Promise)) return result;
      return result.then((value) => {
        reach(step, 'after');
        return value;
      });
    };
  };

  return {
    arm: () => {
      armed = true;
      names = [];
    },
    get names() {
      return names;
    },
    decorate: (deps) => decoratePorts(deps, counted),
  };
}

/** The ports of a guarded call with every listed method replaced by what `replace` makes of it. */
export function decoratePorts(deps: GuardDeps, replace: (name: string, run: PortCall) => PortCall): GuardDeps {
  const decorated: Record<string, unknown> = { ...deps };
  for (const [port, methods] of Object.entries(PORTS)) {
    const target = decorated[port] as Record<string, PortCall | undefined>;
    const replaced = new Map(
      methods.map((method) => {
        const run = target[method];
        if (run === undefined) throw new Error(`${port}.${method} does not exist; the list of steps is out of date`);
        return [method, replace(`${port}.${method}`, run.bind(target))];
      }),
    );
    decorated[port] = new Proxy(target, { get: (inner, key) => replaced.get(key as string) ?? Reflect.get(inner, key) });
  }
  return decorated as unknown as GuardDeps;
}

/** The upstream did what was asked when its answer begins. */
export function onHead(args: readonly unknown[], reached: () => void): readonly unknown[] {
  const [request, sink, ...rest] = args as [unknown, { onHead: PortCall; onData: PortCall; onEnd: PortCall }];
  const watched = {
    onHead: (...head: unknown[]) => {
      reached();
      return sink.onHead(...head);
    },
    onData: (chunk: unknown) => sink.onData(chunk),
    onEnd: () => sink.onEnd(),
  };
  return [request, watched, ...rest];
}
