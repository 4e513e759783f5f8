// Deletes what is kept no longer: place by place, in batches, each run proved by an event with the digest of its receipt. A canary that each
// run plants and the next one must find and delete shows that runs happen and get through.
// INVARIANTS: holds are looked at in the transaction that deletes; what is in use is never touched; the log keeps every leaf.

import {
  type Clock,
  canonicalJson,
  type DataClass,
  type Digest,
  isDataClass,
  type JsonObject,
  makeEvent,
  newId,
  type PersonPrincipal,
  type Random,
  type Refusal,
  type RetentionRunId,
  type SealChangeOf,
  type TenantId,
  type Tx,
} from '#core';
import { appendEvents, type Database } from '#storage';
import { refusal } from '../errors.ts';
import type { Holds } from '../rights/holds.ts';
import { PLACES, type Place } from '../rights/places.ts';
import type { SubjectIndex } from '../rights/subject-index.ts';
import {
  insertSweep,
  listCanaries,
  listRules,
  listSweeps,
  plantCanary,
  putRule,
  type RuleRow,
  type SweepRow,
  tellStale,
} from '../store/retention.ts';
import { dropItems, endedItems, type ItemRow, subjectsOfItems } from '../store/subjects.ts';
import { keepMinutes, LEAST_BACKUP_MINUTES, MAX_MINUTES, MINUTE_MS, PLACE_DAYS, type Rule, shortestMinutes, versionOf } from './rules.ts';

/** Something beside the places that has an age, such as files of backups: deleted by the rule of its name. */
export interface AgedFiles {
  readonly place: string;
  /** Deletes what was made before; gives how many. Counts alone when it is dry. */
  sweep(beforeMs: number, isDry: boolean): Promise<number>;
}

export interface RetentionDeps {
  readonly db: Pick<Database, 'inTenant'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly digest: Digest;
  readonly index: SubjectIndex;
  readonly holds: Holds;
  readonly sealChange: SealChangeOf;
  /** Those that are this tenant's to delete. */
  readonly files: (tenant: TenantId) => readonly AgedFiles[];
  readonly everyMs: number;
}

export interface SweepReceipt {
  readonly v: 1;
  readonly run: RetentionRunId;
  readonly tenant: TenantId;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly version: string;
  readonly items: Readonly<Record<string, number>>;
  readonly keys: number;
  readonly keysDigest: string;
  readonly held: number;
  /** Ends of purpose of the oldest and newest thing that was deleted. */
  readonly from: string | null;
  readonly to: string | null;
  /** `deleted`: the one the last run planted was found and is gone; `none`: it was the first run; `left`: it could not be deleted. */
  readonly canary: 'deleted' | 'none' | 'left';
  /** Places that could not be swept. */
  readonly failed: readonly string[];
  readonly dryRun: boolean;
}

export interface NewRule {
  readonly dataClass: DataClass | null;
  readonly place: string | null;
  readonly purpose: string | null;
  /** Null takes the rule back. */
  readonly minutes: number | null;
}

export interface RetentionView {
  readonly version: string;
  readonly rules: readonly RuleRow[];
  readonly places: Readonly<Record<string, number>>;
  readonly runs: readonly SweepRow[];
  readonly nextAtMs: number | null;
  /** Since when something is there that had to be gone; null while all is well. */
  readonly staleSinceMs: number | null;
}

export interface Retention {
  show(tenant: TenantId): Promise<RetentionView>;
  set(person: PersonPrincipal, rule: NewRule): Promise<RetentionView | Refusal>;
  run(
    tenant: TenantId,
    how: { readonly isDry: boolean; readonly actor: string },
  ): Promise<{ readonly receipt: SweepReceipt; readonly digest: string }>;
  /** Runs whatever tenant is due; for the rounds of one process. */
  runDue(tenants: readonly TenantId[]): Promise<number>;
  /** Says so in the log when a canary outlived two runs. */
  watch(tenants: readonly TenantId[]): Promise<void>;
  keptUntil(tx: Tx, tenant: TenantId, item: ItemRow): Promise<number | null>;
}

const BATCH = 100;
/** Batches of one place in one run; the next run goes on. */
const MAX_BATCHES = 500;
const ACTOR = 'system:retention';
const PURPOSE = /^[A-Za-z0-9_][A-Za-z0-9._:/-]{0,127}$/;
/** Runs missed before the canary is stale. */
const MISSED = 2;

