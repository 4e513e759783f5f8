// Keeps the snapshot true to the database by following its notifications, and knows when it can no longer vouch for it.
// INVARIANT: a revocation is applied in the tick it is heard; while changes can not be heard, `isLost` turns true and nobody is let in.

import { type Clock, createInOrder, type KeyId, type PersonId, type SessionId, type WorkloadId } from '#core';
import { type Database, follow } from '#storage';
import type { Snapshot } from './snapshot.ts';
import { type Change, type ChangeKind, IDENTITY_CHANNEL, parseChange } from './store/changes.ts';
import { readAll, readKey, readPerson, readSession, readWorkload } from './store/snapshot-rows.ts';
import type { Watchers } from './watchers.ts';

export interface Follower {
  isLost(): boolean;
  /** Applies a change this process has just committed, without waiting to hear of it. */
  refresh(change: Pick<Change, 'tenant' | 'kind' | 'id'>): Promise<void>;
  close(): Promise<void>;
}

/**
 * How long the snapshot is trusted after the loss of the feed was noticed. Storage notices within 1.2 s (its heartbeat),
 * so a revoked key is refused well within 2 s of the cut. A short blip is over before anybody is turned away.
 */
export const FEED_GRACE_MS = 500;
/** Beyond so many, the memory of dropped ids is renewed by a full read. */
const MAX_DROPPED = 50_000;

export interface FollowerDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly snapshot: Snapshot;
  readonly onFault: (fault: unknown) => void;
  /** Told after every change that was applied, and when changes can not be heard. */
  readonly watchers?: Pick<Watchers, 'changed' | 'lost'>;
}

/** Reads everything once; throws when that fails. */
export async function followChanges({ db, clock, snapshot, onFault, watchers }: FollowerDeps): Promise<Follower> {
  let isClosed = false;
  /** Reads run one after the other, so that an older read never overwrites a newer one. */
  const { run: inOrder, idle } = createInOrder();

  const reload = async (): Promise<void> => {
    const replace = snapshot.beginReplace();
    replace(await readAll(db, clock.now()));
    watchers?.changed();
  };

  const dropNow = ({ tenant, kind, id }: Pick<Change, 'tenant' | 'kind' | 'id'>): void => {
    if (kind === '-person') snapshot.dropPerson(tenant, id as PersonId);
    else snapshot.drop(id);
    watchers?.changed();
  };

  async function apply({ tenant, kind, id }: Pick<Change, 'tenant' | 'kind' | 'id'>): Promise<void> {
    switch (kind) {
      case '-key':
      case '-session':
      case '-person':
        dropNow({ tenant, kind, id });
        return;
      case 'person':
        snapshot.putPerson(tenant, id as PersonId, await readPerson(db, tenant, id as PersonId, clock.now()));
        return;
      case 'key': {
        const row = await readKey(db, tenant, id as KeyId);
        if (row !== null) snapshot.putKey(row);
        return;
      }
      case 'session': {
        const row = await readSession(db, tenant, id as SessionId);
        if (row !== null) snapshot.putSession(row);
        return;
      }
      case 'workload': {
        const row = await readWorkload(db, tenant, id as WorkloadId);
        if (row !== null) snapshot.putWorkload(row);
        return;
      }
      default:
        kind satisfies never;
    }
  }

  async function hear(change: Change): Promise<void> {
    const known = snapshot.revision(change.tenant);
    if (change.revision <= known) return; // read already; an older change can not undo it
    if (change.revision > known + 1n || snapshot.dropped > MAX_DROPPED) {
      await reload();
      return;
    }
    await apply(change);
    snapshot.setRevision(change.tenant, change.revision);
    watchers?.changed();
  }

  async function onPayload(payload: string): Promise<void> {
    const change = parseChange(payload);
    if (change === null || isClosed) return;
    if (isRemoval(change.kind)) dropNow(change); // not behind reads that may be slow
    await inOrder(() => hear(change));
  }

  const feed = await follow({
    db,
    clock,
    channel: IDENTITY_CHANNEL,
    hear: onPayload,
    reload: () => inOrder(reload),
    onLost: () => watchers?.lost(),
    onFault,
  });

  return {
    isLost: () => feed.lostAtMs !== null && clock.now() - feed.lostAtMs > FEED_GRACE_MS,
    async refresh(change) {
      if (isRemoval(change.kind)) dropNow(change);
      else await inOrder(() => apply(change));
      watchers?.changed();
    },
    async close() {
      isClosed = true;
      await feed.close();
      await idle();
    },
  };
}

function isRemoval(kind: ChangeKind): boolean {
  return kind.startsWith('-');
}
