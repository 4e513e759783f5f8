// The daily search of everything this installation wrote, for credentials of its vault and for planted values: by one process, slowly, beside
// its work. Its result is evidence; a hit raises an alert, and so does a day and a half without one.
// INVARIANT: a search that was broken off, or could not read something, never counts as clean.

import { setTimeout as wait } from 'node:timers/promises';
import { type Clock, formatTime, type JsonObject, newId, type UnixMs } from '#core';
import { addSelfScan, lastSelfScan, type SelfScanRow } from '#governance';
import { listTenants } from '#identity';
import type { Folders } from '../folders.ts';
import type { Logger } from '../logger.ts';
import type { Config } from '../settings.ts';
import { SearchStopped } from '../sweep/search.ts';
import { addPlantedTo, credentialsOf, plantedIn, type SelfScanReport, searchInstallation } from '../sweep/self-scan.ts';
import { systemRandom } from '../world.ts';
import type { OpenDatabase } from './database.ts';
import { createLedRounds } from './led-rounds.ts';
import { codeOf, type Rooms, tellInstallation } from './rooms.ts';

export interface LeakSearch {
  /** What the clock asks for: searches when it is due, says when it is overdue, and which canaries nobody saw. */
  look(): Promise<void>;
  /** Searches now; `at_once`: without leaving time to anything else. */
  run(pace?: 'beside_work' | 'at_once'): Promise<SelfScanRow>;
  last(): Promise<SelfScanRow | null>;
  start(): void;
  stop(): Promise<void>;
}

export interface LeakSearchOptions {
  readonly config: Config;
  readonly folders: Folders;
  readonly logger: Logger;
  readonly clock: Clock;
}

const JOB = 'leak-search';
/** Shorter than a lease, which each round renews while a search is under way. */
const ROUND_MS = 5_000;
const HOUR_MS = 60 * 60_000;
/** A server that has just started has other things to read. */
const FIRST_AFTER_MS = 10 * 60_000;
const AGAIN_AFTER_FAULT_MS = HOUR_MS;
const STALE_EVERY_MS = HOUR_MS;
/** So much is read a second: the disk and the event loop are for the calls. */
const BYTES_PER_SECOND = 16 * 1024 * 1024;
/** Places that a stored report names. */
const MAX_NAMED = 200;
const ACTOR = 'system:leak-search';

