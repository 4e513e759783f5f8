// The work around the ledger that one process of an installation does at a time: checkpoints to the anchors, a look at its health, and
// verification on schedule.

import {
  type AnchorPusher,
  createAnchorPusher,
  createLedgerHealth,
  type HealthChange,
  type LedgerHealth,
  readVerifications,
  VERIFIED_AHEAD_MS,
} from '#audit';
import { makeEvent, type TenantId, type Tx } from '#core';
import { appendEvents } from '#storage';
import type { Folders } from '../folders.ts';
import type { Logger } from '../logger.ts';
import type { Config } from '../settings.ts';
import { systemClock, systemWorld } from '../world.ts';
import { openAnchors } from './anchor-ports.ts';
import type { OpenDatabase } from './database.ts';
import { createLedRounds, isTime, type LedRounds } from './led-rounds.ts';
import { codeOf, type Rooms } from './rooms.ts';
import { verifyLedger } from './verify-ledger.ts';

const JOB = 'ledger-keeper';
/** A checkpoint a second at most goes out. */
const ROUND_MS = 1_000;
const WATCH_MS = 5_000;
const LOOK_FOR_DUE_MS = 60_000;

const KEEPER = 'system:verifier';
const WATCHER = 'system:ledger';

interface LedgerKeeperDeps {
  readonly rooms: Pick<Rooms, 'ledger' | 'instance' | 'tenant'>;
  readonly open: OpenDatabase;
  readonly pusher: AnchorPusher;
  readonly health: LedgerHealth;
  readonly verifyEveryMs: number;
  /** The last checkpoint this machine remembers. */
  readonly checkpointFile: string;
  readonly logger: Logger;
  /** Aborted at the end: requests to anchors and a verification under way are broken off. */
  readonly ending: AbortController;
}

function createLedgerKeeper(deps: LedgerKeeperDeps): LedRounds {
  const { rooms, open, pusher, health, logger } = deps;
  let verifying: Promise<void> | null = null;
  let [watchAtMs, dueAtMs] = [0, 0];

  const fault = (event: string) => (thrown: unknown) => {
    // What is broken off at the end is no fault.
    if (!deps.ending.signal.aborted) logger.error({ event, code: codeOf(thrown) });
  };

  function record(tx: Tx, { what, was, state, code }: HealthChange): Promise<void> {
    const event = makeEvent(systemWorld, {
      tenant: rooms.tenant,
      type: 'audit.health.changed',
      actor: WATCHER,
      subject: rooms.tenant,
      public: { what, was, state, code },
    });
    return appendEvents(tx, [event]);
  }

  async function due(nowMs: number): Promise<readonly TenantId[]> {
    if (deps.verifyEveryMs === 0) return [];
    const rows = await open.database.asSystem('sequencer', readVerifications);
    const isDue = (atMs: number): boolean => atMs + deps.verifyEveryMs <= nowMs || atMs - nowMs > VERIFIED_AHEAD_MS;
    return rows.filter(({ last, beganAtMs }) => isDue(last?.atMs ?? beganAtMs)).map((row) => row.tenant);
  }

  /** One tenant after the other. What can not be verified is looked for again a minute later. */
  async function verifyDue(nowMs: number): Promise<void> {
    for (const tenant of await due(nowMs)) {
      if (deps.ending.signal.aborted) return;
      const request = { tenant, actor: KEEPER, checkpointFile: deps.checkpointFile, isScheduled: true, signal: deps.ending.signal };
      try {
        const verdict = await verifyLedger(rooms, open, request);
        if (!verdict.ok) logger.error({ event: 'ledger.verification.failed', code: verdict.code, tenant });
      } catch (thrown) {
        // The next tenant is verified all the same.
        fault('ledger.verification.fault')(thrown);
      }
    }
  }

  async function work(nowMs: number): Promise<void> {
    // Not awaited: a slow anchor must not keep this process from renewing its lease.
    pusher.runOnce().catch(fault('ledger.anchor.fault'));
    if (isTime(watchAtMs, nowMs, WATCH_MS)) {
      watchAtMs = nowMs + WATCH_MS;
      for (const { what, state, code } of await health.watch(record)) {
        const level = state === 'failed' ? 'error' : state === 'late' ? 'warn' : 'info';
        logger[level]({ event: `ledger.health.${what}.${state}`, code });
      }
    }
    if (isTime(dueAtMs, nowMs, LOOK_FOR_DUE_MS) && verifying === null) {
      dueAtMs = nowMs + LOOK_FOR_DUE_MS;
      verifying = verifyDue(nowMs)
        .catch(fault('ledger.verification.fault'))
        .finally(() => {
          verifying = null;
        });
    }
  }

  return createLedRounds({
    database: open.database,
    role: 'sequencer',
    job: JOB,
    holder: rooms.instance,
    everyMs: ROUND_MS,
    work,
    onFault: fault('ledger.keeper.fault'),
    breakOff: () => deps.ending.abort(),
    drain: () => Promise.all([pusher.drain(), verifying]),
  });
}

const HOUR_MS = 60 * 60_000;

export interface KeeperOptions {
  readonly config: Config;
  readonly folders: Folders;
  readonly logger: Logger;
}

/** Anchors, health and keeper as the settings want them. Throws when a setting is wrong. */
export function openLedgerKeeper(
  rooms: Pick<Rooms, 'ledger' | 'instance' | 'tenant' | 'egress' | 'sequencer'>,
  open: OpenDatabase,
  { config, folders, logger }: KeeperOptions,
): { readonly keeper: LedRounds; readonly health: LedgerHealth } {
  const { database } = open;
  const ending = new AbortController();
  const { anchors, policy, configured } = openAnchors({
    config,
    egress: rooms.egress,
    database,
    clock: systemClock,
    signal: ending.signal,
  });
  const verifyEveryMs = config.verifyEveryHours * HOUR_MS;
  const health = createLedgerHealth({
    db: database,
    clock: systemClock,
    anchors: configured,
    verifyEveryMs,
    sealingFault: rooms.sequencer.fault,
  });
  const pusher = createAnchorPusher({ db: database, anchors, policy, ...systemWorld });
  const keeper = createLedgerKeeper({ rooms, open, pusher, health, verifyEveryMs, checkpointFile: folders.anchorFile, logger, ending });
  return { keeper, health };
}
