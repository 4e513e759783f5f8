// Does what somebody asked for, once at a time, and keeps what the server answers when it refuses. It is working until all of it is done,
// what is read anew included.

import { useRef, useState } from 'react';
import type { ApiFault } from '../api/client.ts';
import { faultOf } from './fault-line.tsx';

export interface Work {
  /** Why the last try did not go well. */
  readonly fault: ApiFault | null;
  readonly isWorking: boolean;
  /** True when it went well; false when it did not, or when something is still under way. */
  readonly run: (work: () => Promise<unknown>) => Promise<boolean>;
  /** Forgets the fault: what it was about has changed. */
  readonly clear: () => void;
}

/** `onFault`: what happens beside showing it. */
export function useWork(onFault?: (fault: ApiFault) => unknown): Work {
  const [fault, setFault] = useState<ApiFault | null>(null);
  const [isWorking, setWorking] = useState(false);
  // Beside the state: a second press may come before the page is drawn again.
  const isBusy = useRef(false);
  async function run(work: () => Promise<unknown>): Promise<boolean> {
    if (isBusy.current) return false;
    isBusy.current = true;
    setWorking(true);
    setFault(null);
    try {
      await work();
      return true;
    } catch (error) {
      const refused = faultOf(error);
      setFault(refused);
      await onFault?.(refused);
      return false;
    } finally {
      isBusy.current = false;
      setWorking(false);
    }
  }
  return { fault, isWorking, run, clear: () => setFault(null) };
}
