// All benches by name.

import { type BenchOptions, benchGateway } from './gateway.ts';
import { benchGatewaySse } from './gateway-sse.ts';
import { benchIdentity } from './identity.ts';
import { benchLedger } from './ledger.ts';
import type { BenchReport } from './report.ts';
import { benchRestore } from './restore.ts';
import { benchScan } from './scan.ts';
import { benchSearch } from './search.ts';
import { benchStart } from './start.ts';
import { benchVault } from './vault.ts';
import { benchWorkflows } from './workflows.ts';

export const BENCHES: Readonly<Record<string, (options: BenchOptions) => Promise<BenchReport>>> = {
  gateway: benchGateway,
  'gateway-sse': benchGatewaySse,
  identity: benchIdentity,
  ledger: benchLedger,
  restore: benchRestore,
  scan: benchScan,
  search: benchSearch,
  start: benchStart,
  vault: benchVault,
  workflows: benchWorkflows,
};
