// Delegations: access that a tenant gives to people of another one, for a time, that both sides can end at once.
// INVARIANTS: the row, and who decides over it, are the client's; staff hold nothing there but what is live here; what ended, ran out or
// can not be vouched for lets nobody act.

import {
  type Action,
  type Clock,
  type DelegationId,
  isWhole,
  type JsonObject,
  makeEvent,
  newId,
  type PersonId,
  type Random,
  type Refusal,
  type Scope,
  type SealChange,
  type TenantId,
  type Tx,
  type UnixMs,
} from '#core';
import { actingFor, appendEvents, type Database } from '#storage';
import { isEmptyByClass } from '../access/grant-rules.ts';
import { identityFault, refusal } from '../errors.ts';
import * as store from '../store/delegations.ts';
import { holdTenant } from '../store/deprovision.ts';
import { endClientsUnder, endKeysUnder, type MadeByStaff, madeByStaff, shortenKeysUnder } from '../store/made-under.ts';
import { hasSubject } from '../store/subjects.ts';
import { listWorkspaces } from '../store/workspaces.ts';
import { conflictsWith, delegatedActions, isDelegable, isNarrower, isWithin } from './delegated-actions.ts';
import type { Directory } from './directory.ts';

export const MAX_DELEGATION_MS = 90 * 24 * 60 * 60_000;
export const MAX_REASON = 300;
/** Waiting and live ones of one client: more than any agency has staff for one shop. */
const MAX_OPEN = 200;
/** As many as anybody reads; what is over comes last. */
const MAX_LISTED = 500;
const SWEPT = 200;

interface By {
  readonly actor: string;
  /** Seals what was before and after for the event. */
  readonly seal?: SealChange;
}

export interface Offer extends By {
  /** Who gives the access. */
  readonly tenant: TenantId;
  readonly agency: TenantId;
  /** A person or a group of the agency. */
  readonly subject: string;
  readonly role: string;
  readonly scope: Scope;
  readonly expiresAtMs: UnixMs;
  readonly reason: string;
}

/** What becomes of it; what is left out stays. */
export interface Narrowing extends By {
  readonly tenant: TenantId;
  readonly id: DelegationId;
  readonly role?: string | undefined;
  readonly scope?: Scope | undefined;
  readonly expiresAtMs?: UnixMs | undefined;
}

export type DelegationRecord = store.DelegationRow;
type Outcome = Promise<DelegationRecord | Refusal>;

export interface Delegations {
  offer(input: Offer): Outcome;
  accept(input: By & { readonly agency: TenantId; readonly client: TenantId; readonly id: DelegationId }): Outcome;
  /** Earlier, less or narrower; never the other way. */
  narrow(input: Narrowing): Outcome;
  end(input: By & { readonly tenant: TenantId; readonly id: DelegationId }): Outcome;
  /** The agency takes its staff out. */
  giveBack(input: By & { readonly agency: TenantId; readonly client: TenantId; readonly id: DelegationId }): Outcome;
  /** Ends whatever this person or group of the agency holds anywhere: when they leave. How many. */
  endAllOf(input: { readonly agency: TenantId; readonly subject: string; readonly actor: string }): Promise<number>;
  listGiven(client: TenantId): Promise<readonly DelegationRecord[]>;
  listHeld(agency: TenantId): Promise<readonly DelegationRecord[]>;
  /** Ends what belongs to people who left, tells the agencies' logs what they were not told yet, forgets old notes of use. */
  sweep(): Promise<void>;
}

export interface DelegationsDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly directory: Pick<Directory, 'refresh' | 'tenant' | 'heldBy' | 'isLost'>;
}

const SYSTEM = 'system:delegations';
const KEEP_USES_MS = 24 * 60 * 60_000;

const isOver = (row: DelegationRecord, nowMs: UnixMs): boolean => row.ended_at !== null || row.expires_at.getTime() <= nowMs;
const asHeld = ({ id, role, scope, expires_at }: DelegationRecord) => ({ id, role, scope, expiresAtMs: expires_at.getTime() });
const shown = ({ id, role, scope, expires_at }: Pick<DelegationRecord, 'id' | 'role' | 'scope' | 'expires_at'>): JsonObject => ({
  id,
  role,
  scope: { ...scope },
  expiresAt: expires_at.toISOString(),
});

