// Notices when a session is not like its person: on requests that come from elsewhere than the one before, and on counts of denials and reads.
// INVARIANT: a request that is like the last one of its session reads and writes nothing; what was noticed once holds in every process.

import { createHmac } from 'node:crypto';
import {
  type Clock,
  isRefusal,
  makeEvent,
  type PersonId,
  type PersonPrincipal,
  type Random,
  type Refusal,
  type Risk,
  type SealChange,
  type SessionId,
  type TenantId,
  type Tx,
  type UnixMs,
} from '#core';
import { appendEvents, type Database } from '#storage';
import { type Countries, NO_COUNTRIES, type Place } from '../conditions/countries.ts';
import { type Address, isLoopback, networkOf } from '../conditions/networks.ts';
import { refusal } from '../errors.ts';
import {
  addCount,
  type CountKind,
  holdRisk,
  keepMarks,
  keepPlace,
  type Mark,
  putRisk,
  readCounts,
  readUsual,
  sweepRisk,
} from '../store/risk.ts';
import { followLevels, isConfirmedSince, type Levels, type NotedRisk, noted } from './levels.ts';
import { DENIED_BURST, DENIED_WINDOW_MS, isBulk, levelOf, type Observation, type Signal, signalsOf, type Usual, worst } from './signals.ts';

export interface RiskDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  /** Marks are stored under it, so that they tell no address. */
  readonly pepper: Uint8Array;
  readonly countries?: Countries;
  readonly onFault: (fault: unknown) => void;
}

export interface RiskRoom {
  /** What is known about the session now. */
  levelOf(person: PersonPrincipal): Risk;
  /** Looks at where a request comes from, and answers with the level that follows. */
  observe(person: PersonPrincipal, seen: { readonly address: Address | null; readonly isOutsideHours: boolean }): Promise<Risk>;
  /** A request of this person was denied. */
  denied(person: PersonPrincipal): void;
  /** This person was given so many records: events, content, exports. */
  read(person: PersonPrincipal, records: number): void;
  /** Where an address is, as far as the operator's file says. */
  placeOf(address: Address | null): Place | null;
  /** Whether the operator gave a file of countries. */
  readonly knowsCountries: boolean;
  list(tenant: TenantId): readonly NotedRisk[];
  clear(
    by: { readonly person: PersonPrincipal; readonly isSolo: boolean; readonly seal?: SealChange },
    session: SessionId,
  ): Promise<Refusal | null>;
  isLost(): boolean;
  /** Writes what was counted and not written yet; a timer does it every second. */
  flush(): Promise<void>;
  sweep(): Promise<number>;
  close(): Promise<void>;
}

const HOUR_MS = 3_600_000;
const FLUSH_MS = 1_000;
/** A passkey that opened the session so recently vouches for where it was opened. */
const FRESH_SIGN_IN_MS = 60_000;
/** Sessions whose last circumstances are kept in mind; one that fell out is looked at again. */
const MAX_SESSIONS = 20_000;
/** How old the stored moment of a place may be while its person is at work. */
const PLACE_AGE_MS = 5 * 60_000;

interface Counted {
  readonly person: PersonPrincipal;
  readonly kind: CountKind;
  by: number;
}

interface Seen {
  readonly sight: string;
  readonly person: PersonId;
  readonly tenant: TenantId;
  readonly place: Place | null;
  atMs: UnixMs;
  writtenAtMs: UnixMs;
}

