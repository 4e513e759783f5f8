// A whole Sallyport in a process of its own that dies at a given step of a guarded call. Started by `crash-world.ts` with an IPC channel:
// it tells where it listens, `arm` starts counting, `steps` answers the names of the steps so far.

import process from 'node:process';
import type { KillPoint } from './guard-steps.ts';
import { createSteps } from './guard-steps.ts';
import { type ServerSettings, startOn } from './start-on.ts';

export interface ChildOptions extends ServerSettings {
  readonly kill: KillPoint | null;
}

const options = JSON.parse(process.argv[2] ?? '') as ChildOptions;
const steps = createSteps(options.kill);
const server = await startOn(options, { decorateGuard: steps.decorate });

process.on('message', (message) => {
  if (message === 'arm') steps.arm();
  process.send?.({ names: steps.names });
});
// Whoever started this process is gone: nobody counts any more.
process.on('disconnect', () => process.exit(0));
process.send?.({ gatewayPort: server.gateway.port, controlPort: server.control.port, ownerToken: server.ownerToken });
