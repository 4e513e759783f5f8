// Who provisions: an identity provider with a bearer token of one tenant. Made here, shown once, replaced with an overlap.
// INVARIANT: a token is stored as a keyed hash; an unknown one costs what a known one costs; it opens SCIM and nothing else.

import { type Clock, makeEvent, parseId, type Random, type SealChange, type TenantId } from '#core';
import { appendEvents, type Database } from '#storage';
import type { FurtherEnd } from '../people/deprovision.ts';
import {
  addScimToken,
  countScimTokensOf,
  dropScimTokens,
  findScimToken,
  listScimTokens,
  noteSync,
  readSync,
  type SyncRow,
} from '../store/scim.ts';
import { formatToken, type Hasher, NO_HASH, NO_TOKEN, newToken, parseToken, sameHash } from '../workloads/tokens.ts';

export interface ScimCaller {
  readonly tenant: TenantId;
  /** Which token; for the note of what was asked. */
  readonly lookup: string;
}

export interface TokenState {
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly usedAt: Date | null;
  readonly madeBy: string | null;
  /** Whoever was shown it has left since: it works, and somebody outside may have it. */
  readonly makerLeft: boolean;
}

export interface ProvisioningState {
  /** Newest first; empty while provisioning is off. */
  readonly tokens: readonly TokenState[];
  readonly sync: SyncRow | null;
}

interface By {
  readonly tenant: TenantId;
  readonly actor: string;
  readonly seal?: SealChange;
}

export interface ScimTokens {
  authenticate(presented: string | null): Promise<ScimCaller | null>;
  /** Earlier tokens work for another day. */
  createToken(by: By): Promise<{ readonly token: string; readonly overlapUntil: Date | null }>;
  /** Every token ends at once. */
  removeTokens(by: By): Promise<number>;
  state(tenant: TenantId): Promise<ProvisioningState>;
  note(caller: ScimCaller, told: { readonly isChange: boolean; readonly failure: string | null }): Promise<void>;
}

export const OVERLAP_MS = 24 * 60 * 60_000;

export function createScimTokens(deps: {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: Hasher;
}): ScimTokens {
  const { db, clock, random, hasher } = deps;
  const now = (): Date => new Date(clock.now());
  return {
    async authenticate(presented) {
      const token = parseToken('spv', presented);
      const row = await findScimToken(db, token?.lookup ?? NO_TOKEN.lookup);
      const isRight = sameHash(row?.hash ?? NO_HASH, hasher.hash('spv', token ?? NO_TOKEN));
      if (token === null || row === null || !isRight) return null;
      if (row.expires_at !== null && row.expires_at.getTime() <= clock.now()) return null;
      return { tenant: row.tenant, lookup: row.lookup };
    },

    async createToken({ tenant, actor, seal }) {
      const token = newToken(random);
      const overlapUntil = new Date(clock.now() + OVERLAP_MS);
      const row = {
        tenant,
        lookup: token.lookup,
        hash: hasher.hash('spv', token),
        pepper: hasher.pepperId,
        created_at: now(),
        made_by: parseId('per', actor),
      };
      const replaced = await db.inTenant(tenant, async (tx) => {
        const known = await addScimToken(tx, row, overlapUntil);
        const facts = known.replaced > 0 ? { overlapUntil: overlapUntil.toISOString() } : {};
        const sealed = (await seal?.(tx, { before: { tokens: known.replaced }, after: { tokens: known.replaced + 1 } })) ?? null;
        const told = { tenant, type: 'identity.scim_token.created', actor, subject: tenant, public: facts };
        await appendEvents(tx, [{ ...makeEvent({ clock, random }, told), sealed }]);
        return known.replaced;
      });
      return { token: formatToken('spv', token), overlapUntil: replaced > 0 ? overlapUntil : null };
    },

    removeTokens: ({ tenant, actor, seal }) =>
      db.inTenant(tenant, async (tx) => {
        const tokens = await dropScimTokens(tx, tenant);
        if (tokens === 0) return 0;
        const sealed = (await seal?.(tx, { before: { tokens }, after: { tokens: 0 } })) ?? null;
        const told = { tenant, type: 'identity.scim_tokens.removed', actor, subject: tenant, public: { tokens } };
        await appendEvents(tx, [{ ...makeEvent({ clock, random }, told), sealed }]);
        return tokens;
      }),

    state: (tenant) =>
      db.inTenant(tenant, async (tx) => {
        const live = (await listScimTokens(tx, tenant)).filter(({ expires_at }) => expires_at === null || expires_at > now());
        const tokens = live.map(({ created_at, expires_at, used_at, made_by, maker_left }) => ({
          createdAt: created_at,
          expiresAt: expires_at,
          usedAt: used_at,
          madeBy: made_by,
          makerLeft: maker_left,
        }));
        return { tokens, sync: await readSync(tx, tenant) };
      }),

    note: ({ tenant, lookup }, told) => db.inTenant(tenant, (tx) => noteSync(tx, tenant, { ...told, lookup, at: now() })),
  };
}

/**
 * The token is the installation's: an identity provider uses it, and people would come and go no more if it ended with whoever entered it
 * there. That somebody who left may still have it is said, in the log and by an alert, until it is replaced.
 */
export function tellOfScimTokens(world: { readonly clock: Clock; readonly random: Random }): FurtherEnd {
  return async (tx, { tenant, person, actor, at }) => {
    const tokens = await countScimTokensOf(tx, tenant, person, at);
    const told = { tenant, type: 'identity.scim_token.orphaned', actor, subject: person, public: { tokens } };
    if (tokens > 0) await appendEvents(tx, [makeEvent(world, told)]);
    return {};
  };
}
