// Emergency access: one person asks and says why, another one agrees, and after half an hour it is over by itself.
// INVARIANT: nobody agrees to their own; what it gives never lasts: no access, no keys, no people, and no other emergency access.

import { createHash } from 'node:crypto';
import {
  type BreakGlassId,
  type Clock,
  type Endorsable,
  type Endorsed,
  isLive,
  newId,
  type PersonId,
  type Random,
  type Refusal,
  type TenantId,
  type Tx,
} from '#core';
import { appendEvents, type Database } from '#storage';
import { inputRefusal, refusal } from '../errors.ts';
import type { Follower } from '../follow.ts';
import {
  type BreakGlassRow,
  decideBreakGlass,
  endBreakGlass,
  holdBreakGlass,
  insertBreakGlass,
  lapsedBreakGlass,
  listBreakGlass,
  liveBreakGlassOf,
} from '../store/break-glass.ts';
import { holdTenant } from '../store/deprovision.ts';
import { effectiveRows } from '../store/effective-rows.ts';
import { announceSubject, closeGrant, insertGrant } from '../store/grants.ts';
import { activePeople } from '../store/people.ts';
import { findRole } from '../store/roles.ts';
import { accessEvent } from './access-event.ts';
import { actionsOfRole, CUSTOM, isRole, LASTING, toGrant } from './effective.ts';
import { newConflicts } from './grant-rules.ts';
import type { By } from './grants.ts';

export const BREAK_GLASS_MS = 30 * 60_000;
/** A request nobody answered is no longer an emergency. */
const WAITS_MS = 30 * 60_000;
const MAX_REASON_CHARS = 500;

export interface BreakGlass {
  askBreakGlass(
    input: By & { readonly person: PersonId; readonly role: string; readonly reason: string },
  ): Promise<BreakGlassRow | Refusal>;
  /** What this person's passkey would sign to agree now; a refusal when they may not. */
  approvableBreakGlass(input: By & { readonly id: BreakGlassId }): Promise<Endorsable | Refusal>;
  /** `agree`: signed by whoever has a passkey. */
  approveBreakGlass(input: By & { readonly id: BreakGlassId; readonly agree: Agree }): Promise<BreakGlassRow | Refusal>;
  denyBreakGlass(input: By & { readonly id: BreakGlassId }): Promise<Refusal | null>;
  /** By whoever holds it, or by somebody who may agree to such access. */
  endBreakGlass(input: By & { readonly id: BreakGlassId }): Promise<Refusal | null>;
  listBreakGlass(tenant: TenantId): Promise<readonly BreakGlassRow[]>;
  /** Says of what ran out that it is over; for a timer. Its grant gives nothing any more since its moment. */
  closeLapsedBreakGlass(): Promise<number>;
}

/** Says yes to exactly this; refused with `needed` by whoever has a passkey and did not sign. */
export type Agree = (tx: Tx, asked: { readonly endorsable: Endorsable; readonly needed: Refusal }) => Promise<Endorsed | Refusal>;

/** What whoever agrees signs: who gets which role, and why. */
const endorsableOf = (tenant: TenantId, { id, person, role, reason }: BreakGlassRow): Endorsable => ({
  purpose: 'emergency access',
  lines: [tenant, id, person, role, createHash('sha256').update(reason).digest('hex')],
});

/** Only a browser can ask a passkey. */
const signatureNeeded = (): Refusal => ({ ...refusal('IDENTITY_BREAK_GLASS_SIGNATURE_REQUIRED'), evidence: { open: '/people/emergency' } });

export interface BreakGlassDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly follower: Follower;
}

