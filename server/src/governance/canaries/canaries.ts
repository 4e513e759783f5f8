// Planted values of a tenant: planted, listed, said to be known elsewhere, retired; what was found of each, and texts looked over for them.
// INVARIANT: a value is shown once, to who plants it; afterwards it is only ever looked for.

import {
  type Clock,
  type JsonObject,
  makeEvent,
  newId,
  type Random,
  type Refusal,
  type SealChange,
  type TenantId,
  type Tx,
  type UnixMs,
} from '#core';
import { appendEvents, type Database } from '#storage';
import { refusal } from '../errors.ts';
import {
  addPlanted,
  closePlantedFindings,
  countPlanted,
  holdPlanted,
  listPlanted,
  readPlantedFindings,
  readSightings,
  retirePlanted,
  setKnownAt,
  takeStale,
} from '../store/planted.ts';
import { type CanaryKind, inventCredential, inventPerson, type PersonOptions, type PlantedValues, type ValueName } from './invent.ts';
import type { Notes } from './notes.ts';
import { purposeOf } from './sealed-values.ts';
import type { Canary, CanaryFinding, OnLeak, PlantedAt, Sighting } from './types.ts';
import type { CanaryWatch } from './watch.ts';

/** Canaries of a tenant that are watched for. */
export const MAX_PLANTED = 100;
export const DEFAULT_STALE_DAYS = 14;
const DAY_MS = 24 * 60 * 60_000;

export interface CanaryView extends Canary {
  readonly lastProtectedAtMs: UnixMs | null;
  readonly protectedTimes: number;
  readonly isStale: boolean;
  readonly sightings: readonly Sighting[];
  readonly findings: readonly CanaryFinding[];
}

export interface NewCanary extends PersonOptions {
  readonly kind: CanaryKind;
  readonly place: PlantedAt;
  readonly onLeak: OnLeak;
  readonly staleDays: number;
}

interface By {
  readonly tenant: TenantId;
  readonly actor: string;
  readonly seal: SealChange;
}

export interface CanariesDeps {
  readonly db: Pick<Database, 'inTenant'>;
  readonly vault: {
    seal(
      tx: Tx,
      value: { readonly tenant: TenantId; readonly subject: null; readonly purpose: string; readonly plaintext: Uint8Array },
    ): Promise<Uint8Array>;
  };
  readonly watch: CanaryWatch;
  readonly notes: Pick<Notes, 'found' | 'flush'>;
  readonly clock: Clock;
  readonly random: Random;
}

export interface Canaries {
  plant(by: By, asked: NewCanary): Promise<{ readonly canary: Canary; readonly values: PlantedValues } | Refusal>;
  list(tenant: TenantId): Promise<readonly CanaryView[]>;
  show(tenant: TenantId, id: string): Promise<CanaryView | Refusal>;
  knownAt(by: By, id: string, integrations: readonly string[]): Promise<Refusal | null>;
  retire(by: By, id: string): Promise<Refusal | null>;
  close(by: By, id: string, reason: string): Promise<number | Refusal>;
  /** Which canaries a text from anywhere holds; with `note`, each becomes a finding. */
  check(tenant: TenantId, text: string, options: { readonly note: boolean }): Promise<readonly { canary: string; value: ValueName }[]>;
  /** Tells of canaries that nobody saw for too long. */
  tellStale(tenant: TenantId): Promise<number>;
  isLost(tenant: TenantId): boolean;
}

