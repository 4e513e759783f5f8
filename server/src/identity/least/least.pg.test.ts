// Access that nobody uses: counted, proposed with evidence, taken away, given back exactly, reviewed, and ended by itself.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type GrantId, isRefusal, newId, type PersonId, type ReviewId, type TenantId } from '#core';
import type { Identity } from '../identity.ts';
import { insertGrant } from '../store/grants.ts';
import { setExpireUnused } from '../store/least.ts';
import { codeOf, HOUR_MS, newName, nodeRandom, type OpenedIdentity, openIdentity } from '../test/opened-identity.ts';
import { expireUnused } from './expire-unused.ts';
import { createProposals, type Proposals } from './proposals.ts';
import type { LeastFacts } from './propose.ts';
import { createReviews, decisionsDigest, type Reviews } from './reviews.ts';
import { createUsage, type Usage } from './usage.ts';

const DAY_MS = 24 * HOUR_MS;
const SCOPES = Array.from({ length: 12 }, (_, nth) => `shop-${String(nth).padStart(2, '0')}`);

let given: OpenedIdentity;
let identity: Identity;
let usage: Usage;
let proposals: Proposals;
let reviews: Reviews;
let offers: Pick<LeastFacts, 'offers' | 'approved'> = { offers: new Map(), approved: new Set() };

beforeAll(async () => {
  given = await openIdentity();
  identity = given.identity;
  const { db } = given.database;
  usage = createUsage({ db, clock: given.clock, onFault: (fault) => given.faults.push(fault) });
  const deps = { db, clock: given.clock, random: nodeRandom, refresh: identity.refresh };
  proposals = createProposals({ ...deps, usage, offers: { of: async () => offers } });
  reviews = createReviews({ ...deps, proposals, workspacesOf: () => [] });
});
afterAll(() => given.close());

const actor = newId('per', { now: () => 0 }, nodeRandom);
const person = async (tenant: TenantId, roles: readonly string[], name = 'Dana Example'): Promise<PersonId> => {
  const [owner] = await given.database.admin<{ id: PersonId }>("select id from identity_people where tenant = $1 and role = 'owner'", [
    tenant,
  ]);
  const added = await identity.addPerson({ tenant, name, roles, actor: owner?.id ?? actor });
  if (isRefusal(added)) throw new Error(added.code);
  return added.id;
};
const open = async (tenant: TenantId, kind: string) => (await proposals.refresh(tenant)).filter((row) => row.kind === kind);
const events = (tenant: TenantId, type: string) =>
  given.database.admin<{ public: Record<string, unknown> }>('select public from event_inbox where tenant = $1 and type = $2', [
    tenant,
    type,
  ]);

describe('what is used', () => {
  test('is counted in memory, added up by day over processes, and kept while the database is away', async () => {
    const { tenant, workload } = await given.keyed();
    const other = createUsage({ db: (await given.another()).db, clock: given.clock, onFault: () => undefined });
    for (let nth = 0; nth < 5; nth += 1) usage.note(tenant, workload, 'operation', 'shop/orders.get');
    other.note(tenant, workload, 'operation', 'shop/orders.get');
    await Promise.all([usage.flush(), other.flush()]);
    given.clock.advance(DAY_MS);
    usage.note(tenant, workload, 'operation', 'shop/orders.get');
    await usage.flush();
    const rows = await given.database.admin<{ count: string }>('select count::text from identity_usage where tenant = $1 order by day', [
      tenant,
    ]);
    expect(rows.map(({ count }) => count)).toEqual(['6', '1']);

    const faults: unknown[] = [];
    let isAway = true;
    const { db } = given.database;
    const broken = createUsage({
      db: {
        ...db,
        inTenant: (...args: Parameters<typeof db.inTenant>) => (isAway ? Promise.reject(new Error('away')) : db.inTenant(...args)),
      } as typeof db,
      clock: given.clock,
      onFault: (fault) => faults.push(fault),
    });
    broken.note(tenant, workload, 'model', 'large-1');
    await broken.flush();
    expect(faults).toHaveLength(1);
    isAway = false;
    await broken.stop();
    expect((await proposals.facts(tenant)).used).toContainEqual(expect.objectContaining({ kind: 'model', name: 'large-1', count: 1 }));
  });

  test('is forgotten after ninety days', async () => {
    const { tenant, workload } = await given.keyed();
    usage.note(tenant, workload, 'integration', 'shop');
    await usage.flush();
    given.clock.advance(91 * DAY_MS);
    usage.note(tenant, workload, 'integration', 'shop');
    await usage.flush();
    expect(await usage.prune()).toBeGreaterThan(0);
    const rows = await given.database.admin('select 1 from identity_usage where tenant = $1', [tenant]);
    expect(rows).toHaveLength(1);
  });
});

