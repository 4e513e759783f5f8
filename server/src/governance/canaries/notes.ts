// Gathers in memory what the watch saw, and writes it beside the path of a call: a finding at once, what was protected every few seconds.
// INVARIANT: noting never waits and never throws; what can not be written is kept and tried again.

import { type Clock, makeEvent, type Random, type TenantId } from '#core';
import { appendEvents, type Database } from '#storage';
import { addPlantedFindings, addSightings } from '../store/planted.ts';
import type { NotedFinding, Sighting } from './types.ts';
import type { WatchSink } from './watch.ts';

export interface Notes extends WatchSink {
  flush(): Promise<void>;
  stop(): Promise<void>;
}

export interface NotesDeps {
  /** What counts writes under rights of its own. */
  readonly counting: Pick<Database, 'inTenant'>;
  readonly clock: Clock;
  readonly random: Random;
  /** A canary of one tenant in the traffic of another: for whoever runs the installation. */
  readonly crossed: (owner: TenantId, by: TenantId, found: NotedFinding) => Promise<void>;
  readonly onFault: (fault: unknown) => void;
}

export const SIGHTINGS_FLUSH_MS = 2_000;
/** Different ones within one interval, and a bound while the database is away. */
const MAX_HELD = 10_000;
const ACTOR = 'system:canaries';

interface Held {
  readonly findings: Map<string, NotedFinding & { readonly by: TenantId }>;
  readonly sightings: Map<string, Sighting>;
}

export function createNotes({ counting, clock, random, crossed, onFault }: NotesDeps): Notes {
  let held = new Map<TenantId, Held>();
  let count = 0;
  let timer: NodeJS.Timeout | null = null;
  let dueMs = 0;
  let writing: Promise<void> = Promise.resolve();
  /** Findings that this process wrote already: the same again only counts, and waits for its turn. */
  const told = new Set<string>();
  const crossings = new Set<string>();

  const of = (owner: TenantId): Held => {
    const known = held.get(owner) ?? { findings: new Map(), sightings: new Map() };
    held.set(owner, known);
    return known;
  };

  function due(inMs: number): void {
    if (timer !== null && dueMs <= inMs) return;
    if (timer !== null) clearTimeout(timer);
    dueMs = inMs;
    timer = setTimeout(() => {
      timer = null;
      void flush();
    }, inMs).unref();
  }

  function addFinding(owner: TenantId, key: string, one: NotedFinding & { readonly by: TenantId }): void {
    const { findings } = of(owner);
    const known = findings.get(key);
    if (known === undefined && count >= MAX_HELD) return;
    if (known === undefined) count += 1;
    findings.set(key, {
      ...one,
      count: one.count + (known?.count ?? 0),
      refused: one.refused && (known?.refused ?? true),
      firstAtMs: Math.min(one.firstAtMs, known?.firstAtMs ?? one.firstAtMs),
    });
  }

  function addSighting(owner: TenantId, key: string, one: Sighting): void {
    const { sightings } = of(owner);
    const known = sightings.get(key);
    if (known === undefined && count >= MAX_HELD) return;
    if (known === undefined) count += 1;
    sightings.set(key, { ...one, count: one.count + (known?.count ?? 0) });
  }

  async function write(owner: TenantId, { findings, sightings }: Held): Promise<void> {
    // One order in every process, so that two that write at once wait and do not lock each other out.
    const ordered = <T>(of: Map<string, T>): T[] => [...of].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, one]) => one);
    const found = ordered(findings);
    const fresh = await counting.inTenant(owner, async (tx) => {
      await addSightings(tx, owner, ordered(sightings));
      const news = await addPlantedFindings(tx, owner, found);
      const events = news.map(({ canary, value, kind, way, at, refused }) =>
        makeEvent(
          { clock, random },
          {
            tenant: owner,
            type: 'governance.canary.found',
            actor: ACTOR,
            subject: canary,
            public: { canary, value, kind, way, at: at === '' ? null : at, refused },
          },
        ),
      );
      if (events.length > 0) await appendEvents(tx, events);
      return news;
    });
    // To its owner it is one finding, whoever else has it; the installation is told of each of them, once.
    for (const one of found) {
      if (one.kind !== 'other_tenant') continue;
      const who = `${owner} ${one.canary} ${one.value} ${one.way} ${one.by}`;
      if (!fresh.includes(one) && crossings.has(who)) continue;
      if (crossings.size > MAX_HELD) crossings.clear();
      await crossed(owner, one.by, one);
      crossings.add(who);
    }
  }

  async function writeAll(): Promise<void> {
    const taken = held;
    held = new Map();
    count = 0;
    for (const [owner, one] of taken) {
      try {
        await write(owner, one);
      } catch (fault) {
        onFault(fault);
        for (const [key, finding] of one.findings) addFinding(owner, key, finding);
        for (const [key, sighting] of one.sightings) addSighting(owner, key, sighting);
        due(SIGHTINGS_FLUSH_MS);
      }
    }
  }

  function flush(): Promise<void> {
    writing = writing.then(writeAll);
    return writing;
  }

  return {
    found: (owner, { by, ...found }) => {
      const key = `${found.canary} ${found.value} ${found.kind} ${found.way} ${found.at} ${by}`;
      const atMs = clock.now();
      addFinding(owner, key, { ...found, by, count: 1, firstAtMs: atMs, lastAtMs: atMs });
      if (told.size > MAX_HELD) told.clear();
      due(told.has(key) ? SIGHTINGS_FLUSH_MS : 0);
      told.add(key);
    },
    seen: (owner, { canary, what, at }) => {
      addSighting(owner, `${canary} ${what} ${at}`, { canary, what, at, count: 1, lastAtMs: clock.now() });
      due(SIGHTINGS_FLUSH_MS);
    },
    flush,
    stop: async () => {
      await flush();
      if (timer !== null) clearTimeout(timer);
      timer = null;
    },
  };
}