export async function openRisk(deps: RiskDeps): Promise<RiskRoom> {
  const { db, clock, random } = deps;
  const countries = deps.countries ?? NO_COUNTRIES;
  const markOf = (text: string): string => createHmac('sha256', deps.pepper).update(`risk ${text}`).digest('hex').slice(0, 32);
  const levels: Levels = await followLevels(deps);
  const seen = new Map<SessionId, Seen>();
  let counted = new Map<string, Counted>();
  let flushing: Promise<void> = Promise.resolve();

  const usualOf = async (tx: Tx, tenant: TenantId, person: PersonId): Promise<Usual> => {
    const { marks, place } = await readUsual(tx, tenant, person);
    const of = (kind: Mark['kind']): ReadonlySet<string> => new Set(marks.flatMap((one) => (one.kind === kind ? [one.mark] : [])));
    const at =
      place === null || place.latitude === null || place.longitude === null
        ? null
        : { latitude: place.latitude, longitude: place.longitude };
    const last = place === null ? null : { atMs: place.at.getTime(), place: { country: place.country, at } };
    return { device: of('device'), network: of('network'), country: of('country'), last };
  };

  const told = (
    tenant: TenantId,
    type: string,
    by: string,
    session: SessionId,
    facts: { person: PersonId; level: Risk; signals?: string[]; how?: string },
  ) => makeEvent({ clock, random }, { tenant, type: `identity.risk.${type}`, actor: by, subject: session, public: facts });

  /** Adds signals to what is known of a session; true when that says something new. */
  async function raise(tx: Tx, person: PersonPrincipal, signals: ReadonlySet<Signal>): Promise<boolean> {
    const tenant = person.home;
    const row = await holdRisk(tx, tenant, person.session);
    const before = row === null ? null : noted(row);
    const standing = before === null || before.level === 'none' ? [] : before.signals;
    const all = new Set([...standing, ...signals] as readonly Signal[]);
    const level = worst(levelOf(all), before?.level ?? 'none');
    if (before !== null && before.level === level && standing.length === all.size) return false;
    const named = [...all].sort();
    await putRisk(tx, {
      tenant,
      session: person.session,
      person: person.person,
      level,
      signals: named,
      raisedAtMs: clock.now(),
      cleared: null,
    });
    await appendEvents(tx, [told(tenant, 'raised', person.person, person.session, { person: person.person, level, signals: named })]);
    await levels.announce(tx, tenant, person.session);
    return true;
  }

  async function lowerByPasskey(person: PersonPrincipal, marks: readonly Mark[]): Promise<void> {
    const tenant = person.home;
    await db.inTenant(tenant, async (tx) => {
      const row = await holdRisk(tx, tenant, person.session);
      if (row === null) return;
      const risk = noted(row);
      if (risk.level === 'none' || !isConfirmedSince(risk, person.proof.passkeyAtMs)) return;
      const level = 'none';
      const cleared = { atMs: clock.now(), by: person.person };
      await putRisk(tx, { ...risk, level, cleared });
      await keepMarks(tx, tenant, { person: person.person, marks, atMs: clock.now() });
      await appendEvents(tx, [told(tenant, 'cleared', person.person, person.session, { person: person.person, level, how: 'passkey' })]);
      await levels.announce(tx, tenant, person.session);
    });
    await levels.refresh(tenant, person.session);
  }

  async function look(person: PersonPrincipal, now: Observation, marks: readonly Mark[]): Promise<void> {
    const tenant = person.home;
    const isRaised = await db.inTenant(tenant, async (tx) => {
      const usual = await usualOf(tx, tenant, person.person);
      const signals = new Set(signalsOf(usual, now));
      const { method, openedAtMs } = person.proof;
      if (method === 'passkey' && clock.now() - openedAtMs <= FRESH_SIGN_IN_MS) {
        for (const one of ['new_device', 'new_network', 'new_country'] as const) signals.delete(one);
      }
      const level = levelOf(signals);
      // Who has no passkey in this session can not confirm that it is them: it is told once, and known from then on.
      const canConfirm = method === 'passkey' || method === 'sso';
      const isSettled = level === 'none' || (level === 'raised' && !canConfirm);
      if (isSettled) await keepMarks(tx, tenant, { person: person.person, marks, atMs: clock.now() });
      const place = now.sighting?.place ?? null;
      if (place !== null) {
        const { latitude = null, longitude = null } = place.at ?? {};
        await keepPlace(tx, tenant, person.person, { country: place.country, latitude, longitude, atMs: clock.now() });
      }
      return level === 'none' ? false : raise(tx, person, signals);
    });
    if (isRaised) await levels.refresh(tenant, person.session);
  }

  function remember(session: SessionId, entry: Seen): void {
    seen.delete(session);
    seen.set(session, entry);
    if (seen.size > MAX_SESSIONS) seen.delete(seen.keys().next().value as SessionId);
  }

  function count(person: PersonPrincipal, kind: CountKind, by: number): void {
    if (by <= 0) return;
    const key = `${person.home} ${person.session} ${kind}`;
    const held = counted.get(key);
    if (held === undefined) counted.set(key, { person, kind, by });
    else held.by += by;
    if (kind === 'denied' && (held?.by ?? by) >= DENIED_BURST) void flush();
  }

  async function settle({ person, kind, by }: Counted): Promise<void> {
    const tenant = person.home;
    const isRaised = await db.inTenant(tenant, async (tx) => {
      const nowMs = clock.now();
      await addCount(tx, tenant, { person: person.person, kind, atMs: nowMs, by });
      const row = await holdRisk(tx, tenant, person.session);
      const clearedAtMs = row?.cleared_at?.getTime() ?? 0;
      const windowMs = kind === 'denied' ? DENIED_WINDOW_MS : HOUR_MS;
      const { since, busiestHour } = await readCounts(tx, tenant, {
        person: person.person,
        kind,
        sinceMs: Math.max(nowMs - windowMs, clearedAtMs),
      });
      if (kind === 'denied') return since >= DENIED_BURST && raise(tx, person, new Set(['denied_burst']));
      return isBulk(since, busiestHour) && raise(tx, person, new Set(['bulk_reads']));
    });
    if (isRaised) await levels.refresh(tenant, person.session);
  }

  async function writeOut(): Promise<void> {
    const due = counted;
    counted = new Map();
    for (const [key, one] of due) {
      await settle(one).catch((fault: unknown) => {
        // Counted again with the next ones, when the database is back.
        const held = counted.get(key);
        counted.set(key, { ...one, by: one.by + (held?.by ?? 0) });
        deps.onFault(fault);
      });
    }
    for (const entry of seen.values()) {
      if (entry.place === null || entry.atMs - entry.writtenAtMs < PLACE_AGE_MS) continue;
      entry.writtenAtMs = entry.atMs;
      const { latitude = null, longitude = null } = entry.place.at ?? {};
      const row = { country: entry.place.country, latitude, longitude, atMs: entry.atMs };
      await db.inTenant(entry.tenant, (tx) => keepPlace(tx, entry.tenant, entry.person, row)).catch(deps.onFault);
    }
  }

  function flush(): Promise<void> {
    flushing = flushing.then(writeOut);
    return flushing;
  }
  const timer = setInterval(() => {
    if (counted.size > 0 || seen.size > 0) void flush();
  }, FLUSH_MS);
  timer.unref();

  return {
    levelOf: (person) => levels.of(person),
    placeOf: (address) => (address === null ? null : countries.find(address)),
    knowsCountries: countries.size > 0,
    list: levels.list,
    isLost: levels.isLost,
    async observe(person, { address, isOutsideHours }) {
      const place = address === null ? null : countries.find(address);
      // On the server's own console nothing can be told from the address.
      const isElsewhere = address !== null && !isLoopback(address);
      const nowMs = clock.now();
      const now: Observation = {
        device: person.device,
        network: isElsewhere ? markOf(`network ${networkOf(address)}`) : null,
        country: isElsewhere ? (place?.country ?? null) : null,
        sighting: isElsewhere && place !== null ? { atMs: nowMs, place } : null,
        isOutsideHours,
      };
      const marks = (['device', 'network', 'country'] as const).flatMap((kind) => {
        const mark = now[kind];
        return mark === null ? [] : [{ kind, mark }];
      });
      const risk = levels.find(person.session);
      if (risk !== null && risk.level !== 'none' && isConfirmedSince(risk, person.proof.passkeyAtMs)) await lowerByPasskey(person, marks);
      const sight = `${now.device} ${now.network} ${now.country} ${isOutsideHours}`;
      const last = seen.get(person.session);
      if (last?.sight === sight) last.atMs = nowMs;
      else {
        await look(person, now, marks);
        remember(person.session, { sight, person: person.person, tenant: person.home, place, atMs: nowMs, writtenAtMs: nowMs });
      }
      return levels.of(person);
    },
    denied: (person) => count(person, 'denied', 1),
    read: (person, records) => count(person, 'read', records),
    async clear({ person, isSolo, seal }, session) {
      const tenant = person.home;
      const refused = await db.inTenant(tenant, async (tx): Promise<Refusal | null> => {
        const row = await holdRisk(tx, tenant, session);
        if (row === null || row.level === 'none') return refusal('IDENTITY_RISK_UNKNOWN');
        // Alone, it is the command line on the server that vouches for a session elsewhere.
        const mayOwn = isSolo && person.session !== session && person.proof.method === 'cli';
        if (row.person === person.person && !mayOwn) return refusal('IDENTITY_RISK_OWN');
        await putRisk(tx, { ...noted(row), level: 'none', cleared: { atMs: clock.now(), by: person.person } });
        const change = { before: { level: row.level, signals: [...row.signals] }, after: { level: 'none' } };
        const event = told(tenant, 'cleared', person.person, session, { person: row.person, level: 'none', how: 'person' });
        await appendEvents(tx, [{ ...event, sealed: (await seal?.(tx, change)) ?? null }]);
        await levels.announce(tx, tenant, session);
        return null;
      });
      if (!isRefusal(refused)) await levels.refresh(tenant, session);
      return refused;
    },
    flush,
    sweep: () => db.asSystem('authenticator', (tx) => sweepRisk(tx, clock.now())),
    async close() {
      clearInterval(timer);
      await flush();
      await levels.close();
    },
  };
}
