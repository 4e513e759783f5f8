// Considers every sealed event once, in order, and raises what the rules say about it.
// INVARIANT: alerts, what is remembered, and the cursor commit together under the cursor's lock. A killed process repeats a whole page and
// no more; two processes at once do nothing twice. An event that can not be read is passed by: it never stops the ones after it.

import { type Clock, makeEvent, newId, type Random, type TenantId, type Tx, type UnixMs } from '#core';
import { appendEvents, type Database } from '#storage';
import { isPerson, type Observed, observe } from './observed.ts';
import { BURST_WINDOW_MS, isDeniedCall, type Judged, judge } from './rules.ts';
import { gatherAlert, insertAlert } from './store/alerts.ts';
import { countDenial, forgetDenials, hasActedBefore, holdCursor, listBehind, moveCursor } from './store/cursor.ts';

export interface SealedLeaf {
  readonly seq: number;
  readonly leaf: string;
}

export interface WatchDeps {
  readonly db: Pick<Database, 'asSystem' | 'inTenant'>;
  readonly clock: Clock;
  readonly random: Random;
  /** The sealed log from a number on, in order. */
  readLog(tx: Tx, page: { readonly tenant: TenantId; readonly from: number; readonly limit: number }): Promise<readonly SealedLeaf[]>;
  /** Who stands behind pseudonyms, as far as the links were not erased. */
  actorsBehind(tenant: TenantId, pseudonyms: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Types of acts by which people change what others may do or see. */
  readonly privileged: ReadonlySet<string>;
  /** Whether a moment lies outside the working hours this tenant has set; false without hours. */
  isOutsideHours(tenant: TenantId, atMs: UnixMs): boolean;
  readonly onFault: (fault: unknown) => void;
}

export interface Watch {
  /** Considers what is there; resolves to how many events it considered. */
  runOnce(): Promise<number>;
}

/** One transaction: some milliseconds. */
const PAGE = 500;
const TENANTS_AT_ONCE = 64;
const ACTOR = 'system:monitoring';
/** A tenant whose log can not be considered now does not keep the others waiting. */
const BROKEN_MS = 60_000;

export function createWatch(deps: WatchDeps): Watch {
  const { db, clock, random } = deps;
  const broken = new Map<TenantId, UnixMs>();
  /** The last tenant of the round before: the next one goes on behind it, so that tenants that are always busy starve none. */
  let after = '';

  async function raise(tx: Tx, tenant: TenantId, event: Observed, found: Judged): Promise<void> {
    const { rule, severity, gatherMs, isApart, facts } = found;
    const { seq, type, pseudonym, subject, atMs } = event;
    const same = isApart ? { subject, facts } : null;
    if (gatherMs > 0 && (await gatherAlert(tx, tenant, { rule, actor: pseudonym, sinceMs: atMs - gatherMs, seq, atMs, same }))) return;
    const id = newId('alr', clock, random);
    const raisedAtMs = clock.now();
    await insertAlert(tx, tenant, { id, rule, severity, seq, type, actor: pseudonym, subject, facts, occurredAtMs: atMs, raisedAtMs });
    const told = { rule, severity, seq, event: type };
    await appendEvents(tx, [
      makeEvent({ clock, random }, { tenant, type: 'monitoring.alert.raised', actor: ACTOR, subject: id, public: told }),
    ]);
  }

  async function consider(tx: Tx, tenant: TenantId, event: Observed, beganAtMs: UnixMs): Promise<void> {
    const { pseudonym, type, seq, atMs } = event;
    const isActOfPerson = isPerson(event.actor) && (event.isPrivileged || type.startsWith('identity.'));
    const hasDoneBefore = isActOfPerson ? await hasActedBefore(tx, tenant, { actor: pseudonym, type, seq }) : true;
    const deniedCalls = isDeniedCall(event)
      ? await countDenial(tx, tenant, { actor: pseudonym, atMs, sinceMs: atMs - BURST_WINDOW_MS })
      : 0;
    const memory = {
      hasDoneBefore,
      deniedCalls,
      watchedMs: atMs - beganAtMs,
      isOutsideHours: (at: UnixMs) => deps.isOutsideHours(tenant, at),
    };
    for (const found of judge(event, memory)) await raise(tx, tenant, event, found);
  }

  /** One page of one tenant; how many events it had. */
  async function page(tenant: TenantId, from: number): Promise<number> {
    const leaves = await db.inTenant(tenant, (tx) => deps.readLog(tx, { tenant, from, limit: PAGE }));
    if (leaves.length === 0) return 0;
    const named = [...new Set(leaves.flatMap(({ leaf }) => /"actor":"(act_[0-9a-f]+)"/.exec(leaf)?.[1] ?? []))];
    const by = await deps.actorsBehind(tenant, named);
    const events = leaves.flatMap((leaf) => observe(leaf, by, deps.privileged) ?? []);
    return db.inTenant(tenant, async (tx) => {
      const { next, beganAtMs } = await holdCursor(tx, tenant, events[0]?.atMs ?? clock.now());
      // Another process was here since the page was read.
      if (next !== from) return 0;
      for (const event of events) await consider(tx, tenant, event, beganAtMs);
      await moveCursor(tx, tenant, (leaves.at(-1)?.seq ?? from) + 1);
      await forgetDenials(tx, tenant, clock.now() - 2 * BURST_WINDOW_MS);
      return leaves.length;
    });
  }

  return {
    async runOnce() {
      const nowMs = clock.now();
      for (const [tenant, untilMs] of broken) if (nowMs >= untilMs || untilMs - nowMs > BROKEN_MS) broken.delete(tenant);
      const behind = await db.asSystem('watcher', (tx) => listBehind(tx, { except: [...broken.keys()], after, limit: TENANTS_AT_ONCE }));
      after = behind.at(-1)?.tenant ?? '';
      let count = 0;
      for (const { tenant, next } of behind) {
        try {
          count += await page(tenant, next);
        } catch (fault) {
          broken.set(tenant, nowMs + BROKEN_MS);
          deps.onFault(fault);
        }
      }
      return count;
    },
  };
}