export function createLeakSearch(rooms: Rooms, { database, adminUrl }: OpenDatabase, options: LeakSearchOptions): LeakSearch {
  const { config, folders, logger, clock } = options;
  const { canaries, vault, tenant, instance } = rooms;
  const tell = tellInstallation(rooms);
  const startedMs = clock.now();
  const stopping = new AbortController();
  let running: Promise<unknown> | null = null;
  let [notBeforeMs, staleAtMs, toldMissedMs] = [startedMs + FIRST_AFTER_MS, startedMs, 0];
  const everyMs = config.selfScanEveryHours * HOUR_MS;

  const last = (): Promise<SelfScanRow | null> => database.inTenant(tenant, (tx) => lastSelfScan(tx, tenant));

  async function run(pace: 'beside_work' | 'at_once' = 'beside_work'): Promise<SelfScanRow> {
    if (adminUrl === null) throw new Error('only a process that administrates the database searches it');
    const startedAtMs = clock.now();
    const sought = await credentialsOf(database, vault);
    addPlantedTo(sought, canaries.watch.watched());
    const report = await searchInstallation({
      ...{ adminUrl, sought, config, folders, also: config.selfScanAlso },
      ...(pace === 'at_once' ? {} : { pace: paced(stopping.signal) }),
    });
    const row = rowOf(report, { startedAtMs, finishedAtMs: clock.now() });
    await database.inTenant(tenant, (tx) => addSelfScan(tx, tenant, row));
    await noteHits(report);
    const { credentials, planted, bytes, found, unread } = row.report;
    const seconds = Math.round((row.finishedAt.getTime() - startedAtMs) / 1000);
    const facts = { scan: row.id, ok: row.ok, credentials, planted, bytes, found, unread, seconds } as JsonObject;
    await tell('governance.self_scan.finished', { actor: ACTOR, subject: row.id, facts });
    return row;
  }

  function rowOf(report: SelfScanReport, at: { readonly startedAtMs: UnixMs; readonly finishedAtMs: UnixMs }): SelfScanRow {
    return {
      id: newId('scn', clock, systemRandom),
      startedAt: new Date(at.startedAtMs),
      finishedAt: new Date(at.finishedAtMs),
      ok: report.ok,
      report: {
        credentials: report.credentials,
        planted: report.planted,
        bytes: report.searched.reduce((sum, { bytes }) => sum + bytes, 0),
        found: report.found.length,
        unread: report.unread.length,
        searched: report.searched.slice(0, MAX_NAMED).map((one) => ({ ...one })),
        places: report.found.slice(0, MAX_NAMED).map(({ place, value, form }) => ({ place, value, form })),
        notRead: report.unread.slice(0, MAX_NAMED),
      },
    };
  }

  /** To whom a planted value belongs hears of it; in which file it lay is the installation's to know. */
  async function noteHits({ found }: SelfScanReport): Promise<void> {
    const told = new Set<string>();
    for (const { place, value } of found) {
      const planted = plantedIn(value);
      if (planted === null || told.has(value)) continue;
      told.add(value);
      const way = place.startsWith('table ') ? 'rows' : 'files';
      canaries.notes.found(planted.tenant, { ...planted, kind: 'at_rest', way, at: '', refused: false, by: tenant });
    }
    await canaries.notes.flush();
  }

  async function tellMissed(nowMs: UnixMs): Promise<void> {
    const before = await last();
    const sinceMs = before?.finishedAt.getTime() ?? startedMs;
    if (nowMs - sinceMs <= 1.5 * everyMs || nowMs - toldMissedMs < everyMs) return;
    toldMissedMs = nowMs;
    const since = before === null ? null : formatTime(sinceMs);
    await tell('governance.self_scan.missed', { actor: ACTOR, subject: 'installation', facts: { since } });
  }

  async function look(): Promise<void> {
    const nowMs = clock.now();
    if (nowMs >= staleAtMs) {
      staleAtMs = nowMs + STALE_EVERY_MS;
      for (const one of await listTenants(database)) await canaries.canaries.tellStale(one);
    }
    if (everyMs === 0 || nowMs < notBeforeMs) return;
    // Also while one is under way: one that does not end is none.
    await tellMissed(nowMs);
    if (adminUrl === null || running !== null) return;
    const before = await last();
    // Begun, and not only ended, so that each day has one; a clock that was put back does not stop it.
    if (before !== null && Math.abs(nowMs - before.startedAt.getTime()) < everyMs) return;
    running = run()
      .catch((fault: unknown) => {
        notBeforeMs = clock.now() + AGAIN_AFTER_FAULT_MS;
        if (!(fault instanceof SearchStopped)) logger.error({ event: 'leak_search.fault', code: codeOf(fault) });
      })
      .finally(() => {
        running = null;
      });
  }

  const rounds = createLedRounds({
    ...{ database, role: 'sequencer', job: JOB, holder: instance, everyMs: ROUND_MS },
    work: look,
    onFault: (fault) => logger.error({ event: 'leak_search.fault', code: codeOf(fault) }),
    breakOff: () => stopping.abort(),
    drain: async () => running,
  });
  return { look, run, last, start: rounds.start, stop: rounds.stop };
}

/** Waits so that no more than `BYTES_PER_SECOND` are read; throws once it is to stop. */
function paced(signal: AbortSignal): (bytes: number) => Promise<void> {
  let owedMs = 0;
  return async (bytes) => {
    if (signal.aborted) throw new SearchStopped();
    owedMs += (bytes / BYTES_PER_SECOND) * 1000;
    if (owedMs < 2) return;
    await wait(owedMs, undefined, { signal }).catch(() => {
      throw new SearchStopped();
    });
    owedMs = 0;
  };
}
