// An integration as a place that personal data is at, or goes to.

import type { Flow } from '../ports.ts';
import type { Identified } from '../types.ts';

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/;

export function integrationPlace({
  name,
  origin,
  isSample,
}: Pick<Identified['integration'], 'name' | 'origin' | 'isSample'>): Pick<Flow, 'destination' | 'host' | 'isOwnMachine'> {
  const { host } = new URL(origin);
  return { destination: name, host, isOwnMachine: isSample || LOOPBACK.test(host) };
}
