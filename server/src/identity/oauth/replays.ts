// What may be presented once, remembered in the database that every replica shares: proofs of possession and client assertions.
// INVARIANT: it is written before anything happens on the strength of it; when it can not be written, it is not accepted.
// Cost: one statement and no wait for the disk; presentations of one moment share it, and a request without a proof costs nothing.

import type { Clock, TenantId, UnixMs } from '#core';
import { type Database, isUniqueViolation, outsideTransaction } from '#storage';
import { addNew, addReplays, type Presented, sweepReplays } from '../store/replays.ts';

export interface Replays {
  /** True for the first presentation anywhere. */
  isFirst(presented: { readonly tenant: TenantId; readonly digest: Uint8Array; readonly rememberUntilMs: UnixMs }): Promise<boolean>;
  /** Forgets what could not be accepted any more. */
  sweep(): Promise<number>;
}

interface Waiting extends Presented {
  readonly name: string;
  readonly settle: (isFirst: boolean) => void;
  readonly fail: (fault: unknown) => void;
}

/** One statement stays short; more wait for the next one. */
const MAX_BATCH = 256;

export function createReplays({ db, clock }: { readonly db: Database; readonly clock: Clock }): Replays {
  let waiting: Waiting[] = [];
  let isWriting = false;

  async function write(batch: readonly Waiting[]): Promise<void> {
    const seen = new Set<string>();
    // The same order everywhere, so that two replicas never wait for each other.
    const unique = batch.filter(({ name }) => !seen.has(name) && seen.add(name)).sort((one, two) => (one.name < two.name ? -1 : 1));
    try {
      const first = await firstOf(unique);
      const given = new Set<string>();
      for (const { name, digest, settle } of batch) {
        // Presented twice within one batch: one of the two is the first.
        settle(first.has(Buffer.from(digest).toString('hex')) && !given.has(name));
        given.add(name);
      }
    } catch (fault) {
      for (const { fail } of batch) fail(fault);
    }
  }

  /** Nearly always all of them are new, and one trip says so; only when one is not, each is asked for. */
  async function firstOf(presented: readonly Waiting[]): Promise<ReadonlySet<string>> {
    try {
      await addNew(db, presented);
      return new Set(presented.map(({ digest }) => Buffer.from(digest).toString('hex')));
    } catch (fault) {
      if (!isUniqueViolation(fault)) throw fault;
      return db.asSystem('authenticator', (tx) => addReplays(tx, presented));
    }
  }

  function pump(): void {
    if (isWriting || waiting.length === 0) return;
    isWriting = true;
    const batch = waiting.slice(0, MAX_BATCH);
    waiting = waiting.slice(MAX_BATCH);
    void outsideTransaction(() => write(batch)).finally(() => {
      isWriting = false;
      pump();
    });
  }

  return {
    isFirst: ({ tenant, digest, rememberUntilMs }) =>
      new Promise((settle, fail) => {
        const name = `${tenant} ${Buffer.from(digest).toString('hex')}`;
        waiting.push({ tenant, digest, expiresAt: new Date(rememberUntilMs), name, settle, fail });
        pump();
      }),
    sweep: () => sweepReplays(db, new Date(clock.now())),
  };
}
