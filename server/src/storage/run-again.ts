// For what must not fail because somebody else is slow, such as taking access away: the transaction is tried again.

import { SallyportError } from '#core';

/** Together longer than the server lets a lost caller's transaction sit idle with its locks. */
const ATTEMPTS = 3;

/** `work` is one transaction. It is run again when it collided with another or waited too long for a lock: nothing of it was kept then. */
export async function runAgainOnConflict<T>(work: () => Promise<T>, attempts = ATTEMPTS): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const code = error instanceof SallyportError ? error.code : null;
      if (attempt >= attempts || (code !== 'STORAGE_CONFLICT' && code !== 'STORAGE_TIMEOUT')) throw error;
    }
  }
}
