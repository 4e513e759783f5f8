// Flows of personal data: judged before a call leaves, counted when it went, compared with what was declared.
// INVARIANT: a flow that nobody declared becomes a finding and an event by itself, once; declaring it is a person's act on record.

import { type Clock, makeEvent, type OptOutUse, type Random, type Refusal, type SealChange, type TenantId, type Tx } from '#core';
import { appendEvents, type Database } from '#storage';
import { refusal } from '../errors.ts';
import type { AdmtMode } from '../store/decisions.ts';
import {
  addFindings,
  addFlows,
  dropDestination,
  dropFindings,
  putDestination,
  putProfile,
  readFindings,
  readFlows,
} from '../store/flows.ts';
import { createFlowCounter, flowText } from './counter.ts';
import { type DecidingCall, modeOf } from './deciding.ts';
import { isFit, regionOf } from './regions.ts';
import type { FlowRules } from './rules.ts';
import { type Carried, isDeclared, isPersonalTransfer, judgeTransfer, missingFor, type Place, regionOfPlace } from './transfers.ts';
import { type Destination, type Direction, type Finding, type FlowRow, OWN_MACHINE, type Profile, UNKNOWN_REGION } from './types.ts';

/** What a call carries, and where to. */
export interface CallFlow extends Place {
  readonly direction: Direction;
  readonly operation: string;
  readonly workflow: string | null;
  readonly carried: readonly Carried[];
  /** Regions the values came from, by their labels. */
  readonly from: ReadonlySet<string>;
}

export interface FlowsDeps {
  readonly db: Pick<Database, 'inTenant'>;
  /** What counts writes under rights of its own. */
  readonly counting: Pick<Database, 'inTenant'>;
  readonly rules: FlowRules;
  readonly clock: Clock;
  readonly random: Random;
  readonly onFault: (fault: unknown) => void;
}

interface By {
  readonly tenant: TenantId;
  readonly actor: string;
  readonly seal: SealChange;
}

export interface Flows {
  /** Synchronous, from memory. */
  admit(tenant: TenantId, flow: CallFlow): Refusal | null;
  note(tenant: TenantId, flow: CallFlow): void;
  /** Where an integration is, as labels name it: `EEA`, a country, `own` or `unknown`. */
  regionOf(tenant: TenantId, place: Place): string;
  /** What a destination is declared for that customers may opt out of. */
  usesOf(tenant: TenantId, name: string): { readonly uses: readonly OptOutUse[]; readonly field: string | null };
  /** How a call is treated for whoever opted out of decisions by machines; null when none is declared for it. From memory. */
  decides(tenant: TenantId, call: DecidingCall): AdmtMode | null;
  declare(by: By, destination: Omit<Destination, 'declaredAtMs'>): Promise<Refusal | null>;
  withdraw(by: By, name: string): Promise<boolean>;
  setProfile(by: By, profile: Profile): Promise<void>;
  profile(tenant: TenantId): Profile;
  destinations(tenant: TenantId): readonly Destination[];
  list(tenant: TenantId): Promise<readonly FlowRow[]>;
  findings(tenant: TenantId): Promise<readonly Finding[]>;
  /** Writes what was counted. */
  flush(): Promise<void>;
  stop(): Promise<void>;
}

const ACTOR = 'system:flows';
const NO_USES: { readonly uses: readonly OptOutUse[]; readonly field: string | null } = Object.freeze({ uses: [], field: null });
const NO_PROFILE: Profile = Object.freeze({ home: null, controller: '', contact: '' });
/** Destinations of a tenant that can be declared. */
export const MAX_DESTINATIONS = 500;

