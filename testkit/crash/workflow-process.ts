// A whole Sallyport in a process of its own whose runs are held at chosen steps. Started by `workflow-child.ts` with an IPC channel: it tells
// where it listens, takes the points of the next runs, and tells how far they are whenever one is held, and when asked.

import process from 'node:process';
import type { EngineTiming } from '../../server/src/workflows/index.ts';
import type { KillPoint } from './guard-steps.ts';
import { createRunSteps } from './run-steps.ts';
import { RECOVER_AT_ONCE, type ServerSettings, startOn } from './start-on.ts';

export interface WorkflowProcessOptions extends ServerSettings {
  /** Absent: the times of a real installation. */
  readonly timing?: EngineTiming;
  /** Every other process is dead: what it left open is decided at once. In an installation this takes ten seconds. */
  readonly isAlone: boolean;
}

export type WorkflowProcessOrder = { readonly kind: 'arm'; readonly points: readonly (KillPoint | null)[] } | { readonly kind: 'steps' };

/** The times of a real installation. */
const AS_INSTALLED = { deadAfterMs: 10_000, beatMs: 2_000 } as const;
const RECOVER_EVERY_MS = 100;

const options = JSON.parse(process.argv[2] ?? '') as WorkflowProcessOptions;
const steps = createRunSteps(() => process.send?.({ runs: steps.runs }));
const server = await startOn(
  options,
  {
    decorateGuard: steps.decorate,
    ...(options.timing === undefined ? {} : { workflows: options.timing }),
    recovery: options.isAlone ? RECOVER_AT_ONCE : AS_INSTALLED,
  },
  (line) => process.send?.({ log: line }),
);

if (options.isAlone) {
  const recover = (): void => {
    void server.rooms.recovery.runOnce().finally(() => setTimeout(recover, RECOVER_EVERY_MS).unref());
  };
  recover();
}

process.on('message', (message) => {
  const order = message as WorkflowProcessOrder;
  if (order.kind === 'arm') steps.arm(order.points);
  process.send?.({ runs: steps.runs });
});
// Whoever started this process is gone: nobody counts any more.
process.on('disconnect', () => process.exit(0));
process.send?.({ ready: { gatewayPort: server.gateway.port, controlPort: server.control.port, ownerToken: server.ownerToken } });
