// Questions to a ledger on a real Postgres: every filter, pages that never shift, walls between tenants, and the index that only finds.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRefusal, type Refusal, type TenantId } from '#core';
import { openSearchLab, type SearchLab, type Told } from '../test/search-lab.ts';
import { createLedgerSearch, type LedgerSearch } from './query.ts';
import { BLOCK } from './query-block.ts';
import { cursorAt, readCursor } from './query-cursor.ts';
import { ANY_EVENT } from './query-filter.ts';
import { createSearchIndexer } from './query-index.ts';

const DAY = Date.parse('2026-11-03T00:00:00Z');
const SPREAD = 2 * BLOCK + 300;

let place: SearchLab;

beforeAll(async () => {
  place = await openSearchLab(['identity.key.created']);
});
afterAll(() => place.lab.close());

const REFUSED = 'enforcement.call.refused';
const FINISHED = 'workflows.run.finished';

/** The nth of many events of many kinds. */
function nthEvent(nth: number): Told {
  const run = `run_${String(nth % 40).padStart(4, '0')}`;
  const atMs = DAY + nth * 1_000;
  if (nth % 7 === 0) return { type: REFUSED, atMs, public: { code: nth % 2 === 0 ? 'POLICY_NO_RULE' : 'ENDORSEMENT_REQUIRED', run } };
  if (nth % 211 === 3)
    return { type: 'identity.key.created', atMs, actor: 'person:per_boss', subject: `key:k${nth}`, public: { expires: 'soon' } };
  if (nth % 5 === 0) {
    const integration = nth % 10 === 0 ? 'shop' : 'mail';
    return { type: 'enforcement.call.intended', atMs, public: { integration, tokenised: nth % 15 === 0 ? {} : { EMAIL: 2 }, run } };
  }
  const facts = { workflow: nth % 3 === 0 ? 'refunds' : 'replies', state: nth % 4 === 0 ? 'done' : 'stopped', note: `Ticket-${nth}` };
  return { type: FINISHED, atMs, public: facts };
}

const allOf = async (tenant: TenantId, question: Parameters<LedgerSearch['page']>[1], limit = 200): Promise<number[]> => {
  const seqs: number[] = [];
  for (let before: number | null = null; ; ) {
    const page = await place.search.page(tenant, question, { before, limit });
    seqs.push(...page.events.map(({ seq }) => seq));
    if (page.next === null) return seqs;
    before = page.next;
  }
};

describe('a question', () => {
  let tenant: TenantId;
  beforeAll(async () => {
    tenant = place.lab.newTenant();
    await place.tell(
      tenant,
      Array.from({ length: SPREAD }, (_, nth) => nthEvent(nth)),
    );
  });

  const questions = {
    everything: {},
    'a type': { type: 'identity.key.created' },
    'how a type begins': { type: 'enforcement.call.' },
    'a type nobody wrote': { type: 'nothing.' },
    'who did it': { actor: 'person:per_boss' },
    'what it is about': { subject: 'key:k425' },
    'an integration it names': { resource: 'shop' },
    'an object it names': { resource: 'Ticket-1236' },
    'a workflow': { workflow: 'refunds' },
    'a run': { run: 'run_0007' },
    'a decision': { decision: ['deny'] },
    'a code': { decision: ['ENDORSEMENT_REQUIRED'] },
    'a decision or a code': { decision: ['fault', 'POLICY_NO_RULE'] },
    'acts of privilege': { privileged: true },
    'events without replaced values': { tokenised: false, type: 'enforcement.call.intended' },
    'replaced values': { tokenised: true },
    'a fact': { facts: { state: 'stopped' } },
    'a fact without a column': { facts: { expires: 'soon' } },
    words: { text: 'TICKET 1236' },
    'words nobody wrote': { text: 'ticket zebra' },
    'a time': { fromMs: DAY + 100_000, toMs: DAY + 200_000 },
    'all at once': {
      type: 'workflows.',
      workflow: 'refunds',
      decision: ['fault'],
      text: 'ticket',
      fromMs: DAY + 50_000,
      toMs: DAY + 1_900_000,
    },
  } as const;

  it.each(Object.entries(questions))('finds the same with the index and without: %s', async (_name, question) => {
    await place.lab.database.admin('delete from audit_search');
    const plain = await allOf(tenant, question);
    const counted = await place.search.count(tenant, question);
    expect(await place.indexer.runOnce()).toBe(2);
    expect(await allOf(tenant, question)).toEqual(plain);
    expect(await place.search.count(tenant, question)).toEqual({ ...counted, scanned: expect.any(Number) });
    expect(counted.total).toBe(plain.length);
    expect(plain).toEqual([...plain].sort((one, two) => two - one));
    expect(new Set(plain).size).toBe(plain.length);
    if (!_name.includes('nobody')) expect(plain.length).toBeGreaterThan(0);
  });
});

