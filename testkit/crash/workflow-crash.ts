// Runs of a workflow in processes that are killed in the middle of them, one process after the other on one database: each first ends what
// the one before left, then begins runs of its own, holds each at its step, and is killed when all are held.

import type { TestCluster } from '../cluster.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { installDemo, openDemoUpstreams, waitForRun } from '../workflow-world/index.ts';
import type { KillPoint } from './guard-steps.ts';
import { createServerDatabase } from './server-database.ts';
import { type ServerSettings, startOn } from './start-on.ts';
import { countEffects, openTicket, type Ticket } from './tickets.ts';
import { ownerOf, startWorkflowChild, type WorkflowChild } from './workflow-child.ts';

export interface RunVerdict {
  readonly point: KillPoint | null;
  /** The step at which it was when its process died; `null` when it had ended. */
  readonly heldAt: string | null;
  /** True when the process died with the run exactly at its point. */
  readonly isStruck: boolean;
  readonly state: string;
  readonly refunds: number;
  readonly replies: number;
}

export interface WorkflowCrash {
  /** The steps of a run that nobody disturbs. */
  wholeRun(): Promise<{ readonly steps: readonly string[]; readonly verdict: RunVerdict }>;
  /** One run for each point; `perProcess` of them share a process and its death. */
  trials(points: readonly KillPoint[], perProcess: number, log?: (done: number) => void): Promise<readonly RunVerdict[]>;
  close(): Promise<void>;
}

interface Begun extends Ticket {
  readonly run: string;
  readonly point: KillPoint | null;
  heldAt: string | null;
  isStruck: boolean;
}

/** Nobody else lives, so a process may be taken for dead soon; the restart alone takes longer. */
const TIMING = { beatMs: 100, deadAfterMs: 1_000 } as const;
/** A run that waits for what another one holds never reaches its point. */
const STUCK_MS = 4_000;

export async function openWorkflowCrash(cluster: TestCluster): Promise<WorkflowCrash> {
  const folder = await temporaryFolder('sallyport-workflow-crash-');
  const upstreams = await openDemoUpstreams();
  const settings: ServerSettings = {
    folder: folder.path,
    databaseUrl: await createServerDatabase(cluster),
    allowPrivate: upstreams.allowPrivate,
  };
  const first = await startOn(settings);
  await installDemo(ownerOf(first.control.port, first.ownerToken), upstreams);
  await first.close();
  const since = upstreams.shop.ledger.size;
  let tickets = 0;

  const start = (): Promise<WorkflowChild> => startWorkflowChild({ ...settings, timing: TIMING, isAlone: true });

  const begin = async (child: WorkflowChild, point: KillPoint | null): Promise<Begun> => {
    const ticket = openTicket(upstreams.shop, tickets++);
    const { body } = await child.owner('POST', '/api/workflows/support-reply/runs', { input: { ticket: ticket.ticket } });
    return { ...ticket, run: String(body.id), point, heldAt: null, isStruck: false };
  };

  const judge = async (child: WorkflowChild, begun: Begun): Promise<RunVerdict> => {
    const ended = await waitForRun(child.owner, begun.run);
    const { point, heldAt, isStruck } = begun;
    return {
      point,
      heldAt,
      isStruck,
      state: `${String(ended.state)} ${String(ended.code)}`,
      ...countEffects(upstreams.shop, begun, since),
    };
  };

  /** Begins a run for each point, one after the other so that each gets its own, and kills the process when every one is held or has ended. */
  const life = async (child: WorkflowChild, points: readonly KillPoint[]): Promise<readonly Begun[]> => {
    await child.arm(points);
    const allHeld = new Promise<void>((resolve) =>
      child.onHeld((runs) => {
        if (runs.filter(({ isHeld }) => isHeld).length === points.length) resolve();
      }),
    );
    const begun: Begun[] = [];
    for (const point of points) begun.push(await begin(child, point));
    const allEnded = Promise.all(begun.map(({ run }) => waitForRun(child.owner, run))).catch(() => new Promise<never>(() => {}));
    const timer = setTimeout(() => stuck(), STUCK_MS);
    let stuck = (): void => {};
    await Promise.race([allHeld, allEnded, new Promise<void>((resolve) => (stuck = resolve))]);
    clearTimeout(timer);
    const traces = await child.traces();
    await child.kill();
    for (const one of begun) {
      const trace = traces.find(({ run }) => run === one.run);
      one.heldAt = trace?.names.at(-1) ?? null;
      one.isStruck = trace?.isHeld ?? false;
    }
    return begun;
  };

  return {
    wholeRun: async () => {
      const child = await start();
      await child.arm([null]);
      const begun = await begin(child, null);
      const verdict = await judge(child, begun);
      const steps = (await child.traces())[0]?.names ?? [];
      await child.kill();
      return { steps, verdict };
    },
    trials: async (points, perProcess, log = () => {}) => {
      const verdicts: RunVerdict[] = [];
      let left: readonly Begun[] = [];
      for (let nth = 0; nth <= points.length; nth += perProcess) {
        const child = await start();
        verdicts.push(...(await Promise.all(left.map((begun) => judge(child, begun)))));
        log(verdicts.length);
        left = [];
        if (nth < points.length) left = await life(child, points.slice(nth, nth + perProcess));
        else await child.kill();
      }
      if (left.length > 0) {
        const last = await start();
        verdicts.push(...(await Promise.all(left.map((begun) => judge(last, begun)))));
        await last.kill();
      }
      return verdicts;
    },
    close: async () => {
      await upstreams.close();
      await folder.remove();
    },
  };
}
