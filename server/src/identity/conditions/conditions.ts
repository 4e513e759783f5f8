// The conditions of every tenant, in memory and true to the database, and the changes people make to them.
// INVARIANT: answers come from memory; while changes can not be heard `isLost` says so, and whoever asks refuses.

import {
  type Clock,
  createInOrder,
  isRefusal,
  type JsonValue,
  makeEvent,
  newId,
  type PersonId,
  type Random,
  type Refusal,
  type SealChange,
  type TenantId,
  type Tx,
  type UnixMs,
} from '#core';
import { appendEvents, type Database, follow, notify } from '#storage';
import { identityFault, refusal } from '../errors.ts';
import { FEED_GRACE_MS } from '../follow.ts';
import {
  type AcknowledgementRow,
  type ConditionRows,
  countFreezes,
  type FreezeRow,
  holdSettings,
  insertFreeze,
  liftFreeze,
  putAcknowledgement,
  putSettings,
  readConditions,
} from '../store/conditions.ts';
import {
  type ConditionSettings,
  type Conditions,
  conditionSettings,
  FREEZABLE,
  type Freeze,
  type FreezeInput,
  loosenedParts,
  MAX_FREEZES,
  NO_CONDITIONS,
} from './settings.ts';

export interface By {
  readonly tenant: TenantId;
  readonly actor: PersonId;
  readonly seal?: SealChange;
}

export interface FreezeView extends Freeze {
  readonly madeBy: string;
  readonly liftedBy: string | null;
}

export interface Acknowledgement {
  readonly person: PersonId;
  readonly course: string;
  readonly recordedAtMs: UnixMs;
  readonly expiresAtMs: UnixMs;
}

export interface ConditionsRoom {
  /** What the tenant asks of access now. */
  of(tenant: TenantId): Conditions;
  freezes(tenant: TenantId): readonly FreezeView[];
  /** Courses and policies the person has acknowledged and that have not run out. */
  acknowledgedBy(tenant: TenantId, person: PersonId): ReadonlySet<string>;
  acknowledgements(tenant: TenantId): readonly Acknowledgement[];
  /** Changes can not be heard: what is in memory may be out of date. */
  isLost(): boolean;
  set(by: By, settings: ConditionSettings): Promise<void>;
  freeze(by: By, input: FreezeInput): Promise<Freeze | Refusal>;
  /** Ends a freeze before its time. */
  lift(by: By, id: string): Promise<Refusal | null>;
  acknowledge(by: By, done: { readonly person: PersonId; readonly course: string; readonly expiresAtMs: UnixMs }): Promise<void>;
  close(): Promise<void>;
}

export interface ConditionsDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly onFault: (fault: unknown) => void;
}

const CHANNEL = 'sallyport_conditions';

interface Known {
  readonly conditions: Conditions;
  readonly freezes: readonly FreezeView[];
  readonly acknowledgements: readonly Acknowledgement[];
}

const NOTHING: Known = { conditions: NO_CONDITIONS, freezes: [], acknowledgements: [] };

function freezeOf(row: FreezeRow): FreezeView {
  const stops = FREEZABLE.filter((one) => row.stops.includes(one));
  const [fromMs, toMs, liftedAtMs] = [row.starts_at.getTime(), row.ends_at.getTime(), row.lifted_at?.getTime() ?? null];
  return { id: row.id, fromMs, toMs, stops, reason: row.reason, liftedAtMs, madeBy: row.made_by, liftedBy: row.lifted_by };
}

const acknowledgementOf = (row: AcknowledgementRow): Acknowledgement => ({
  person: row.person,
  course: row.course,
  recordedAtMs: row.recorded_at.getTime(),
  expiresAtMs: row.expires_at.getTime(),
});

/** Settings of a newer server, or damaged ones, are a fault: nobody guesses what they meant. */
function settingsOf(stored: JsonValue): ConditionSettings {
  const parsed = conditionSettings.safeParse(stored);
  if (!parsed.success) throw identityFault('IDENTITY_CONDITIONS_UNREADABLE');
  return parsed.data;
}

function knownFrom(rows: ConditionRows): Map<TenantId, Known> {
  const known = new Map<TenantId, Known>();
  const of = (tenant: TenantId): Known => known.get(tenant) ?? NOTHING;
  for (const row of rows.settings) {
    known.set(row.tenant, { ...NOTHING, conditions: { ...settingsOf(row.settings), freezes: [] } });
  }
  for (const row of rows.freezes) {
    const { conditions, freezes, acknowledgements } = of(row.tenant);
    const freeze = freezeOf(row);
    const all = [...freezes, freeze];
    known.set(row.tenant, { acknowledgements, freezes: all, conditions: { ...conditions, freezes: all } });
  }
  for (const row of rows.acknowledgements) {
    const before = of(row.tenant);
    known.set(row.tenant, { ...before, acknowledgements: [...before.acknowledgements, acknowledgementOf(row)] });
  }
  return known;
}

