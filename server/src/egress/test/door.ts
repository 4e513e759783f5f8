// A door to test upstreams, and what the tests of the door share.

import { createEgress, type Egress, type EgressDeps } from '../egress.ts';
import type { EgressFault } from '../errors.ts';
import type { EgressSink } from '../exchange.ts';
import type { EgressLimits } from '../request.ts';
import { clock, type TestUpstream } from './upstream.ts';

const open: AsyncDisposable[] = [];
/** Closes what `keep` was given, last first; for `afterEach`. */
export async function closeAll(): Promise<void> {
  for (const resource of open.splice(0).reverse()) await resource[Symbol.asyncDispose]();
}
export function keep<T extends AsyncDisposable>(resource: T): T {
  open.push(resource);
  return resource;
}

export function egressFor(upstream: TestUpstream, change: Partial<EgressDeps> = {}): { egress: Egress; origin: string } {
  const deps = {
    clock,
    resolve: async () => ['127.0.0.1'],
    ownAddresses: () => [],
    allowPrivate: [`127.0.0.1:${upstream.port}`, `shop.lan:${upstream.port}`],
  };
  const egress = createEgress({ ...deps, ...change });
  keep({ [Symbol.asyncDispose]: () => egress.close() });
  return { egress, origin: `http://127.0.0.1:${upstream.port}` };
}

export const limits = (change: Partial<EgressLimits>): EgressLimits => ({
  connectMs: 5_000,
  headersMs: 5_000,
  idleMs: 5_000,
  totalMs: 10_000,
  maxResponseBytes: 1_000,
  ...change,
});
export const NOTHING: EgressSink = { onHead: () => undefined, onData: () => undefined, onEnd: () => undefined };

export const faultOf = (promise: Promise<unknown>): Promise<EgressFault> =>
  promise.then(
    () => Promise.reject(new Error('it succeeded')),
    (fault: EgressFault) => fault,
  );