export function createCanaries({ db, vault, watch, notes, clock, random }: CanariesDeps): Canaries {
  const world = { clock, random };

  async function record(
    tx: Tx,
    by: By,
    {
      type,
      canary,
      facts,
      before,
      after,
    }: { type: string; canary: string; facts: JsonObject; before: object | null; after: object | null },
  ): Promise<void> {
    const sealed = await by.seal(tx, { before: before as JsonObject | null, after: after as JsonObject | null });
    const event = { tenant: by.tenant, type, actor: by.actor, subject: canary, public: { canary, ...facts }, sealed };
    await appendEvents(tx, [makeEvent(world, event)]);
  }

  function viewOf(canary: Canary, sightings: readonly Sighting[], findings: readonly CanaryFinding[]): CanaryView {
    const own = sightings.filter((one) => one.canary === canary.id);
    const shielded = own.filter(({ what }) => what === 'protected');
    const seenAtMs = own.filter(({ what }) => what !== 'home').map(({ lastAtMs }) => lastAtMs);
    const sinceMs = Math.max(canary.plantedAtMs, ...seenAtMs);
    return {
      ...canary,
      lastProtectedAtMs: shielded.length === 0 ? null : Math.max(...shielded.map(({ lastAtMs }) => lastAtMs)),
      protectedTimes: shielded.reduce((sum, { count }) => sum + count, 0),
      isStale: canary.retiredAtMs === null && clock.now() - sinceMs > canary.staleDays * DAY_MS,
      sightings: own,
      findings: findings.filter((one) => one.canary === canary.id),
    };
  }

  async function list(tenant: TenantId): Promise<readonly CanaryView[]> {
    await notes.flush();
    return db.inTenant(tenant, async (tx) => {
      const [all, sightings, findings] = [
        await listPlanted(tx, tenant),
        await readSightings(tx, tenant),
        await readPlantedFindings(tx, tenant),
      ];
      return all.map((canary) => viewOf(canary, sightings, findings));
    });
  }

  return {
    list,
    show: async (tenant, id) => (await list(tenant)).find((one) => one.id === id) ?? refusal('GOVERNANCE_CANARY_UNKNOWN'),
    plant: async (by, { kind, place, onLeak, staleDays, ...person }) => {
      const { tenant } = by;
      const values = kind === 'person' ? inventPerson(random, person) : inventCredential(random);
      const canary: Canary = {
        ...{ id: newId('cny', clock, random), kind, place, knownAt: [], onLeak, staleDays },
        ...{ plantedAtMs: clock.now(), plantedBy: by.actor, retiredAtMs: null },
      };
      const refused = await db.inTenant(tenant, async (tx) => {
        if ((await countPlanted(tx, tenant)) >= MAX_PLANTED) return refusal('GOVERNANCE_TOO_MANY', { most: MAX_PLANTED });
        const plaintext = Buffer.from(JSON.stringify(values));
        await addPlanted(tx, tenant, canary, await vault.seal(tx, { tenant, subject: null, purpose: purposeOf(canary.id), plaintext }));
        // A place outside is a note of the tenant's own; it stays in the sealed part.
        const at = place.kind === 'other' ? null : place.name;
        const facts = { kind, place: place.kind, at, onLeak };
        await record(tx, by, {
          type: 'governance.canary.planted',
          canary: canary.id,
          facts,
          before: null,
          after: { kind, place, onLeak, staleDays },
        });
        return null;
      });
      if (refused !== null) return refused;
      await watch.refresh(tenant);
      return { canary, values };
    },
    knownAt: async (by, id, integrations) => {
      const refused = await db.inTenant(by.tenant, async (tx) => {
        const before = await holdPlanted(tx, by.tenant, id);
        if (before === null || before.retiredAtMs !== null) return refusal('GOVERNANCE_CANARY_UNKNOWN');
        await setKnownAt(tx, by.tenant, id, integrations);
        const facts = { knownAt: [...integrations] };
        await record(tx, by, { type: 'governance.canary.changed', canary: id, facts, before: { knownAt: before.knownAt }, after: facts });
        return null;
      });
      if (refused === null) await watch.refresh(by.tenant);
      return refused;
    },
    retire: async (by, id) => {
      const refused = await db.inTenant(by.tenant, async (tx) => {
        const before = await holdPlanted(tx, by.tenant, id);
        if (before === null || before.retiredAtMs !== null) return refusal('GOVERNANCE_CANARY_UNKNOWN');
        await retirePlanted(tx, by.tenant, id, new Date(clock.now()));
        const { kind, place } = before;
        await record(tx, by, { type: 'governance.canary.retired', canary: id, facts: {}, before: { kind, place }, after: null });
        return null;
      });
      if (refused === null) await watch.refresh(by.tenant);
      return refused;
    },
    close: async (by, id, reason) => {
      await notes.flush();
      return db.inTenant(by.tenant, async (tx) => {
        if ((await holdPlanted(tx, by.tenant, id)) === null) return refusal('GOVERNANCE_CANARY_UNKNOWN');
        const closed = await closePlantedFindings(tx, by.tenant, id, { at: new Date(clock.now()), by: by.actor });
        if (closed.length === 0) return 0;
        const facts = { findings: closed.length };
        const after = { reason, findings: closed.map(({ value, kind, way, at }) => ({ value, kind, way, at })) };
        await record(tx, by, { type: 'governance.canary.findings_closed', canary: id, facts, before: null, after });
        return closed.length;
      });
    },
    check: async (tenant, text, { note }) => {
      const found = watch.find(tenant, text);
      if (note) {
        for (const { canary, value } of found)
          notes.found(tenant, { canary, value, kind: 'reported', way: 'other', at: '', refused: false, by: tenant });
        await notes.flush();
      }
      return found;
    },
    tellStale: (tenant) =>
      db.inTenant(tenant, async (tx) => {
        const stale = await takeStale(tx, tenant, new Date(clock.now()));
        const events = stale.map(({ id, since }) =>
          makeEvent(world, {
            tenant,
            type: 'governance.canary.stale',
            actor: 'system:canaries',
            subject: id,
            public: { canary: id, since: since.toISOString().replace(/\.\d+Z$/, 'Z') },
          }),
        );
        if (events.length > 0) await appendEvents(tx, events);
        return events.length;
      }),
    isLost: watch.isLost,
  };
}