export function createBreakGlass({ db, clock, random, follower }: BreakGlassDeps): BreakGlass {
  const at = (): Date => new Date(clock.now());
  const heard = (tenant: TenantId, id: PersonId): Promise<void> => follower.refresh({ tenant, kind: 'person', id });

  /** What the role gives for half an hour; null for one that is not for emergencies. */
  async function actionsFor(tx: Tx, tenant: TenantId, role: string) {
    if (role === 'owner' || role === 'agent') return null;
    const custom = role.startsWith(CUSTOM) ? await findRole(tx, tenant, role.slice(CUSTOM.length)) : null;
    if (!isRole(role) && custom === null) return null;
    return new Set([...actionsOfRole(role, custom?.actions ?? null)].filter((action) => !LASTING.has(action)));
  }

  /** Somebody else agrees to what was asked for, and not to what the role was made into since. */
  async function isAsAsked(tx: Tx, tenant: TenantId, { role, askedAt }: BreakGlassRow): Promise<boolean> {
    const custom = role.startsWith(CUSTOM) ? await findRole(tx, tenant, role.slice(CUSTOM.length)) : null;
    return custom === null || custom.changedAt <= askedAt;
  }

  async function agreeing(tx: Tx, tenant: TenantId): Promise<ReadonlySet<PersonId>> {
    const rows = await effectiveRows(tx, { tenant, nowMs: clock.now() });
    return new Set(rows.filter((row) => toGrant(row).actions.has('access.break_glass')).map(({ person }) => person));
  }

  const holding = async (tx: Tx, tenant: TenantId, person: PersonId) =>
    (await effectiveRows(tx, { tenant, person, nowMs: clock.now() })).map(toGrant);

  /** One that still waits for an answer. */
  async function waiting(tx: Tx, { tenant, actor, id }: By & { readonly id: BreakGlassId }): Promise<BreakGlassRow | Refusal> {
    await holdTenant(tx, tenant);
    const row = await holdBreakGlass(tx, tenant, id);
    if (row === null) return refusal('IDENTITY_BREAK_GLASS_UNKNOWN');
    if (row.person === actor) return refusal('IDENTITY_BREAK_GLASS_OWN');
    return row.state === 'asked' && row.expiresAt > at() ? row : refusal('IDENTITY_BREAK_GLASS_OVER');
  }

  /** One that still waits and that this person may agree to, with what it gives. */
  async function approvable(tx: Tx, by: By & { readonly id: BreakGlassId }) {
    const { tenant, actor } = by;
    const row = await waiting(tx, by);
    if ('kind' in row) return row;
    if (!(await agreeing(tx, tenant)).has(actor as PersonId)) return refusal('IDENTITY_GRANT_NOT_HELD');
    const actions = await actionsFor(tx, tenant, row.role);
    if (actions === null || !(await activePeople(tx, tenant)).includes(row.person)) return refusal('IDENTITY_BREAK_GLASS_OVER');
    return (await isAsAsked(tx, tenant, row)) ? { row, actions } : refusal('IDENTITY_BREAK_GLASS_OVER');
  }

  async function close(tx: Tx, by: By & { readonly id: BreakGlassId }, row: BreakGlassRow, isLapsed: boolean): Promise<void> {
    const { tenant, actor } = by;
    await endBreakGlass(tx, tenant, row.id, { by: actor, at: at() });
    if (row.grant !== null) {
      await closeGrant(tx, tenant, row.grant, { by: actor, at: at() });
      await announceSubject(tx, tenant, row.person);
    }
    const facts = { person: row.person, role: row.role, isLapsed };
    const change = { before: { id: row.id, role: row.role, state: row.state }, after: { id: row.id, state: 'ended' } };
    await appendEvents(tx, [await accessEvent({ clock, random, tx }, by, { type: 'break_glass.ended', subject: row.id, facts, change })]);
  }

  return {
    async askBreakGlass(input) {
      const { tenant, person, role } = input;
      const reason = input.reason.normalize('NFC').trim();
      if (reason === '' || reason.length > MAX_REASON_CHARS || /\p{Cc}/u.test(reason) || !reason.isWellFormed())
        return inputRefusal('reason');
      return db.inTenant(tenant, async (tx) => {
        await holdTenant(tx, tenant);
        if ((await activePeople(tx, tenant)).length < 2) return refusal('IDENTITY_BREAK_GLASS_SOLO');
        const others = [...(await agreeing(tx, tenant))].filter((one) => one !== person);
        if (others.length === 0) return refusal('IDENTITY_BREAK_GLASS_ALONE');
        const actions = await actionsFor(tx, tenant, role);
        if (actions === null) return refusal('IDENTITY_ROLE_UNKNOWN');
        const held = await holding(tx, tenant, person);
        const lacks = [...actions].some(
          (action) => !held.some((grant) => grant.actions.has(action) && Object.keys(grant.scope).length === 0),
        );
        if (!lacks) return refusal('IDENTITY_BREAK_GLASS_NEEDLESS');
        if ((await liveBreakGlassOf(tx, tenant, person, at())) > 0) return refusal('IDENTITY_BREAK_GLASS_OPEN');
        const id = newId('bgl', clock, random);
        const row = { id, person, role, reason, askedAt: at(), expiresAt: new Date(clock.now() + WAITS_MS) };
        await insertBreakGlass(tx, tenant, row);
        const change = { before: null, after: { id, role, reason } };
        const told = { type: 'break_glass.asked', subject: id, facts: { person, role }, change };
        await appendEvents(tx, [await accessEvent({ clock, random, tx }, input, told)]);
        return (await holdBreakGlass(tx, tenant, id)) ?? refusal('IDENTITY_BREAK_GLASS_UNKNOWN');
      });
    },

    approvableBreakGlass: (input) =>
      db.inTenant(input.tenant, async (tx) => {
        const found = await approvable(tx, input);
        return 'kind' in found ? found : endorsableOf(input.tenant, found.row);
      }),

    async approveBreakGlass(input) {
      const { tenant, actor, id } = input;
      const opened = await db.inTenant(tenant, async (tx) => {
        const found = await approvable(tx, input);
        if ('kind' in found) return found;
        const { row, actions } = found;
        const endorsed = await input.agree(tx, { endorsable: endorsableOf(tenant, row), needed: signatureNeeded() });
        if ('kind' in endorsed) return endorsed;
        const grant = newId('grt', clock, random);
        const expiresAt = new Date(clock.now() + BREAK_GLASS_MS);
        const before = await holding(tx, tenant, row.person);
        const given = {
          id: grant,
          role: row.role,
          actions,
          scope: {},
          condition: null,
          expiresAtMs: expiresAt.getTime(),
          via: 'break_glass',
        } as const;
        const conflicts = newConflicts(before, [...before, given]).length;
        await insertGrant(tx, tenant, {
          ...{ id: grant, subject: row.person, role: row.role, scope: {}, condition: null, expiresAt, reason: row.reason },
          ...{ via: 'break_glass', grantedBy: actor, createdAt: at() },
        });
        await decideBreakGlass(tx, tenant, id, { by: actor, at: at(), state: 'open', grant, expiresAt });
        await announceSubject(tx, tenant, row.person);
        const signed = { signed: endorsed.signature !== null, passkey: endorsed.passkey };
        const facts = { person: row.person, role: row.role, grant, expiresAt: expiresAt.toISOString(), conflicts, ...signed };
        const change = { before: { id, state: 'asked' }, after: { id, state: 'open', role: row.role, expiresAt: facts.expiresAt } };
        await appendEvents(tx, [
          await accessEvent({ clock, random, tx }, input, { type: 'break_glass.opened', subject: id, facts, change }),
        ]);
        return (await holdBreakGlass(tx, tenant, id)) ?? refusal('IDENTITY_BREAK_GLASS_UNKNOWN');
      });
      if (!('kind' in opened)) await heard(tenant, opened.person);
      return opened;
    },

    denyBreakGlass: (input) =>
      db.inTenant(input.tenant, async (tx) => {
        const { tenant, actor, id } = input;
        const row = await waiting(tx, input);
        if ('kind' in row) return row;
        await decideBreakGlass(tx, tenant, id, { by: actor, at: at(), state: 'denied', grant: null, expiresAt: row.expiresAt });
        const change = { before: { id, state: 'asked' }, after: { id, state: 'denied' } };
        const told = { type: 'break_glass.denied', subject: id, facts: { person: row.person, role: row.role }, change };
        await appendEvents(tx, [await accessEvent({ clock, random, tx }, input, told)]);
        return null;
      }),

    async endBreakGlass(input) {
      const { tenant, actor, id } = input;
      const ended = await db.inTenant(tenant, async (tx) => {
        await holdTenant(tx, tenant);
        const row = await holdBreakGlass(tx, tenant, id);
        if (row === null) return refusal('IDENTITY_BREAK_GLASS_UNKNOWN');
        const isTheirs = row.person === actor || (await agreeing(tx, tenant)).has(actor as PersonId);
        if (!isTheirs) return refusal('IDENTITY_BREAK_GLASS_UNKNOWN');
        if ((row.state !== 'asked' && row.state !== 'open') || !isLive({ expiresAtMs: row.expiresAt.getTime() }, clock.now()))
          return refusal('IDENTITY_BREAK_GLASS_OVER');
        await close(tx, input, row, false);
        return row;
      });
      if ('kind' in ended) return ended;
      await heard(tenant, ended.person);
      return null;
    },

    listBreakGlass: (tenant) => db.inTenant(tenant, (tx) => listBreakGlass(tx, tenant)),

    async closeLapsedBreakGlass() {
      const lapsed = await lapsedBreakGlass(db, at());
      for (const { tenant, id } of lapsed) {
        await db.inTenant(tenant, async (tx) => {
          const row = await holdBreakGlass(tx, tenant, id);
          if (row !== null && (row.state === 'asked' || row.state === 'open') && row.expiresAt <= at())
            await close(tx, { tenant, actor: 'installation', id }, row, true);
        });
      }
      return lapsed.length;
    },
  };
}