export function createFlows(deps: FlowsDeps): Flows {
  const { db, counting, rules, clock, random } = deps;

  async function write(tenant: TenantId, rows: readonly FlowRow[]): Promise<void> {
    await counting.inTenant(tenant, async (tx) => {
      const fresh = await addFlows(tx, tenant, rows);
      await tell(
        tx,
        tenant,
        fresh.filter((row) => row.direction === 'out').flatMap((row) => findingsOf(tenant, row)),
      );
    });
  }

  /** What nobody declared about a flow that was counted. */
  function findingsOf(tenant: TenantId, row: FlowRow): readonly Finding[] {
    const place = { destination: row.destination, host: row.host, isOwnMachine: row.region === OWN_MACHINE };
    const declared = rules.destination(tenant, row.destination);
    if (!isPersonalTransfer(row)) return [];
    const { destination, region, dataClass, firstAtMs } = row;
    const one = { destination, region, dataClass, firstAtMs };
    const home = rules.profile(tenant)?.home ?? null;
    const found: Finding[] = [];
    if (!isDeclared(place, declared, dataClass)) found.push({ kind: 'new_flow', ...one });
    else if (home !== null && missingFor(home, place, declared) !== null) found.push({ kind: 'transfer_without_basis', ...one });
    return found;
  }

  /** What was counted before anybody said where its destination is stands where that is; of what was declared then, nothing is rewritten. */
  function asDeclared(tenant: TenantId, rows: readonly FlowRow[]): readonly FlowRow[] {
    const merged = new Map<string, FlowRow>();
    for (const row of rows) {
      const declared = rules.destination(tenant, row.destination);
      const isOpen = row.region === OWN_MACHINE || row.region === UNKNOWN_REGION;
      const region = isOpen && declared?.host === row.host ? regionOf(declared.country) : row.region;
      const key = flowText({ ...row, region });
      const known = merged.get(key);
      merged.set(key, {
        ...row,
        region,
        count: row.count + (known?.count ?? 0),
        firstAtMs: Math.min(row.firstAtMs, known?.firstAtMs ?? row.firstAtMs),
        lastAtMs: Math.max(row.lastAtMs, known?.lastAtMs ?? row.lastAtMs),
      });
    }
    return [...merged.values()];
  }

  async function tell(tx: Tx, tenant: TenantId, found: readonly Finding[]): Promise<void> {
    const fresh = await addFindings(tx, tenant, found);
    const events = fresh.map(({ kind, destination, region, dataClass }) =>
      makeEvent(
        { clock, random },
        {
          tenant,
          type: kind === 'transfer_refused' ? 'governance.transfer.refused' : 'governance.flow.found',
          actor: ACTOR,
          subject: `destination:${destination}`,
          public: { destination, region, dataClass, kind },
        },
      ),
    );
    if (events.length > 0) await appendEvents(tx, events);
  }

  const counter = createFlowCounter({ clock, write, onFault: deps.onFault });
  /** Refused transfers that were told in this process: a caller that tries again and again writes nothing new. */
  const told = new Set<string>();
  const MAX_TOLD = 10_000;

  function noteRefused(tenant: TenantId, flow: CallFlow, region: string): void {
    const found = flow.carried.filter(isPersonalTransfer).map(({ dataClass }): Finding => {
      return { kind: 'transfer_refused', destination: flow.destination, region, dataClass, firstAtMs: clock.now() };
    });
    const fresh = found.filter(({ destination, dataClass }) => !told.has(`${tenant} ${destination} ${region} ${dataClass}`));
    if (fresh.length === 0) return;
    if (told.size > MAX_TOLD) told.clear();
    for (const { destination, dataClass } of fresh) told.add(`${tenant} ${destination} ${region} ${dataClass}`);
    counting.inTenant(tenant, (tx) => tell(tx, tenant, fresh)).catch(deps.onFault);
  }

  /** Flows that were counted before are judged again by what holds now. */
  async function judgeAgain(tx: Tx, tenant: TenantId, destination: string | null): Promise<void> {
    await dropFindings(tx, tenant, destination);
    told.clear();
  }

  async function changed(
    by: By,
    change: { type: string; subject: string; facts: object; before: object | null; after: object | null },
    tx: Tx,
  ) {
    const event = makeEvent(
      { clock, random },
      {
        tenant: by.tenant,
        type: change.type,
        actor: by.actor,
        subject: change.subject,
        public: change.facts as never,
        sealed: await by.seal(tx, { before: change.before as never, after: change.after as never }),
      },
    );
    await appendEvents(tx, [event]);
  }

  return {
    admit: (tenant, flow) => {
      if (flow.direction === 'in') return null;
      if (rules.isLost() && flow.carried.some(isPersonalTransfer)) return refusal('GOVERNANCE_RULES_UNAVAILABLE');
      const verdict = judgeTransfer(rules.profile(tenant), flow, rules.destination(tenant, flow.destination), flow);
      if (verdict.refusal !== null) noteRefused(tenant, flow, verdict.region);
      return verdict.refusal;
    },
    note: (tenant, flow) => {
      const { direction, destination, host, operation, workflow } = flow;
      const region = regionOfPlace(flow, rules.destination(tenant, destination));
      const seen = new Set<string>();
      for (const { dataClass, handling } of flow.carried) {
        if (seen.has(`${dataClass} ${handling}`)) continue;
        seen.add(`${dataClass} ${handling}`);
        counter.note(tenant, { direction, destination, host, region, operation, workflow: workflow ?? '', dataClass, handling });
      }
    },
    regionOf: (tenant, place) => regionOfPlace(place, rules.destination(tenant, place.destination)),
    usesOf: (tenant, name) => {
      const declared = rules.destination(tenant, name);
      return declared === undefined ? NO_USES : { uses: declared.uses, field: declared.optOutField };
    },
    decides: (tenant, call) => modeOf(rules.decisions(tenant), call),
    declare: async (by, destination) => {
      const { tenant } = by;
      const home = rules.profile(tenant)?.home ?? null;
      if (home !== null && destination.transferBasis !== 'none' && !isFit(home, destination.country, destination.transferBasis))
        return refusal('GOVERNANCE_BASIS_UNFIT', { country: destination.country, basis: destination.transferBasis, home });
      const before = rules.destination(tenant, destination.name) ?? null;
      if (before === null && rules.destinations(tenant).length >= MAX_DESTINATIONS) return refusal('GOVERNANCE_TOO_MANY');
      await db.inTenant(tenant, async (tx) => {
        await putDestination(tx, tenant, { ...destination, declaredAtMs: clock.now() }, by.actor);
        await judgeAgain(tx, tenant, destination.name);
        const { name, country, transferBasis, legalBasis, role, classes, uses } = destination;
        const facts = {
          destination: name,
          region: regionOf(country),
          transferBasis,
          legalBasis,
          role,
          classes: [...classes],
          uses: [...uses],
        };
        await changed(
          by,
          { type: 'governance.destination.declared', subject: `destination:${name}`, facts, before, after: { ...destination } },
          tx,
        );
      });
      await rules.refresh(tenant);
      return null;
    },
    withdraw: async (by, name) => {
      const before = rules.destination(by.tenant, name) ?? null;
      const gone = await db.inTenant(by.tenant, async (tx) => {
        if (!(await dropDestination(tx, by.tenant, name))) return false;
        await judgeAgain(tx, by.tenant, name);
        const change = { type: 'governance.destination.withdrawn', subject: `destination:${name}`, before, after: null };
        await changed(by, { ...change, facts: { destination: name } }, tx);
        return true;
      });
      await rules.refresh(by.tenant);
      return gone;
    },
    setProfile: async (by, profile) => {
      const before = rules.profile(by.tenant) ?? null;
      await db.inTenant(by.tenant, async (tx) => {
        await putProfile(tx, by.tenant, { ...profile, atMs: clock.now() }, by.actor);
        await judgeAgain(tx, by.tenant, null);
        const facts = { region: profile.home === null ? null : regionOf(profile.home), enforced: profile.home !== null };
        await changed(by, { type: 'governance.profile.changed', subject: 'profile:tenant', facts, before, after: { ...profile } }, tx);
      });
      await rules.refresh(by.tenant);
    },
    profile: (tenant) => rules.profile(tenant) ?? NO_PROFILE,
    destinations: (tenant) => rules.destinations(tenant),
    list: async (tenant) => {
      await counter.flush();
      return asDeclared(tenant, await db.inTenant(tenant, (tx) => readFlows(tx, tenant)));
    },
    findings: async (tenant) => {
      await counter.flush();
      const [rows, stored] = await db.inTenant(
        tenant,
        async (tx) => [await readFlows(tx, tenant), await readFindings(tx, tenant)] as const,
      );
      // What was counted is judged by what is declared now; what was refused was never counted, and stands as it was.
      const now = asDeclared(tenant, rows)
        .filter(({ direction }) => direction === 'out')
        .flatMap((row) => findingsOf(tenant, row));
      const all = [...stored.filter(({ kind }) => kind === 'transfer_refused'), ...now];
      const first = new Map<string, Finding>();
      for (const one of all) {
        const key = `${one.kind} ${one.destination} ${one.region} ${one.dataClass}`;
        const known = first.get(key);
        if (known === undefined || one.firstAtMs < known.firstAtMs) first.set(key, one);
      }
      return [...first.values()].sort((left, right) => right.firstAtMs - left.firstAtMs);
    },
    flush: counter.flush,
    stop: async () => {
      await counter.stop();
      await rules.close();
    },
  };
}