export async function openConditions({ db, clock, random, onFault }: ConditionsDeps): Promise<ConditionsRoom> {
  let known = new Map<TenantId, Known>();
  const { run: inOrder, idle } = createInOrder();
  const read = (tenant: TenantId | null): Promise<ConditionRows> =>
    db.asSystem('authenticator', (tx) => readConditions(tx, tenant, clock.now()));
  const reload = async (): Promise<void> => {
    known = knownFrom(await read(null));
  };
  const refresh = async (tenant: TenantId): Promise<void> => {
    const read1 = knownFrom(await read(tenant));
    known.set(tenant, read1.get(tenant) ?? NOTHING);
  };
  const hear = (payload: string): Promise<void> => inOrder(() => refresh(payload as TenantId));
  const feed = await follow({ db, clock, channel: CHANNEL, hear, reload: () => inOrder(reload), onFault });

  const of = (tenant: TenantId): Known => known.get(tenant) ?? NOTHING;

  /** One change: its rows, its event and the word to every process commit together; this process knows at once. */
  async function change<T>(
    by: By,
    work: (tx: Tx) => Promise<
      | {
          readonly result: T;
          readonly told: { type: string; subject: string; facts: Record<string, JsonValue>; before: JsonValue; after: JsonValue };
        }
      | Refusal
    >,
  ): Promise<T | Refusal> {
    const { tenant } = by;
    const done = await db.inTenant(tenant, async (tx) => {
      const made = await work(tx);
      if (isRefusal(made)) return made;
      const { type, subject, facts, before, after } = made.told;
      const sealed = (await by.seal?.(tx, { before, after })) ?? null;
      await appendEvents(tx, [makeEvent({ clock, random }, { tenant, type, actor: by.actor, subject, public: facts, sealed })]);
      await notify(tx, CHANNEL, tenant);
      return made;
    });
    if (isRefusal(done)) return done;
    await inOrder(() => refresh(tenant));
    return done.result;
  }

  return {
    of: (tenant) => of(tenant).conditions,
    freezes: (tenant) => of(tenant).freezes,
    acknowledgedBy(tenant, person) {
      const nowMs = clock.now();
      return new Set(of(tenant).acknowledgements.flatMap((one) => (one.person === person && one.expiresAtMs > nowMs ? [one.course] : [])));
    },
    acknowledgements: (tenant) => of(tenant).acknowledgements,
    isLost: () => feed.lostAtMs !== null && clock.now() - feed.lostAtMs > FEED_GRACE_MS,
    async set(by, settings) {
      await change(by, async (tx) => {
        const stored = await holdSettings(tx, by.tenant);
        const before = stored === null ? conditionSettings.parse({}) : settingsOf(stored);
        await putSettings(tx, by.tenant, { settings, atMs: clock.now(), by: by.actor });
        const parts = (Object.keys(settings) as (keyof ConditionSettings)[]).filter(
          (part) => JSON.stringify(before[part]) !== JSON.stringify(settings[part]),
        );
        const facts = { changed: parts, loosened: [...loosenedParts(before, settings)] };
        const told = { type: 'identity.conditions.changed', subject: by.tenant, facts, before, after: settings };
        return { result: null, told: told as never };
      });
    },
    freeze: (by, input) =>
      change(by, async (tx) => {
        const atMs = clock.now();
        if ((await countFreezes(tx, by.tenant, atMs)) >= MAX_FREEZES) return refusal('IDENTITY_FREEZES_FULL');
        const id = newId('frz', clock, random);
        await insertFreeze(tx, by.tenant, { ...input, id, by: by.actor, atMs });
        const time = (ms: UnixMs): string => new Date(ms).toISOString();
        const facts = { stops: [...input.stops], from: time(input.fromMs), to: time(input.toMs) };
        const told = { type: 'identity.freeze.declared', subject: id, facts, before: null, after: { ...facts, reason: input.reason } };
        return { result: { ...input, id, liftedAtMs: null }, told };
      }),
    lift: async (by, id) => {
      const lifted = await change(by, async (tx) => {
        const was = await liftFreeze(tx, by.tenant, { id, by: by.actor, atMs: clock.now() });
        if (was === null) return refusal('IDENTITY_FREEZE_UNKNOWN');
        const facts = { loosened: [...was.stops] };
        const before = { stops: [...was.stops], from: was.starts_at.toISOString(), to: was.ends_at.toISOString() };
        return { result: null, told: { type: 'identity.freeze.lifted', subject: id, facts, before, after: null } };
      });
      return isRefusal(lifted) ? lifted : null;
    },
    async acknowledge(by, { person, course, expiresAtMs }) {
      await change(by, async (tx) => {
        await putAcknowledgement(tx, by.tenant, { person, course, expiresAtMs, atMs: clock.now(), by: by.actor });
        const facts = { course, expiresAt: new Date(expiresAtMs).toISOString() };
        const told = { type: 'identity.course.acknowledged', subject: person, facts, before: null, after: { person, ...facts } };
        return { result: null, told };
      });
    },
    async close() {
      await feed.close();
      await idle();
    },
  };
}

/** `by`: the attributes that would shut out whoever sets the conditions. */
export function lockOut(by: readonly string[]): Refusal {
  return { ...refusal('IDENTITY_CONDITIONS_LOCK_OUT'), evidence: { by: [...by] } };
}

/** Somebody else puts a person's training on record. */
export function ownTraining(): Refusal {
  return refusal('IDENTITY_OWN_ACCESS');
}