describe('a service with 12 scopes that uses 3', () => {
  test('[R5] [Z4] is proposed to lose the other 9; applied, what it uses still passes; undone, it reaches all 12 again', async () => {
    const { tenant, workload } = await given.keyed(SCOPES);
    const used = SCOPES.slice(0, 3);
    for (const name of used) usage.note(tenant, workload, 'integration', name);
    expect(await open(tenant, 'integration_unused')).toEqual([]); // nothing is old enough to be called unused
    given.clock.advance(31 * DAY_MS);
    for (const name of used) usage.note(tenant, workload, 'integration', name);
    const listed = await open(tenant, 'integration_unused');
    expect(listed.map(({ remove }) => remove[0]).sort()).toEqual(SCOPES.slice(3));
    expect(listed[0]).toMatchObject({
      state: 'open',
      subject: workload,
      keep: used,
      evidence: { windowDays: 30, count: 0, lastUsedAtMs: null },
    });

    for (const { id } of listed) expect(await proposals.apply({ tenant, actor, id })).toMatchObject({ state: 'applied' });
    const narrowed = await identity.createKey({ tenant, workload, expiresAtMs: given.clock.now() + DAY_MS });
    const reach = (token: string) => {
      const principal = identity.authenticate(token);
      return isRefusal(principal) || principal.kind !== 'workload' ? [] : [...principal.integrations].sort();
    };
    expect(reach(narrowed.key)).toEqual(used);
    const other = (await given.another()).identity;
    expect(other.authenticate(narrowed.key)).toMatchObject({ integrations: new Set(used) });
    expect(await open(tenant, 'integration_unused')).toEqual([]);
    expect(await events(tenant, 'identity.proposal.applied')).toHaveLength(9);

    for (const { id } of listed) expect(await proposals.undo({ tenant, actor, id })).toMatchObject({ state: 'undone' });
    expect(reach(narrowed.key)).toEqual(SCOPES);
    const again = await given.database.admin<{ integrations: string[]; removed: object }>(
      'select integrations, removed, reached_since from identity_workloads where tenant = $1',
      [tenant],
    );
    expect(again.map((row) => ({ ...row, integrations: row.integrations.toSorted() }))).toEqual([
      { integrations: SCOPES, removed: {}, reached_since: {} },
    ]);
  });

  test('keeps what was used after it was proposed, and what was granted lately', async () => {
    const { tenant, workload } = await given.keyed(['shop', 'mail']);
    given.clock.advance(31 * DAY_MS);
    usage.note(tenant, workload, 'integration', 'shop');
    const [mail] = await open(tenant, 'integration_unused');
    if (mail === undefined) throw new Error('mail is unused');
    usage.note(tenant, workload, 'integration', 'mail');
    expect(await codeOf(proposals.apply({ tenant, actor, id: mail.id }))).toBe('IDENTITY_PROPOSAL_STALE');
    expect(await open(tenant, 'integration_unused')).toEqual([]);
    expect((await proposals.list(tenant, 'gone')).map(({ id }) => id)).toContain(mail.id);

    await identity.changeWorkload({ tenant, workload, integrations: ['shop', 'mail', 'new'] });
    given.clock.advance(29 * DAY_MS);
    for (const name of ['shop', 'mail']) usage.note(tenant, workload, 'integration', name);
    expect(await open(tenant, 'integration_unused')).toEqual([]);
    given.clock.advance(2 * DAY_MS);
    expect((await open(tenant, 'integration_unused')).map(({ target }) => target)).toEqual(['new']);
  });

  test('is not given back once somebody changed the list by hand', async () => {
    const { tenant, workload } = await given.keyed(['shop', 'mail']);
    given.clock.advance(31 * DAY_MS);
    usage.note(tenant, workload, 'integration', 'shop');
    const [mail] = await open(tenant, 'integration_unused');
    if (mail === undefined) throw new Error('mail is unused');
    await proposals.apply({ tenant, actor, id: mail.id });
    await identity.changeWorkload({ tenant, workload, integrations: ['shop', 'other'] });
    expect(await codeOf(proposals.undo({ tenant, actor, id: mail.id }))).toBe('IDENTITY_CHANGED_SINCE');
  });

  test('is not proposed again once somebody said why it stays', async () => {
    const { tenant } = await given.keyed(['shop', 'backup']);
    given.clock.advance(31 * DAY_MS);
    const [first] = await open(tenant, 'integration_unused');
    if (first === undefined) throw new Error('both are unused');
    expect(await codeOf(Promise.resolve().then(() => proposals.dismiss({ tenant, actor, id: first.id, reason: ' ' })))).toBe(
      'IDENTITY_LEAST_INPUT_INVALID',
    );
    expect(await proposals.dismiss({ tenant, actor, id: first.id, reason: 'Needed at year end.' })).toMatchObject({ state: 'dismissed' });
    expect((await open(tenant, 'integration_unused')).map(({ target }) => target)).not.toContain(first.target);
  });
});

