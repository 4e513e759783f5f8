// Who and what was let in no longer, in a file beside the keys and outside the database: one that is put back to an older state forgets it.
// Every server that serves people keeps the whole note by itself, a moment after each change.
// INVARIANT: a line holds ids and a time, and names nobody; what is read back is only ever used to end access.

import { createInOrder, findOwnRecord, parseId, type TenantId, type UnixMs } from '#core';
import { backAmong, DEPARTED, type DepartedKind, departedSince } from '#identity';
import type { Database } from '#storage';
import { appendLines, readLines } from './note-file.ts';

export interface Gone {
  readonly tenant: TenantId;
  readonly kind: DepartedKind;
  readonly id: string;
  readonly atMs: UnixMs;
}

export interface ReadDepartures {
  /** What has not come back since. */
  readonly gone: readonly Gone[];
  /** Lines that were cut by a kill, or damaged: shown to whoever restores. */
  readonly unreadable: number;
}

type Line = Gone & { readonly isBack: boolean };

const ID = /^[A-Za-z0-9_-]{8,1400}$/;

function parseLine(text: string): Line | null {
  const record = findOwnRecord(text);
  if (record === null) return null;
  const { tenant: inTenant, kind: named, id, at, back } = record;
  const tenant = parseId('ten', inTenant);
  const kind = DEPARTED.find((known) => known === named);
  const atMs = typeof at === 'string' ? Date.parse(at) : Number.NaN;
  if (tenant === null || kind === undefined || typeof id !== 'string' || !ID.test(id) || Number.isNaN(atMs)) return null;
  return { tenant, kind, id, atMs, isBack: back === true };
}

const keyOf = ({ tenant, id }: Pick<Gone, 'tenant' | 'id'>): string => `${tenant} ${id}`;

/** What the file says; an installation in which nobody ever left has none. */
export async function readDepartures(path: string): Promise<ReadDepartures> {
  const gone = new Map<string, Gone>();
  let unreadable = 0;
  for (const text of await readLines(path)) {
    const line = parseLine(text);
    if (line === null) unreadable += 1;
    else if (line.isBack) gone.delete(keyOf(line));
    else gone.set(keyOf(line), line);
  }
  return { gone: [...gone.values()], unreadable };
}

export interface Departures {
  /** Notes what ended, and came back, since the last time; how many lines. */
  note(): Promise<number>;
  start(onChange: (listener: () => void) => () => void): void;
  stop(): Promise<void>;
}

export interface DeparturesDeps {
  readonly path: string;
  readonly database: Pick<Database, 'asSystem'>;
  readonly now: () => UnixMs;
  readonly onFault: (fault: unknown) => void;
}

/** Longer than any backup is worth restoring: what ended before stays as it is in all of them. */
const REMEMBERED_MS = 90 * 24 * 60 * 60_000;
/** A transaction that ended something is committed within this of the time it wrote. */
const OVERLAP_MS = 10 * 60_000;
const EVERY_MS = 60_000;
/** Several changes at once are one look. */
const SOON_MS = 500;

export function createDepartures({ path, database, now, onFault }: DeparturesDeps): Departures {
  const { run } = createInOrder();
  let known: Map<string, Gone> | null = null;
  let newestMs = 0;
  /** Gone by the note and there when this server began: put back with an older database, for all it knows. Only a restore ends them again. */
  let unexplained: Set<string> | null = null;
  let soon: NodeJS.Timeout | null = null;
  let timer: NodeJS.Timeout | null = null;
  let unlisten: () => void = () => undefined;

  async function look(): Promise<number> {
    if (known === null) {
      const { gone } = await readDepartures(path);
      known = new Map(gone.map((one) => [keyOf(one), one]));
      newestMs = gone.reduce((newest, { atMs }) => Math.max(newest, atMs), 0);
    }
    const noted = known;
    const since = new Date(Math.max(newestMs - OVERLAP_MS, now() - REMEMBERED_MS));
    const fresh = (await departedSince(database, since)).filter((one) => !noted.has(keyOf(one)));
    const there = new Set(
      await backAmong(
        database,
        [...noted.values()].filter(({ kind }) => kind === 'person' || kind === 'grant').map(({ id }) => id),
      ),
    );
    const doubted = unexplained === null ? there : new Set([...unexplained].filter((id) => there.has(id)));
    unexplained = doubted;
    const back = [...noted.values()].filter(({ id }) => there.has(id) && !doubted.has(id));
    const at = new Date(now()).toISOString();
    const lines = [
      ...back.map(({ tenant, kind, id }) => ({ v: 1, tenant, kind, id, at, back: true })),
      ...fresh.map(({ tenant, kind, id, at: ended }) => ({ v: 1, tenant, kind, id, at: ended.toISOString() })),
    ];
    if (lines.length === 0) return 0;
    await appendLines(path, lines.map((line) => JSON.stringify(line)).join('\n'));
    for (const one of back) noted.delete(keyOf(one));
    for (const { at: ended, ...one } of fresh) {
      noted.set(keyOf(one), { ...one, atMs: ended.getTime() });
      newestMs = Math.max(newestMs, ended.getTime());
    }
    return lines.length;
  }

  const note = (): Promise<number> => run(look);
  const noteOrTell = (): void => {
    void note().catch(onFault);
  };
  return {
    note,
    start(onChange) {
      timer = setInterval(noteOrTell, EVERY_MS);
      timer.unref();
      unlisten = onChange(() => {
        soon ??= setTimeout(() => {
          soon = null;
          noteOrTell();
        }, SOON_MS).unref();
      });
      noteOrTell();
    },
    async stop() {
      unlisten();
      if (timer !== null) clearInterval(timer);
      if (soon !== null) clearTimeout(soon);
      // What ended in the last moment is noted before this server is gone.
      await note().catch(onFault);
    },
  };
}
