// Proposals to take unused access away: computed with their evidence, applied by a person or by themselves after a time of grace, undone.
// INVARIANT: what is applied is checked again in the transaction that applies it: used or changed since, it stays.

import {
  type Clock,
  type GrantId,
  isRefusal,
  makeEvent,
  newId,
  type PersonId,
  type ProposalId,
  type Random,
  type Refusal,
  type SealChange,
  type TenantId,
  type Tx,
} from '#core';
import { appendEvents, type Database } from '#storage';
import { isBoundBy } from '../access/own-limits.ts';
import { identityFault, refusal } from '../errors.ts';
import {
  grantedWorkloads,
  holdProposal,
  isMember,
  type LeastSettings,
  listProposals,
  moveProposal,
  type ProposalRow,
  type ProposalState,
  putProposal,
  readExpireUnused,
  readSettings,
  saveSettings,
  setExpireUnused,
} from '../store/least.ts';
import { readGrantUses } from '../store/usage.ts';
import { canApply, giveBack, type Moved, take } from './apply.ts';
import { collect, type Offers } from './collect.ts';
import { DAY_MS, type LeastFacts, propose } from './propose.ts';
import { inTenantOrNot } from './rolled-back.ts';
import type { Usage } from './usage.ts';

interface By {
  readonly tenant: TenantId;
  /** A person, or `system:least`. */
  readonly actor: string;
  readonly seal?: SealChange;
}

type One = By & { readonly id: ProposalId };

export interface Proposals {
  list(tenant: TenantId, state: ProposalState | null): Promise<readonly ProposalRow[]>;
  /** Compares what was granted with what was used now, and gives what is open. */
  refresh(tenant: TenantId): Promise<readonly ProposalRow[]>;
  apply(one: One): Promise<ProposalRow | Refusal>;
  undo(one: One): Promise<ProposalRow | Refusal>;
  dismiss(one: One & { readonly reason: string }): Promise<ProposalRow | Refusal>;
  settings(tenant: TenantId): Promise<LeastSettings & { readonly observedSinceMs: number }>;
  configure(by: By & { readonly settings: LeastSettings }): Promise<void>;
  /** How often each grant was what allowed something in the last 90 days, and when last. */
  grantUses(tenant: TenantId): ReturnType<typeof readGrantUses>;
  /** What was granted and used, for whoever shows both. */
  facts(tenant: TenantId): Promise<LeastFacts>;
  /** Days after which the grant ends when unused, null for never; gives those of before. Nobody makes it last longer for themselves. */
  setExpiry(by: By & { readonly grant: GrantId; readonly days: number | null }): Promise<{ readonly before: number | null } | Refusal>;
  /** Applies what stood open through its time of grace, where the operator wants that; how many. */
  applyDue(tenant: TenantId): Promise<number>;
}

export interface ProposalsDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly usage: Pick<Usage, 'flush'>;
  readonly offers: Offers;
  /** Has this process take in a change it made itself, before anybody is told that it was made. */
  readonly refresh: (change: { readonly tenant: TenantId; readonly kind: 'workload' | 'person'; readonly id: string }) => Promise<void>;
}

export const LEAST_ACTOR = 'system:least';
const MAX_REASON = 300;
/** Names of one proposal that stand in its event. */
const MAX_NAMED = 200;