describe('operations, tools and keys', () => {
  test('that were not used are taken from the workload, and a suspended key works again when that is undone', async () => {
    const { tenant, workload } = await given.keyed(['shop']);
    const idle = await identity.createKey({ tenant, workload, expiresAtMs: given.clock.now() + 300 * DAY_MS });
    const busy = await identity.createKey({ tenant, workload, expiresAtMs: given.clock.now() + 300 * DAY_MS });
    offers = {
      offers: new Map([[workload, new Map([['shop', { operations: ['orders.get', 'refunds.create'], models: [] }]])]]),
      approved: new Set(),
    };
    given.clock.advance(31 * DAY_MS);
    usage.note(tenant, workload, 'key', busy.id);
    usage.note(tenant, workload, 'integration', 'shop');
    usage.note(tenant, workload, 'operation', 'shop/orders.get');
    for (const tool of ['get_order', 'delete_order']) usage.note(tenant, workload, 'tool_offered', tool);
    usage.note(tenant, workload, 'tool_called', 'get_order');
    const rows = await proposals.refresh(tenant);
    const byKind = Object.fromEntries(rows.map((row) => [row.kind, row]));
    expect(byKind.operations_unused).toMatchObject({ remove: ['shop/refunds.create'], keep: ['shop/orders.get'] });
    expect(byKind.tools_unused).toMatchObject({ remove: ['delete_order'], keep: ['get_order'] });
    expect(byKind.key_unused).toMatchObject({ remove: [idle.id] });
    for (const { id } of rows) expect(await proposals.apply({ tenant, actor, id })).toMatchObject({ state: 'applied' });
    expect(identity.authenticate(busy.key)).toMatchObject({
      removed: { operations: new Set(['shop/refunds.create']), tools: new Set(['delete_order']) },
    });
    expect(identity.authenticate(idle.key)).toMatchObject({ code: 'IDENTITY_KEY_SUSPENDED' });
    for (const { id } of rows.toReversed()) expect(await proposals.undo({ tenant, actor, id })).toMatchObject({ state: 'undone' });
    expect(identity.authenticate(idle.key)).toMatchObject({ kind: 'workload' });
    expect(identity.authenticate(busy.key)).not.toHaveProperty('removed');
    offers = { offers: new Map(), approved: new Set() };
  });

  test('are given back to a workflow when people approve a version of it anew', async () => {
    const { tenant, workload } = await given.keyed(['shop']);
    given.clock.advance(31 * DAY_MS);
    usage.note(tenant, workload, 'tool_offered', 'delete_order');
    usage.note(tenant, workload, 'tool_offered', 'get_order');
    usage.note(tenant, workload, 'tool_called', 'get_order');
    const tools = (await open(tenant, 'tools_unused'))[0];
    if (tools === undefined) throw new Error('one tool is unused');
    await proposals.apply({ tenant, actor, id: tools.id });
    const { key } = await identity.createKey({ tenant, workload, expiresAtMs: given.clock.now() + DAY_MS });
    expect(identity.authenticate(key)).toHaveProperty('removed');
    await identity.changeWorkload({ tenant, workload, integrations: ['shop'], isApprovedAnew: true });
    expect(identity.authenticate(key)).not.toHaveProperty('removed');
    expect(await codeOf(proposals.undo({ tenant, actor, id: tools.id }))).toBe('IDENTITY_CHANGED_SINCE');
  });

  test('a key that ends soon is told about and nothing is taken away', async () => {
    const { tenant, workload } = await given.keyed(['shop']);
    const { id } = await identity.createKey({ tenant, workload, expiresAtMs: given.clock.now() + 10 * DAY_MS });
    usage.note(tenant, workload, 'key', id);
    const told = (await open(tenant, 'key_expiring')).find(({ target }) => target === id);
    if (told === undefined) throw new Error('it ends within two weeks');
    expect(await codeOf(proposals.apply({ tenant, actor, id: told.id }))).toBe('IDENTITY_PROPOSAL_STALE');
  });
});

