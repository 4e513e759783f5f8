// Questions to a ledger on a real Postgres: every filter, pages that never shift, walls between tenants, and the index that only finds.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TenantId } from '#core';
import type { LedgerSearch } from './query.ts';
import { BLOCK } from './query-block.ts';
import { openSearchLab, type SearchLab, type Told } from './test/search-lab.ts';

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
