// How the processes of one installation know each other: each row by which a process says that it lives carries a mark that only who holds
// the installation's keys can make. They talk through the database alone, so the mark is what stands between a row and a lease.

import { createHmac, timingSafeEqual } from 'node:crypto';

export interface InstanceProof {
  prove(instance: string): string;
  /** False for no mark, and for one of other keys. */
  isProven(instance: string, mark: string | null): boolean;
}

/** `key`: 32 secret bytes kept outside the database, the same in every process. */
export function createInstanceProof(key: Uint8Array): InstanceProof {
  const mark = (instance: string): Buffer => createHmac('sha256', key).update(`sallyport instance v1\n${instance}`).digest();
  return {
    prove: (instance) => mark(instance).toString('hex'),
    isProven: (instance, given) => {
      const [expected, presented] = [mark(instance), Buffer.from(given ?? '', 'hex')];
      return presented.length === expected.length && timingSafeEqual(expected, presented);
    },
  };
}