describe('pages', () => {
  it('neither shift nor repeat while events are appended, and go on after a restart and a lost index', async () => {
    const { lab, tell, search, indexer } = place;
    const tenant = lab.newTenant();
    const write = (from: number, count: number) =>
      tell(
        tenant,
        Array.from({ length: count }, (_, nth) => ({ type: FINISHED, atMs: DAY + from + nth, public: { state: 'done', n: from + nth } })),
      );
    await write(0, 900);
    const expected = Array.from({ length: 900 }, (_, nth) => 899 - nth);
    const question = { type: 'workflows.', facts: { state: 'done' } };
    const seqs: number[] = [];
    let reader = search;
    let cursor: string | null = null;
    for (let nth = 0; ; nth++) {
      const before: number | Refusal | null = cursor === null ? null : readCursor({ ...ANY_EVENT, ...question }, cursor);
      expect(isRefusal(before)).toBe(false);
      // Written while the page is read: one of them is sealed before it, one after.
      const [page] = await Promise.all([
        reader.page(tenant, question, { before: before as number | null, limit: 70 }),
        write(10_000 + nth * 20, 20),
      ]);
      seqs.push(...page.events.map(({ seq }) => seq));
      if (nth === 3) await indexer.runOnce();
      if (nth === 6) await lab.database.admin('delete from audit_search');
      if (nth === 8) reader = createLedgerSearch({ db: lab.database.db, links: lab.links, privileged: new Set() });
      if (page.next === null) break;
      cursor = cursorAt({ ...ANY_EVENT, ...question }, page.next);
    }
    const newest = seqs.filter((seq) => seq >= 900);
    expect(newest.length).toBeLessThanOrEqual(20);
    expect(seqs.slice(newest.length)).toEqual(expected);
  });

  it('of one question are no places of another one, and a made-up place is refused', () => {
    const question = { ...ANY_EVENT, type: 'approvals.' };
    const cursor = cursorAt(question, 4_711);
    expect(readCursor(question, cursor)).toBe(4_711);
    expect(readCursor({ ...question, facts: {} }, cursor)).toBe(4_711);
    for (const [asked, text] of [
      [{ ...question, type: 'identity.' }, cursor],
      [question, cursor.replace('c1', 'c2')],
      [question, `${cursor}0`],
      [question, '4711'],
      [question, ''],
    ] as const)
      expect([text, (readCursor(asked, text) as Refusal).code]).toEqual([text, 'AUDIT_CURSOR_INVALID']);
  });
});

describe('two tenants', () => {
  it('never see an event of each other, with the same facts and in every way of asking', async () => {
    const { lab, tell, search, indexer } = place;
    const [one, two] = [lab.newTenant(), lab.newTenant()];
    const events = (count: number) =>
      Array.from({ length: count }, (_, nth) => ({
        type: REFUSED,
        atMs: DAY + nth,
        actor: 'wkl_shared',
        subject: 'call_shared',
        public: { code: 'POLICY_NO_RULE', run: 'run_shared', integration: 'shop' },
      }));
    await tell(one, events(BLOCK + 5));
    await tell(two, events(3));
    await indexer.runOnce();
    const ways = [
      {},
      { actor: 'wkl_shared' },
      { subject: 'call_shared' },
      { run: 'run_shared' },
      { resource: 'shop' },
      { text: 'shop' },
      { decision: ['deny'] },
    ];
    for (const question of ways) {
      const page = await search.page(two, question, { before: null, limit: 500 });
      expect([question, page.events.length]).toEqual([question, 3]);
      expect(page.events.every(({ entry }) => entry.tenant === two)).toBe(true);
      expect((await search.count(two, question)).total).toBe(3);
      expect((await search.count(one, question)).total).toBe(BLOCK + 5);
    }
  });
});

