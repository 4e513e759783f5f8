// The machine's own resolver (hosts file included) as the port `pin.ts` asks. It must never decide what may be connected to.

import { lookup } from 'node:dns/promises';
import type { Resolve } from './pin.ts';

export const systemResolve: Resolve = async (hostname) => {
  const found = await lookup(hostname, { all: true, order: 'verbatim' });
  return found.map((entry) => entry.address);
};