export function createRetention(deps: RetentionDeps): Retention {
  const { db, clock, digest, index, holds } = deps;

  interface Tally {
    readonly items: Record<string, number>;
    readonly ids: string[];
    held: number;
    from: Date | null;
    to: Date | null;
  }

  async function sweepPlace(tenant: TenantId, place: Place, rules: readonly Rule[], how: { isDry: boolean; atMs: number; tally: Tally }) {
    const { isDry, atMs, tally } = how;
    const beforeMs = atMs - shortestMinutes(rules, place.name) * MINUTE_MS;
    let after: ItemRow | null = null;
    for (let batch = 0; batch < MAX_BATCHES; batch += 1) {
      const last: ItemRow | null = await db.inTenant(tenant, async (tx) => {
        const page = await endedItems(tx, tenant, { place: place.name, beforeMs, limit: BATCH, after });
        const due = page.filter((item) => {
          const minutes = keepMinutes(rules, item);
          return minutes !== null && (item.endedAt as Date).getTime() + minutes * MINUTE_MS <= atMs;
        });
        const active = await holds.active(tx, tenant);
        const subjects =
          active.count === 0
            ? new Map<string, ReadonlySet<string>>()
            : await subjectsOfItems(
                tx,
                tenant,
                place.name,
                due.map(({ ref }) => ref),
              );
        const isHeld = ({ ref, purpose }: ItemRow): boolean =>
          active.covers({ subjects: subjects.get(ref) ?? [], place: place.name, purpose });
        const gone = active.count === 0 ? due : due.filter((item) => !isHeld(item));
        tally.held += due.length - gone.length;
        if (gone.length > 0) {
          const refs = gone.map(({ ref }) => ref);
          if (!isDry) {
            tally.ids.push(...(await place.erase(tx, tenant, refs, null)));
            await dropItems(tx, tenant, place.name, refs);
          }
          tally.items[place.name] = (tally.items[place.name] ?? 0) + gone.length;
          for (const { endedAt } of place.name === 'canary' ? [] : gone) {
            if (endedAt !== null && (tally.from === null || endedAt < tally.from)) tally.from = endedAt;
            if (endedAt !== null && (tally.to === null || endedAt > tally.to)) tally.to = endedAt;
          }
        }
        return page.length < BATCH ? null : (page.at(-1) ?? null);
      });
      if (last === null) return;
      after = last;
    }
  }

  async function run(tenant: TenantId, { isDry, actor }: { readonly isDry: boolean; readonly actor: string }) {
    const startedMs = clock.now();
    await index.catchUp(tenant, { full: true });
    const { rules, planted } = await db.inTenant(tenant, async (tx) => ({
      rules: await listRules(tx, tenant),
      planted: (await listCanaries(tx, tenant)).length,
    }));
    const tally: Tally = { items: {}, ids: [], held: 0, from: null, to: null };
    const failed: string[] = [];
    for (const place of index.places.values()) {
      // One place that can not be swept does not keep the others from it; its things are there the next time.
      await sweepPlace(tenant, place, rules, { isDry, atMs: startedMs, tally }).catch(() => failed.push(place.name));
    }
    for (const files of deps.files(tenant)) {
      const minutes = rules.find(({ place, dataClass }) => place === files.place && dataClass === null)?.minutes;
      if (minutes === undefined) continue;
      // Also for a rule from before there was a least.
      const keptMs = Math.max(minutes, LEAST_BACKUP_MINUTES) * MINUTE_MS;
      const count = await files.sweep(startedMs - keptMs, isDry).catch(() => failed.push(files.place) * 0);
      if (count > 0) tally.items[files.place] = count;
    }
    const canaries = tally.items.canary ?? 0;
    delete tally.items.canary;
    const finishedMs = clock.now();
    const receipt: SweepReceipt = {
      v: 1,
      run: newId('rtn', clock, deps.random),
      tenant,
      startedAt: new Date(startedMs).toISOString(),
      finishedAt: new Date(finishedMs).toISOString(),
      version: versionOf(rules, digest),
      items: tally.items,
      keys: tally.ids.length,
      keysDigest: digest.sha256(tally.ids.sort().join('\n')),
      held: tally.held,
      from: tally.from?.toISOString() ?? null,
      to: tally.to?.toISOString() ?? null,
      canary: planted === 0 ? 'none' : canaries >= planted ? 'deleted' : 'left',
      failed,
      dryRun: isDry,
    };
    const json = canonicalJson(receipt as unknown as JsonObject);
    const hash = digest.sha256(json);
    if (isDry) return { receipt, digest: hash };
    await db.inTenant(tenant, async (tx) => {
      const { run: id, version, items, keys, held, from, to, canary } = receipt;
      const facts = { run: id, version, items: { ...items }, keys, held, from, to, canary, failed: [...failed], digest: hash };
      const event = makeEvent(deps, { tenant, type: 'governance.retention.ran', actor, subject: id, public: facts });
      await appendEvents(tx, [event]);
      const times = { startedAt: new Date(startedMs), finishedAt: new Date(finishedMs) };
      await insertSweep(tx, tenant, { id, ...times, version, receipt, json, event: event.id });
      await plantCanary(tx, tenant, { id, plantedAt: new Date(finishedMs) });
    });
    return { receipt, digest: hash };
  }

  const show = (tenant: TenantId): Promise<RetentionView> =>
    db.inTenant(tenant, async (tx) => {
      const rules = await listRules(tx, tenant);
      const runs = await listSweeps(tx, tenant, 20);
      const [canary] = await listCanaries(tx, tenant);
      const plantedMs = canary?.plantedAt.getTime() ?? null;
      const isStale = plantedMs !== null && plantedMs < clock.now() - MISSED * deps.everyMs;
      const nextAtMs = runs[0] === undefined ? null : runs[0].startedAt.getTime() + deps.everyMs;
      return { version: versionOf(rules, digest), rules, places: PLACE_DAYS, runs, nextAtMs, staleSinceMs: isStale ? plantedMs : null };
    });

  return {
    show,
    run,
    async set(person, { dataClass, place, purpose, minutes }) {
      const { tenant } = person;
      const known = place === null || place === 'backups' || ((PLACES as readonly string[]).includes(place) && place !== 'canary');
      const isRule = known && (dataClass !== null || place !== null) && (dataClass === null || isDataClass(dataClass));
      const isPurpose = purpose === null || PURPOSE.test(purpose);
      if (!isRule || !isPurpose || (minutes !== null && (minutes < 1 || minutes > MAX_MINUTES))) return refusal('GOVERNANCE_RULE_INVALID');
      if (place === 'backups' && minutes !== null && minutes < LEAST_BACKUP_MINUTES)
        return refusal('GOVERNANCE_BACKUPS_TOO_SHORT', { leastMinutes: LEAST_BACKUP_MINUTES });
      const refused = await db.inTenant(tenant, async (tx) => {
        const before = await listRules(tx, tenant);
        const was =
          before.find((rule) => rule.dataClass === dataClass && rule.place === place && rule.purpose === purpose)?.minutes ?? null;
        const rule = { dataClass, place, purpose, minutes, setBy: person.person, at: new Date(clock.now()) };
        if (!(await putRule(tx, tenant, rule))) return refusal('GOVERNANCE_RULE_INVALID');
        const version = versionOf(await listRules(tx, tenant), digest);
        const sealed = await deps.sealChange(tx, person, { before: { minutes: was }, after: { minutes } });
        const facts = { version, dataClass, place, purpose, minutes };
        const type = 'governance.retention.changed';
        await appendEvents(tx, [makeEvent(deps, { tenant, type, actor: person.person, subject: tenant, public: facts, sealed })]);
        return null;
      });
      return refused ?? show(tenant);
    },
    async runDue(tenants) {
      let ran = 0;
      for (const tenant of tenants) {
        const [last] = await db.inTenant(tenant, (tx) => listSweeps(tx, tenant, 1));
        if (last !== undefined && last.startedAt.getTime() + deps.everyMs > clock.now()) continue;
        await run(tenant, { isDry: false, actor: ACTOR });
        ran += 1;
      }
      return ran;
    },
    async watch(tenants) {
      for (const tenant of tenants) {
        await db.inTenant(tenant, async (tx) => {
          const atMs = clock.now();
          const since = await tellStale(tx, tenant, { beforeMs: atMs - MISSED * deps.everyMs, atMs });
          if (since === null) return;
          const type = 'governance.retention.stale';
          const facts = { since: since.toISOString() };
          await appendEvents(tx, [makeEvent(deps, { tenant, type, actor: ACTOR, subject: tenant, public: facts })]);
        });
      }
    },
    async keptUntil(tx, tenant, item) {
      const minutes = item.endedAt === null ? null : keepMinutes(await listRules(tx, tenant), item);
      return minutes === null || item.endedAt === null ? null : item.endedAt.getTime() + minutes * MINUTE_MS;
    },
  };
}