export function createProposals(deps: ProposalsDeps): Proposals {
  const { db, clock } = deps;

  const offered = async (tenant: TenantId): Promise<Pick<LeastFacts, 'offers' | 'approved'>> => {
    return deps.offers.of(tenant, await db.inTenant(tenant, (tx) => grantedWorkloads(tx, tenant)));
  };
  const factsIn = async (tx: Tx, tenant: TenantId, from: Pick<LeastFacts, 'offers' | 'approved'>): Promise<LeastFacts> =>
    collect(tx, tenant, { nowMs: clock.now(), offered: from });

  const record = async (
    tx: Tx,
    by: By,
    told: { type: string; row: ProposalRow; moved: Moved | null; automatic?: boolean },
  ): Promise<void> => {
    const { kind, subject, remove, id, change } = told.row;
    const names = (change === null ? remove : [change.from, ...(change.to === null ? [] : [change.to])]).slice(0, MAX_NAMED);
    const sealed = told.moved === null ? null : ((await by.seal?.(tx, { before: told.moved.before, after: told.moved.after })) ?? null);
    const facts = { kind, subject, names, ...(told.automatic === undefined ? {} : { automatic: told.automatic }) };
    const event = { tenant: by.tenant, type: `identity.proposal.${told.type}`, actor: by.actor, subject: id, public: facts, sealed };
    await appendEvents(tx, [makeEvent(deps, event)]);
  };
  const taken = async (tenant: TenantId, moved: Moved): Promise<void> => {
    for (const { kind, id } of moved.refresh) await deps.refresh({ tenant, kind, id });
  };
  /** In one transaction; a refusal on the way undoes what came before it. */
  const decide = async (
    one: One,
    work: (tx: Tx, row: ProposalRow) => Promise<{ row: ProposalRow; moved: Moved | null } | Refusal>,
  ): Promise<ProposalRow | Refusal> => {
    const done = await inTenantOrNot(db, one.tenant, async (tx) => {
      const row = await holdProposal(tx, one.tenant, one.id);
      return row === null ? refusal('IDENTITY_PROPOSAL_UNKNOWN') : work(tx, row);
    });
    if (isRefusal(done)) return done;
    if (done.moved !== null) await taken(one.tenant, done.moved);
    return done.row;
  };
  const isOwn = (row: ProposalRow, facts: LeastFacts, actor: string): boolean =>
    row.change !== null &&
    (row.subject === actor || facts.roles.some(({ id, people }) => id === row.change?.grant && people.includes(actor as PersonId)));

  const proposals: Proposals = {
    list: (tenant, state) => db.inTenant(tenant, (tx) => listProposals(tx, tenant, state)),

    async refresh(tenant) {
      await deps.usage.flush();
      const from = await offered(tenant);
      return db.inTenant(tenant, async (tx) => {
        const facts = await factsIn(tx, tenant, from);
        const drafts = propose(facts);
        const standing = new Set(drafts.map(({ kind, subject, target }) => `${kind} ${subject} ${target}`));
        for (const draft of drafts) await putProposal(tx, tenant, { ...draft, id: newId('prp', clock, deps.random), atMs: facts.nowMs });
        const open = await listProposals(tx, tenant, 'open');
        const gone = open.filter(({ kind, subject, target }) => !standing.has(`${kind} ${subject} ${target}`));
        for (const { id } of gone) await moveProposal(tx, tenant, id, { state: 'gone', at: new Date(facts.nowMs), by: LEAST_ACTOR });
        return open.filter((row) => !gone.includes(row));
      });
    },

    async apply(one) {
      await deps.usage.flush();
      const from = await offered(one.tenant);
      return decide(one, async (tx, row) => {
        const facts = await factsIn(tx, one.tenant, from);
        if (row.state !== 'open' || !canApply(row.kind)) return refusal('IDENTITY_PROPOSAL_STALE');
        if (isOwn(row, facts, one.actor)) return refusal('IDENTITY_OWN_ACCESS');
        const still = propose(facts).find(
          ({ kind, subject, target }) => kind === row.kind && subject === row.subject && target === row.target,
        );
        const isSame = still !== undefined && still.remove.join('\n') === row.remove.join('\n') && still.change?.to === row.change?.to;
        if (!isSame) return refusal('IDENTITY_PROPOSAL_STALE');
        const at = new Date(facts.nowMs);
        const moved = await take(deps, tx, { tenant: one.tenant, actor: one.actor, at }, still);
        if (isRefusal(moved)) return moved;
        const { before, after } = moved;
        await moveProposal(tx, one.tenant, one.id, { state: 'applied', at, by: one.actor, before, after });
        await record(tx, one, { type: 'applied', row, moved, automatic: one.actor === LEAST_ACTOR });
        return { row: { ...row, state: 'applied', decidedAt: at, decidedBy: one.actor, before, after }, moved };
      });
    },

    undo: (one) =>
      decide(one, async (tx, row) => {
        if (row.state !== 'applied') return refusal('IDENTITY_CHANGED_SINCE');
        const at = new Date(clock.now());
        // Nobody gives access back to themselves, not even what was theirs.
        if (row.change !== null && (await isMember(tx, one.tenant, row.subject, one.actor))) return refusal('IDENTITY_OWN_ACCESS');
        const moved = await giveBack(tx, { tenant: one.tenant, actor: one.actor, at }, row);
        if (isRefusal(moved)) return moved;
        await moveProposal(tx, one.tenant, one.id, { state: 'undone', at, by: one.actor });
        await record(tx, one, { type: 'undone', row, moved });
        return { row: { ...row, state: 'undone', decidedAt: at, decidedBy: one.actor }, moved };
      }),

    dismiss(one) {
      const reason = one.reason.trim();
      if (reason === '' || reason.length > MAX_REASON) throw identityFault('IDENTITY_LEAST_INPUT_INVALID', 'reason');
      return decide(one, async (tx, row) => {
        if (row.state !== 'open') return refusal('IDENTITY_PROPOSAL_STALE');
        const at = new Date(clock.now());
        await moveProposal(tx, one.tenant, one.id, { state: 'dismissed', at, by: one.actor, reason });
        await record(tx, one, {
          type: 'dismissed',
          row,
          moved: { before: { state: 'open' }, after: { state: 'dismissed', reason }, refresh: [] },
        });
        return { row: { ...row, state: 'dismissed', decidedAt: at, decidedBy: one.actor, reason }, moved: null };
      });
    },

    settings: (tenant) =>
      db.inTenant(tenant, async (tx) => {
        const found = await readSettings(tx, tenant);
        if (found === null) throw identityFault('IDENTITY_LEAST_INPUT_INVALID', 'tenant');
        return found;
      }),

    configure: ({ tenant, actor, seal, settings }) =>
      db.inTenant(tenant, async (tx) => {
        const before = await readSettings(tx, tenant);
        await saveSettings(tx, tenant, settings);
        const told = { windowDays: settings.windowDays, autoApply: settings.autoApply, graceDays: settings.graceDays };
        const shown = before === null ? null : { windowDays: before.windowDays, autoApply: before.autoApply, graceDays: before.graceDays };
        const sealed = (await seal?.(tx, { before: shown, after: told })) ?? null;
        await appendEvents(tx, [makeEvent(deps, { tenant, type: 'identity.least.changed', actor, subject: tenant, public: told, sealed })]);
      }),

    async grantUses(tenant) {
      await deps.usage.flush();
      return db.inTenant(tenant, (tx) => readGrantUses(tx, tenant));
    },

    async facts(tenant) {
      await deps.usage.flush();
      const from = await offered(tenant);
      return db.inTenant(tenant, (tx) => factsIn(tx, tenant, from));
    },

    setExpiry: ({ tenant, actor, seal, grant, days }) =>
      db.inTenant(tenant, async (tx) => {
        const before = await readExpireUnused(tx, tenant, grant);
        if (before === undefined) return refusal('IDENTITY_GRANT_UNKNOWN');
        const isLooser = (days ?? Number.POSITIVE_INFINITY) > (before ?? Number.POSITIVE_INFINITY);
        if (isLooser && (await isBoundBy(tx, { tenant, actor, nowMs: clock.now() }, grant))) return refusal('IDENTITY_OWN_ACCESS');
        await setExpireUnused(tx, tenant, grant, days);
        const sealed = (await seal?.(tx, { before: { expireUnusedDays: before }, after: { expireUnusedDays: days } })) ?? null;
        const facts = { days, loosened: isLooser ? ['expire_unused'] : [] };
        const told = { tenant, type: 'identity.grant.expiry_changed', actor, subject: grant, public: facts, sealed };
        await appendEvents(tx, [makeEvent(deps, told)]);
        return { before };
      }),

    async applyDue(tenant) {
      const { autoApply, graceDays } = await proposals.settings(tenant);
      if (!autoApply) return 0;
      const dueBefore = clock.now() - graceDays * DAY_MS;
      let applied = 0;
      for (const row of await proposals.refresh(tenant)) {
        if (!canApply(row.kind) || row.firstSeenAt.getTime() > dueBefore) continue;
        // One that is used again meanwhile, or that another process applied, is left.
        if (!isRefusal(await proposals.apply({ tenant, actor: LEAST_ACTOR, id: row.id }))) applied += 1;
      }
      return applied;
    },
  };
  return proposals;
}
