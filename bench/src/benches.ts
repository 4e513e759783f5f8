// All benches by name.

import { type BenchOptions, benchGateway } from './gateway.ts';
import { benchGatewaySse } from './gateway-sse.ts';
import type { BenchReport } from './report.ts';
import { benchStart } from './start.ts';
import { benchWorkflows } from './workflows.ts';

export const BENCHES: Readonly<Record<string, (options: BenchOptions) => Promise<BenchReport>>> = {
  gateway: benchGateway,
  'gateway-sse': benchGatewaySse,
  start: benchStart,
  workflows: benchWorkflows,
};
