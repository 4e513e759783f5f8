// What a question to the log costs: pages and counts over 300,000 sealed events of one shop, and what the index takes beside the log.

import { createActorLinks, createLedgerSearch, createSearchIndexer, type EventQuestion } from '../../server/src/audit/index.ts';
import type { TenantId } from '../../server/src/core/index.ts';
import type { BenchOptions } from './gateway.ts';
import { openLedgerStage } from './ledger-stage.ts';
import { describeMachine, nodeVersion } from './machine.ts';
import { atMost, type BenchReport, figure, median, type Result } from './report.ts';

const EVENTS = 300_000;
const PAGE = 50;

/** Calls of a shop with 17 programs, an intent and an outcome each; every 40th refused, and 60 keys made by a person. */
const FILL = `insert into audit_log (tenant, seq, event_id, type, occurred_at, subject, leaf, leaf_hash)
select $1::text, seq, 'evt_' || seq, told.type, told.at, told.subject, json_build_object('actor', told.actor, 'at', to_char(told.at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
  'commit', null, 'id', 'evt_' || seq, 'public', told.facts, 'seq', seq, 'subject', told.subject, 'tenant', $1::text, 'type', told.type, 'v', 1)::text,
  decode(repeat('00', 32), 'hex')
from generate_series(0, $2::int - 1) seq, lateral (select seq / 2 as call) c, lateral (select
  case when seq % 5000 = 77 then 'identity.key.created' when seq % 2 = 0 then 'enforcement.call.intended'
    when call % 40 = 3 then 'enforcement.call.refused' else 'enforcement.call.completed' end as type,
  case when seq % 5000 = 77 then 'act_boss' else 'act_' || call % 17 end as actor,
  timestamptz '2026-11-01T00:00:00Z' + seq * interval '4 seconds' as at, 'call_' || md5(call::text) as subject,
  json_build_object('integration', case when call % 3 = 0 then 'openai' else 'shop' end, 'tier', 'bound', 'run', 'run_' || md5((call / 4)::text),
    'workload', 'wkl_' || call % 17, 'code', case when call % 40 = 3 then 'POLICY_NO_RULE' end, 'effect', case when call % 50 = 0 then 'money' else 'read' end,
    'digest', md5(seq::text) || md5(call::text), 'policies', json_build_array('permit-own')) as facts) told`;

const hash = (nth: number): string => `md5(${nth}::text)`;

export async function benchSearch(options: BenchOptions): Promise<BenchReport> {
  const machine = await describeMachine();
  const stage = await openLedgerStage();
  try {
    const tenant = stage.newTenant();
    options.progress(`writing ${EVENTS} events`);
    await stage.admin(FILL, [tenant, EVENTS]);
    await stage.admin(`insert into audit_tree (tenant, size, frontier) values ($1, $2, '')`, [tenant, EVENTS]);
    const clock = { now: () => performance.now() };
    const onFault = (fault: unknown): never => {
      throw fault;
    };
    options.progress('making the index');
    const beganAt = performance.now();
    const blocks = await createSearchIndexer({ db: stage.db, clock, onFault }).runOnce();
    const indexMs = performance.now() - beganAt;
    await stage.admin('vacuum analyze audit_log, audit_search');
    const [run] = await stage.admin<{ run: string; call: string }>(
      `select 'run_' || ${hash(30_000)} as run, 'call_' || ${hash(77)} as call`,
    );
    const [size] = await stage.admin<{ index: string; log: string }>(
      `select pg_total_relation_size('audit_search') as index, pg_total_relation_size('audit_log') as log`,
    );
    const links = createActorLinks(stage.actors);
    const search = createLedgerSearch({ db: stage.db, links, privileged: new Set(['identity.key.created']) });
    const questions: Readonly<Record<string, Partial<EventQuestion>>> = {
      'the newest page': {},
      'one subject': { subject: run?.call ?? '' },
      'one run': { run: run?.run ?? '' },
      'one code': { decision: ['POLICY_NO_RULE'] },
      'one person': { actor: 'act_boss' },
      'acts of privilege': { privileged: true },
      'an hour of a fortnight': { fromMs: Date.parse('2026-11-05T10:00:00Z'), toMs: Date.parse('2026-11-05T11:00:00Z') },
      'words of an old event': { text: run?.call ?? '' },
      'words nobody wrote': { text: 'zebra' },
    };
    const results: Result[] = [];
    for (const [name, question] of Object.entries(questions)) {
      options.progress(name);
      const ms = await timed(options.rounds * 5, () => search.page(tenant as TenantId, question, { before: null, limit: PAGE }));
      results.push(figure(`page: ${name}`, ms, 'ms', atMost(50)));
    }
    const countMs = await timed(options.rounds, () => search.count(tenant, {}));
    return {
      name: 'search',
      machine,
      versions: { node: nodeVersion() },
      rounds: options.rounds,
      results: [
        ...results,
        figure('facets of every event', countMs, 'ms', atMost(500)),
        figure('making the index', (indexMs * 1_000) / (blocks * 1_024), 'us/event'),
        figure('index beside the log', (Number(size?.index) / Number(size?.log)) * 100, '%', atMost(5)),
      ],
      notes: [`${EVENTS} events in ${blocks} blocks; ${PAGE} events a page; one question after the other`],
    };
  } finally {
    await stage.close();
  }
}

async function timed(rounds: number, once: () => Promise<unknown>): Promise<number | null> {
  const took: number[] = [];
  for (let nth = 0; nth < rounds; nth++) {
    const from = performance.now();
    await once();
    took.push(performance.now() - from);
  }
  return median(took);
}