export function createDelegations({ db, clock, random, directory }: DelegationsDeps): Delegations {
  const now = (): Date => new Date(clock.now());

  /** In the client's log. */
  async function record(
    tx: Tx,
    row: DelegationRecord,
    by: By,
    told: { readonly type: string; readonly facts?: JsonObject; readonly before: JsonObject | null; readonly after: JsonObject | null },
  ): Promise<void> {
    const { tenant, id, agency, subject, role, expires_at } = row;
    const event = makeEvent(
      { clock, random },
      {
        tenant,
        type: `identity.delegation.${told.type}`,
        actor: by.actor,
        subject: id,
        public: { agency, holder: subject, role, expiresAt: expires_at.toISOString(), ...told.facts },
        sealed: (await by.seal?.(tx, { before: told.before, after: told.after })) ?? null,
      },
    );
    await appendEvents(tx, [event]);
  }

  /** In the agency's log, after the client's says it: the state it is in now. Told twice when we die in between, never not at all. */
  async function tell(row: DelegationRecord): Promise<void> {
    const { tenant: client, id, agency, subject, role, expires_at, accepted_at, accepted_by, ended_at, ended_by, ended_side } = row;
    const state = ended_at !== null ? 'ended' : accepted_at !== null ? 'accepted' : 'offered';
    const actor = ended_side === 'agency' ? ended_by : ended_at === null && row.changes === 2 ? accepted_by : null;
    const facts = { client, state, holder: subject, role, expiresAt: expires_at.toISOString() };
    const event = makeEvent(
      { clock, random },
      { tenant: agency, type: 'identity.delegation.held', actor: actor ?? SYSTEM, subject: id, public: facts },
    );
    await db.inTenant(agency, (tx) => appendEvents(tx, [event]));
    await db.inTenant(client, (tx) => store.markTold(tx, row));
  }

  /** Changes one row in the client's transaction, then makes it known. */
  async function change(client: TenantId, id: DelegationId, work: (tx: Tx, row: DelegationRecord) => Promise<Refusal | null>): Outcome {
    const changed = await db.inTenant(client, async (tx): Outcome => {
      const row = await store.holdDelegation(tx, client, id);
      if (row === null) return refusal('IDENTITY_DELEGATION_UNKNOWN');
      return (await work(tx, row)) ?? ((await store.holdDelegation(tx, client, id)) as DelegationRecord);
    });
    if ('kind' in changed) return changed;
    await directory.refresh(client, changed.ended_at === null ? undefined : id);
    await tell(changed);
    return changed;
  }

  async function hasPlace(tx: Tx, tenant: TenantId, { workspace }: Scope): Promise<boolean> {
    if (workspace === undefined) return true;
    // So that it is not removed meanwhile.
    await holdTenant(tx, tenant);
    return (await listWorkspaces(tx, tenant)).some(({ name }) => name === workspace);
  }

  /** Keys and clients that staff made by it, and would have in their hands after it. */
  async function endMade(
    tx: Tx,
    under: { readonly client: TenantId; readonly id: DelegationId; readonly person?: PersonId },
    { actor, keys = true, clients = true }: { readonly actor: string; readonly keys?: boolean; readonly clients?: boolean },
  ): Promise<void> {
    const { client: tenant, ...made } = under;
    const told = (type: string) => (subject: string) => makeEvent({ clock, random }, { tenant, type, actor, subject, public: {} });
    const endedKeys = keys ? await endKeysUnder(tx, tenant, made, now()) : [];
    const endedClients = clients ? await endClientsUnder(tx, tenant, made, now()) : [];
    const events = [...endedKeys.map(told('identity.key.revoked')), ...endedClients.map(told('identity.client.removed'))];
    if (events.length > 0) await appendEvents(tx, events);
  }

  /** Of everybody whose access under it is over, however that came about: it ran out, they left the group, they left the agency. */
  async function endStrays(isStray: (made: MadeByStaff) => boolean, actor: string): Promise<void> {
    let page: readonly MadeByStaff[] = [];
    do {
      // To the end of them: however many are in order, a stray comes after.
      page = await madeByStaff(db, page.at(-1) ?? null, SWEPT);
      for (const { tenant: client, delegation: id, person } of page.filter(isStray))
        await db.inTenant(client, (tx) => endMade(tx, { client, id, person }, { actor }));
    } while (page.length === SWEPT);
  }

  const isSubject = (agency: TenantId, subject: string): Promise<boolean> => db.inTenant(agency, (tx) => hasSubject(tx, agency, subject));

  async function close(client: TenantId, id: DelegationId, side: store.EndedSide, by: By, agency: TenantId | null): Outcome {
    return change(client, id, async (tx, row) => {
      if (agency !== null && row.agency !== agency) return refusal('IDENTITY_DELEGATION_UNKNOWN');
      if (row.ended_at !== null) return refusal('IDENTITY_DELEGATION_OVER');
      await store.endDelegation(tx, row, { by: by.actor, side, at: now() });
      const told = { type: 'ended', facts: { side }, before: shown(row), after: null };
      await actingFor(agency === null ? null : { person: by.actor, home: agency }, async () => {
        await record(tx, row, by, told);
        await endMade(tx, { client, id }, by);
      });
      return null;
    });
  }

  return {
    async offer(input) {
      const { tenant, agency, subject, role, scope, expiresAtMs, reason, actor } = input;
      const lifetimeMs = expiresAtMs - clock.now();
      if (!Number.isSafeInteger(expiresAtMs) || lifetimeMs <= 0 || lifetimeMs > MAX_DELEGATION_MS)
        throw identityFault('IDENTITY_INPUT_INVALID', 'a delegation ends within 90 days from now');
      if (reason.trim() === '' || reason.length > MAX_REASON) throw identityFault('IDENTITY_INPUT_INVALID', 'reason');
      if (!isDelegable(role)) return refusal('IDENTITY_ROLE_NOT_DELEGABLE');
      if (isEmptyByClass({ actions: delegatedActions(role), scope })) return refusal('IDENTITY_GRANT_CLASS_EMPTY');
      if (agency === tenant) throw identityFault('IDENTITY_INPUT_INVALID', 'an agency is another tenant');
      if (directory.tenant(agency) === null || !(await isSubject(agency, subject))) return refusal('IDENTITY_AGENCY_UNKNOWN');
      const id = newId('dlg', clock, random);
      const offered = await db.inTenant(tenant, async (tx): Outcome => {
        if ((await store.countOpenDelegations(tx, tenant, now())) >= MAX_OPEN)
          throw identityFault('IDENTITY_INPUT_INVALID', 'too many delegations');
        if (!(await hasPlace(tx, tenant, scope))) return refusal('IDENTITY_WORKSPACE_UNKNOWN');
        const open = (await store.listDelegations(tx, tenant, MAX_OPEN)).filter(
          (row) => row.subject === subject && !isOver(row, clock.now()),
        );
        if (conflictsWith(open.map(asHeld), { id, role, scope, expiresAtMs })) return refusal('IDENTITY_GRANT_CONFLICT');
        await store.insertDelegation(tx, {
          tenant,
          id,
          agency,
          subject,
          role,
          scope,
          reason: reason.trim(),
          offered_by: actor,
          offered_at: now(),
          expires_at: new Date(expiresAtMs),
        });
        const row = (await store.holdDelegation(tx, tenant, id)) as DelegationRecord;
        await record(tx, row, input, { type: 'offered', before: null, after: shown(row) });
        return row;
      });
      if (!('kind' in offered)) await tell(offered);
      return offered;
    },

    accept: async (input) => {
      const { agency, client, id, actor } = input;
      return change(client, id, async (tx, row) => {
        if (row.agency !== agency) return refusal('IDENTITY_DELEGATION_UNKNOWN');
        if (row.accepted_at !== null || isOver(row, clock.now())) return refusal('IDENTITY_DELEGATION_OVER');
        await store.acceptDelegation(tx, row, actor, now());
        const told = { type: 'accepted', before: null, after: shown(row) };
        await actingFor({ person: actor, home: agency }, () => record(tx, row, input, told));
        return null;
      });
    },

    narrow: (input) => {
      const { tenant, id } = input;
      return change(tenant, id, async (tx, row) => {
        if (isOver(row, clock.now())) return refusal('IDENTITY_DELEGATION_OVER');
        const { role = row.role, scope = row.scope, expiresAtMs = row.expires_at.getTime() } = input;
        const isLess =
          isDelegable(role) && isWithin(role, row.role) && isNarrower(scope, row.scope) && expiresAtMs <= row.expires_at.getTime();
        if (!isLess || expiresAtMs <= clock.now()) return refusal('IDENTITY_DELEGATION_WIDER');
        if (isEmptyByClass({ actions: delegatedActions(role), scope })) return refusal('IDENTITY_GRANT_CLASS_EMPTY');
        if (!(await hasPlace(tx, tenant, scope))) return refusal('IDENTITY_WORKSPACE_UNKNOWN');
        const next = { ...row, role, scope, expires_at: new Date(expiresAtMs) };
        await store.narrowDelegation(tx, row, { role, scope, expiresAt: next.expires_at });
        await record(tx, next, input, { type: 'narrowed', before: shown(row), after: shown(next) });
        const gives = isWhole(scope) ? delegatedActions(role) : new Set<Action>();
        await endMade(
          tx,
          { client: tenant, id },
          { actor: input.actor, keys: !gives.has('keys.manage'), clients: !gives.has('oauth_clients.manage') },
        );
        await shortenKeysUnder(tx, tenant, id, next.expires_at);
        return null;
      });
    },

    end: (input) => close(input.tenant, input.id, 'client', input, null),
    giveBack: (input) => close(input.client, input.id, 'agency', input, input.agency),

    async endAllOf({ agency, subject, actor }) {
      let ended = 0;
      for (const { tenant, id } of await store.openFor(db, agency, subject)) {
        const row = await close(tenant, id, 'gone', { actor }, agency);
        if (!('kind' in row)) ended += 1;
      }
      await endStrays((made) => made.agency === agency && made.person === subject, actor);
      return ended;
    },

    listGiven: (client) => db.inTenant(client, (tx) => store.listDelegations(tx, client, MAX_LISTED)),
    listHeld: (agency) => store.heldBy(db, agency, MAX_LISTED),

    async sweep() {
      for (const { tenant, id, agency } of await store.orphaned(db, SWEPT)) await close(tenant, id, 'gone', { actor: SYSTEM }, agency);
      for (const row of await store.untold(db, SWEPT)) await tell(row);
      // What is not known to be over is not ended: a feed that is lost says nothing.
      const isHeld = ({ agency, person, delegation }: MadeByStaff): boolean =>
        directory.isLost() || directory.heldBy(agency, person).some(({ id }) => id === delegation);
      await endStrays((made) => !isHeld(made), SYSTEM);
      await store.forgetUses(db, new Date(clock.now() - KEEP_USES_MS));
    },
  };
}
