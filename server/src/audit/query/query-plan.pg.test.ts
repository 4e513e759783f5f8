// How Postgres answers questions to a log of 100,000 events: by its indexes, never by going through the log.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TenantId } from '#core';
import { query, sql } from '#storage';
import { blockStatement } from '../store/search-blocks.ts';
import { leafStatements } from '../store/search-leaves.ts';
import { openSearchLab, type SearchLab } from '../test/search-lab.ts';
import { BLOCK, bitsOf, INDEX_VERSION } from './query-block.ts';
import { wordToken } from './query-filter.ts';

const EVENTS = 100_000;

let place: SearchLab;
let tenant: TenantId;
beforeAll(async () => {
  place = await openSearchLab();
  const { lab } = place;
  tenant = lab.newTenant();
  // Other tenants' events lie between: a plan that reads the table would read them too.
  const other = lab.newTenant();
  await lab.database.admin(
    `insert into audit_log (tenant, seq, event_id, type, occurred_at, subject, leaf, leaf_hash)
      select owner, seq, 'evt_' || seq, 'enforcement.call.completed', timestamptz '2026-11-01' + seq * interval '1 second', 'call_' || seq / 2,
        json_build_object('actor', 'act_' || seq % 50, 'at', '2026-11-01T00:00:00.000Z', 'commit', null, 'id', 'evt_' || seq,
          'public', json_build_object('run', 'run_' || seq / 8, 'status', 200), 'seq', seq, 'subject', 'call_' || seq / 2,
          'tenant', owner, 'type', 'enforcement.call.completed', 'v', 1)::text, decode(repeat('00', 32), 'hex')
      from generate_series(0, $3::int - 1) seq, unnest(array[$1, $2]) owner where owner = $1 or seq < $3 / 4`,
    [tenant, other, EVENTS],
  );
  await lab.database.admin(`insert into audit_tree (tenant, size, frontier) values ($1, $2, '')`, [tenant, 8 * BLOCK]);
  await place.indexer.runOnce();
  await lab.database.admin('analyze audit_log, audit_search');
});
afterAll(() => place.lab.close());

const nodesOf = (plan: Record<string, unknown>): Record<string, unknown>[] => [
  plan,
  ...((plan.Plans as Record<string, unknown>[] | undefined) ?? []).flatMap(nodesOf),
];

describe('a question to 100,000 events', () => {
  const block = { version: INDEX_VERSION, below: 100, limit: 64, fromMs: null, toMs: null, typePrefix: null, types: null, bits: [] };
  const statements = {
    'for the newest page': () => leafStatements.below(tenant, { from: 0, below: EVENTS, limit: 50 }),
    'for a page further down': () => leafStatements.below(tenant, { from: 0, below: EVENTS / 2, limit: 50 }),
    'for places the index found': () =>
      leafStatements.at(
        tenant,
        Array.from({ length: 200 }, (_, nth) => nth * 400),
      ),
    'about one subject': () => leafStatements.about(tenant, { subject: 'call_4711', below: EVENTS, limit: 50 }),
    'to the index': () => blockStatement(tenant, { ...block, typePrefix: 'enforcement.', bits: bitsOf(wordToken('zebra')) }),
    'to the index for a time': () => blockStatement(tenant, { ...block, fromMs: Date.parse('2026-11-01'), toMs: Date.parse('2026-11-02') }),
  };

  it.each(Object.entries(statements))('%s goes by an index of the log, or leaves the log alone', async (name, statement) => {
    const { rows } = await place.lab.database.db.inTenant(tenant, (tx) =>
      sql<{ 'QUERY PLAN': { Plan: Record<string, unknown> }[] }>`explain (format json) ${statement()}`.execute(query(tx)),
    );
    const nodes = nodesOf(rows[0]?.['QUERY PLAN'][0]?.Plan ?? {});
    const tables = nodes.flatMap((node) => (typeof node['Relation Name'] === 'string' ? [node['Relation Name']] : []));
    if (name.startsWith('to the index')) {
      // Eight rows here: how they are read says nothing. That nothing else is read does.
      expect(new Set(tables)).toEqual(new Set(['audit_search']));
      return;
    }
    expect(nodes.map((node) => node['Node Type'])).not.toContain('Seq Scan');
    expect(nodes.some((node) => String(node['Index Name']).startsWith('audit_log_'))).toBe(true);
  });
});