describe('roles of people', () => {
  test('that are used in part are proposed to become the smallest role that is enough, and the last owner’s never', async () => {
    const tenant = await identity.createTenant({ name: newName() });
    const dana = await person(tenant, ['auditor']);
    const idle = await person(tenant, ['operator'], 'Kim Example');
    given.clock.advance(31 * DAY_MS);
    for (const action of ['workflows.view', 'runs.view', 'events.view']) usage.note(tenant, dana, 'action', action);
    const rows = (await proposals.refresh(tenant)).filter(({ change }) => change !== null);
    expect(rows.map(({ kind, subject, change }) => [kind, subject, change?.from, change?.to]).sort()).toEqual([
      ['grant_smaller', dana, 'auditor', 'analyst'],
      ['grant_unused', idle, 'operator', null],
    ]);
    const [smaller, unused] = rows.toSorted((left, right) => (left.kind < right.kind ? -1 : 1));
    if (smaller === undefined || unused === undefined) throw new Error('two are proposed');
    expect(await codeOf(proposals.apply({ tenant, actor: dana, id: smaller.id }))).toBe('IDENTITY_OWN_ACCESS');
    const rolesOf = async (who: PersonId) =>
      (await proposals.facts(tenant)).roles.filter(({ subject }) => subject === who).map(({ id, role }) => `${role} ${id}`);
    const before = await rolesOf(dana);
    const unusedDays = async () => (await proposals.facts(tenant)).roles.find(({ subject }) => subject === dana)?.expireUnusedDays;
    await proposals.setExpiry({ tenant, actor, grant: smaller.change?.grant as GrantId, days: 60 });
    await proposals.apply({ tenant, actor, id: smaller.id });
    expect(await unusedDays()).toBe(60);
    await proposals.apply({ tenant, actor, id: unused.id });
    expect((await rolesOf(dana)).map((text) => text.split(' ')[0])).toEqual(['analyst']);
    expect(await rolesOf(idle)).toEqual([]);
    expect(await codeOf(proposals.undo({ tenant, actor: dana, id: smaller.id }))).toBe('IDENTITY_OWN_ACCESS');
    expect(await proposals.undo({ tenant, actor, id: smaller.id })).toMatchObject({ state: 'undone' });
    expect(await rolesOf(dana)).toEqual(before);
  });

  test('are given back only to whom they could be given now: by an owner where it is ownership, and without two duties that conflict', async () => {
    const tenant = await identity.createTenant({ name: newName() });
    const admin = await person(tenant, ['admin'], 'Ada Example');
    const [idle, former] = [await person(tenant, ['approver']), await person(tenant, ['owner'], 'Kim Example')];
    const owner = (await identity.listPeople(tenant))[0]?.id as PersonId;
    const live = async (who: PersonId) => (await identity.effectiveGrants(tenant, who)).map(({ role }) => role).sort();
    given.clock.advance(31 * DAY_MS);
    usage.note(tenant, owner, 'action', 'people.manage');
    const of = async (subject: string) => {
      const found = (await open(tenant, 'grant_unused')).find((row) => row.subject === subject);
      if (found === undefined) throw new Error('it is unused');
      return found.id;
    };
    const [idlesRole, formersRole] = [await of(idle), await of(former)];
    // Whoever is no owner takes nobody's ownership, by whatever way.
    expect(await codeOf(proposals.apply({ tenant, actor: admin, id: formersRole }))).toBe('IDENTITY_GRANT_OWNER_ONLY');
    expect(await proposals.apply({ tenant, actor: owner, id: formersRole })).toMatchObject({ state: 'applied' });
    expect(await codeOf(proposals.undo({ tenant, actor: admin, id: formersRole }))).toBe('IDENTITY_GRANT_OWNER_ONLY');
    expect(await live(former)).toEqual([]);
    expect(await proposals.undo({ tenant, actor: owner, id: formersRole })).toMatchObject({ state: 'undone' });

    expect(await proposals.apply({ tenant, actor: admin, id: idlesRole })).toMatchObject({ state: 'applied' });
    const group = await identity.createGroup({ tenant, name: 'Administrators', actor: owner });
    if (isRefusal(group)) throw new Error(group.code);
    await identity.grant({ tenant, actor: owner, subject: group.id, role: 'admin', reason: 'Runs it.' });
    await identity.joinGroup({ tenant, actor: owner, group: group.id, person: idle });
    expect(await codeOf(proposals.undo({ tenant, actor: admin, id: idlesRole }))).toBe('IDENTITY_GRANT_CONFLICT');
    expect(await live(idle)).toEqual(['admin']);
  });

  test('that are to end unused last longer by somebody else’s word only, and shorter by anybody’s', async () => {
    const tenant = await identity.createTenant({ name: newName() });
    const [admin, other] = [await person(tenant, ['admin']), await person(tenant, ['auditor'], 'Kim Example')];
    const [owner] = (await identity.listPeople(tenant)).filter(({ isFirst }) => isFirst);
    const grantOf = async (who: string) => (await identity.listGrants(tenant, who))[0]?.id as GrantId;
    const set = async (by: string, grant: GrantId, days: number | null) => codeOf(proposals.setExpiry({ tenant, actor: by, grant, days }));
    const mine = await grantOf(admin);
    expect(await set(owner?.id as string, mine, 30)).toBe('done');
    expect([await set(admin, mine, null), await set(admin, mine, 31)]).toEqual(['IDENTITY_OWN_ACCESS', 'IDENTITY_OWN_ACCESS']);
    expect(await set(admin, mine, 7)).toBe('done');
    expect(await codeOf(identity.grant({ tenant, subject: admin, role: 'admin', actor: admin }))).toBe('IDENTITY_OWN_ACCESS');
    expect([await set(admin, await grantOf(other), 7), await set(admin, await grantOf(other), null)]).toEqual(['done', 'done']);
    const group = await identity.createGroup({ tenant, name: 'Runs it', actor: 'installation' });
    if (isRefusal(group)) throw new Error(group.code);
    await identity.grant({ tenant, subject: group.id, role: 'analyst', actor: 'installation' });
    await identity.joinGroup({ tenant, group: group.id, person: admin, actor: 'installation' });
    const theirs = await grantOf(group.id);
    expect([await set(owner?.id as string, theirs, 5), await set(admin, theirs, null)]).toEqual(['done', 'IDENTITY_OWN_ACCESS']);
    const told = (await events(tenant, 'identity.grant.expiry_changed')).map((row) => row.public);
    expect(told).toContainEqual({ days: 5, loosened: [] });
    expect(told).toContainEqual({ days: null, loosened: ['expire_unused'] });
  });

  test('end by themselves when they are to end unused, and after the time of grace when the operator wants that', async () => {
    const tenant = await identity.createTenant({ name: newName() });
    const [kept, idle] = [await person(tenant, ['auditor']), await person(tenant, ['auditor'], 'Kim Example')];
    const { db } = given.database;
    const grants = (await proposals.facts(tenant)).roles.filter(({ role }) => role === 'auditor');
    await db.inTenant(tenant, async (tx) => {
      for (const { id } of grants) await setExpireUnused(tx, tenant, id, 7);
    });
    given.clock.advance(6 * DAY_MS);
    usage.note(tenant, kept, 'action', 'runs.view');
    await usage.flush();
    const deps = { db, clock: given.clock, random: nodeRandom, refresh: identity.refresh };
    expect(await expireUnused(deps, tenant)).toBe(0);
    given.clock.advance(2 * DAY_MS);
    expect(await expireUnused(deps, tenant)).toBe(1);
    const left = (await proposals.facts(tenant)).roles.map(({ subject }) => subject);
    expect(left).toContain(kept);
    expect(left).not.toContain(idle);
    expect((await events(tenant, 'identity.grant.expired_unused')).map((row) => row.public)).toMatchObject([{ days: 7, lastUsedAt: null }]);

    await proposals.configure({ tenant, actor, settings: { windowDays: 5, autoApply: true, graceDays: 3 } });
    expect(await proposals.applyDue(tenant)).toBe(0);
    given.clock.advance(10 * DAY_MS);
    expect(await proposals.applyDue(tenant)).toBe(0); // proposed now, and given its time
    given.clock.advance(4 * DAY_MS);
    expect(await proposals.applyDue(tenant)).toBe(1);
    expect((await events(tenant, 'identity.proposal.applied')).map((row) => row.public)).toMatchObject([{ automatic: true }]);
  });
});