describe('a filter', () => {
  let tenant: TenantId;
  beforeAll(async () => {
    tenant = place.lab.newTenant();
    await place.tell(
      tenant,
      Array.from({ length: BLOCK }, () => ({ type: REFUSED, atMs: DAY, public: { code: 'POLICY_NO_RULE' } })),
    );
    await place.indexer.runOnce();
  });

  it.each(["'; drop table audit_log; --", '%', '_', '\\', '" or "1"="1', '{"a":1}', '$1', 'c:code=POLICY_NO_RULE', '\ud800'])(
    'with %j in it is a text and nothing else',
    async (text) => {
      const { search } = place;
      for (const name of ['type', 'actor', 'resource', 'workflow', 'run'] as const)
        expect((await search.count(tenant, { [name]: text })).total).toBe(0);
      expect((await search.count(tenant, { facts: { code: text } })).total).toBe(0);
      expect((await search.count(tenant, { decision: [text] })).total).toBe(0);
      expect((await search.count(tenant, {})).total).toBe(BLOCK);
    },
  );
});

describe('the index', () => {
  it('is gone over where a block of it is missing or of another version: nothing is left out', async () => {
    const { lab, tell, search, indexer } = place;
    const tenant = lab.newTenant();
    await tell(
      tenant,
      Array.from({ length: 3 * BLOCK }, (_, nth) => ({ type: FINISHED, atMs: DAY + nth, public: { state: 'done' } })),
    );
    expect(await indexer.runOnce()).toBeGreaterThanOrEqual(3);
    await lab.database.admin('delete from audit_search where tenant = $1 and block = 1', [tenant]);
    expect((await search.count(tenant, { facts: { state: 'done' } })).total).toBe(3 * BLOCK);
    await lab.database.admin('update audit_search set version = 0 where tenant = $1', [tenant]);
    expect((await search.count(tenant, { facts: { state: 'done' } })).total).toBe(3 * BLOCK);
  });

  it('that was changed to hide events is found out and made again, however it was changed', async () => {
    const tenant = place.lab.newTenant();
    await place.tell(
      tenant,
      Array.from({ length: BLOCK + 5 }, (_, nth) => nthEvent(nth)),
    );
    const faults: unknown[] = [];
    const indexer = createSearchIndexer({ db: place.lab.database.db, clock: { now: () => 0 }, onFault: (fault) => faults.push(fault) });
    while ((await indexer.runOnce()) > 0);
    const everything = async (): Promise<void> => {
      while (await indexer.recheckOne());
    };
    await everything();
    expect(faults).toEqual([]);
    const hidden = async (): Promise<boolean> => {
      const [page, visited] = [await allOf(tenant, { type: REFUSED }), await place.search.count(tenant, { type: REFUSED })];
      return page.length < 147 || visited.total < 147;
    };
    expect(await hidden()).toBe(false);
    const where = `where tenant = '${tenant}' and block = 0`;
    for (const change of [
      `update audit_search set filter = decode(repeat('00', 16384), 'hex') ${where}`,
      `update audit_search set types = '{}' ${where}`,
      `update audit_search set last_at = first_at - interval '1 day' ${where}`,
      `update audit_search set columns = (select columns from audit_search other where other.tenant <> '${tenant}' limit 1) ${where}`,
      `insert into audit_search select tenant, version, 77, first_at, last_at, types, filter, columns from audit_search ${where}`,
    ]) {
      faults.length = 0;
      await place.lab.database.admin(change);
      await everything();
      expect(faults, change).toMatchObject([{ code: 'AUDIT_INDEX_CHANGED' }]);
      expect(await hidden(), change).toBe(false);
      faults.length = 0;
      await everything();
      expect(faults).toEqual([]);
    }
  });

  it('of a log that was tampered with is not made, and holds up no other tenant', async () => {
    const { lab, tell, search } = place;
    const [bad, good] = [lab.newTenant(), lab.newTenant()].sort() as [TenantId, TenantId];
    const events = Array.from({ length: BLOCK }, (_, nth) => ({ type: FINISHED, atMs: DAY + nth, public: { state: 'done' } }));
    await tell(bad, events);
    await tell(good, events);
    await lab.database.admin(
      `begin; set local session_replication_role = replica; delete from audit_log where tenant = '${bad}' and seq = 7; commit`,
    );
    const faults: unknown[] = [];
    const clock = { now: () => 0 };
    const indexer = createSearchIndexer({ db: lab.database.db, clock, onFault: (fault) => faults.push((fault as { code: string }).code) });
    expect(await indexer.runOnce()).toBeGreaterThanOrEqual(1);
    expect(faults).toEqual(['AUDIT_LEDGER_INCONSISTENT']);
    const made = await lab.database.admin<{ tenant: string }>('select distinct tenant from audit_search where tenant = any($1)', [
      [bad, good],
    ]);
    expect(made.map(({ tenant }) => tenant)).toEqual([good]);
    expect((await search.count(bad, { facts: { state: 'done' } })).total).toBe(BLOCK - 1);
  });
});