describe('an access review', () => {
  test('is decided by its reviewers alone and never about themselves; what they remove is gone at once; its end is on record', async () => {
    const { tenant, workload } = await given.keyed(['shop', 'mail']);
    const [rita, dana] = [await person(tenant, ['auditor', 'approver'], 'Rita Reviewer'), await person(tenant, ['auditor'])];
    const dueAtMs = given.clock.now() + DAY_MS;
    const created = await reviews.create({
      tenant,
      actor,
      name: 'Autumn',
      scope: { people: true, workloads: true },
      reviewers: [rita],
      dueAtMs,
    });
    if (isRefusal(created)) throw new Error(created.code);
    const item = (subject: string, target?: string) => {
      const found = created.items.find((one) => one.subject === subject && (target === undefined || one.target === target));
      if (found === undefined) throw new Error('it is under review');
      return found;
    };
    const decide = (by: PersonId, of: { id: string }, decision: 'keep' | 'remove' | 'change', role: string | null = null) =>
      reviews.decide({ tenant, actor: by, review: created.id, item: of.id as never, decision, reason: 'Checked.', role });
    expect(await codeOf(decide(dana, item(workload, 'mail'), 'remove'))).toBe('IDENTITY_REVIEW_NOT_REVIEWER');
    expect(await codeOf(decide(rita, item(rita), 'keep'))).toBe('IDENTITY_OWN_ACCESS');
    expect(await codeOf(decide(rita, item(dana), 'change', 'owner'))).toBe('IDENTITY_REVIEW_WIDENS');
    const owner = created.items.find(({ shown }) => shown.name === 'owner');
    if (owner === undefined) throw new Error('somebody owns it');
    expect(await codeOf(decide(rita, owner, 'remove'))).toBe('IDENTITY_LAST_ACCESS');

    expect(await decide(rita, item(workload, 'mail'), 'remove')).toMatchObject({ outcome: 'applied' });
    const { key } = await identity.createKey({ tenant, workload, expiresAtMs: given.clock.now() + HOUR_MS });
    expect(identity.authenticate(key)).toMatchObject({ integrations: new Set(['shop']) });
    expect(await decide(rita, item(dana), 'change', 'analyst')).toMatchObject({ outcome: 'applied' });
    expect(await codeOf(decide(rita, item(dana), 'keep'))).toBe('IDENTITY_REVIEW_DECIDED');

    given.clock.advance(2 * DAY_MS);
    expect(await reviews.tellOverdue(tenant)).toBe(1);
    expect(await reviews.tellOverdue(tenant)).toBe(0);
    // Rita's own items need another reviewer: a review that nobody could complete says so by staying open.
    const own = created.items.filter(({ people }) => people.includes(rita));
    for (const one of created.items) if (!own.includes(one)) await decide(rita, one, 'keep');
    expect((await reviews.show(tenant, created.id)) as object).toMatchObject({ completedAt: null, total: created.items.length });
    await given.database.admin('update identity_reviews set reviewers = reviewers || $2::text where id = $1', [created.id, dana]);
    for (const one of own) expect(await decide(dana, one, 'keep')).toMatchObject({ decision: 'keep' });
    const done = await reviews.show(tenant, created.id as ReviewId);
    if (isRefusal(done)) throw new Error(done.code);
    expect(done).toMatchObject({ removed: 1, changed: 1, kept: created.items.length - 2, recordDigest: decisionsDigest(done) });
    expect((await events(tenant, 'identity.review.completed')).map((row) => row.public)).toMatchObject([
      { digest: decisionsDigest(done), onTime: false, removed: 1 },
    ]);
    expect(await codeOf(decide(dana, item(dana), 'keep'))).toBe('IDENTITY_REVIEW_CLOSED');
  });

  test('shows what a grant conflicts with over everything its holder has, through groups too', async () => {
    const tenant = await identity.createTenant({ name: newName() });
    const dana = await person(tenant, ['approver']);
    const grant = { role: 'operator', scope: {}, condition: null, expiresAt: null, reason: null, via: 'direct', grantedBy: actor };
    await given.database.db.inTenant(tenant, (tx) =>
      insertGrant(tx, tenant, {
        ...grant,
        id: newId('grt', given.clock, nodeRandom),
        subject: dana,
        createdAt: new Date(given.clock.now()),
      }),
    );
    const created = await reviews.create({
      tenant,
      actor,
      name: 'Duties',
      scope: { people: true, workloads: false, role: 'operator' },
      reviewers: [dana],
      dueAtMs: given.clock.now() + DAY_MS,
    });
    if (isRefusal(created)) throw new Error(created.code);
    expect(created.items.map(({ shown }) => shown.conflicts)).toEqual([expect.arrayContaining([['workflows.run', 'approvals.decide']])]);
  });
});
