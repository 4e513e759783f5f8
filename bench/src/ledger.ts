// What the ledger costs: acknowledged events a second beside plain inserts of the same rows on the same Postgres, the time until an event is
// under a signature with one busy tenant and with 500 quiet ones, the size of a proof, and the offline check of a large pack.

import type { TenantId } from '../../server/src/core/index.ts';
import type { BenchOptions } from './gateway.ts';
import { type LedgerStage, openLedgerStage } from './ledger-stage.ts';
import { checkLargePack } from './ledger-verify.ts';
import { describeMachine, nodeVersion } from './machine.ts';
import { atLeast, atMost, type BenchReport, figure, median, ratio } from './report.ts';

const CALLERS = 16;
/** Events a caller has under way when it writes in batches. */
const UNDER_WAY = 64;
const PEER_BATCH = 128;
const TRICKLING_TENANTS = 500;
const TRICKLE_PER_SECOND = 1_000;
const WHOLE_EVENTS = 1_000_000;
const SHORT_EVENTS = 50_000;

/** Acknowledged events a second, and how long each waited. */
interface Load {
  readonly rate: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

function summary(waits: number[], ms: number): Load {
  waits.sort((one, two) => one - two);
  const at = (share: number): number => waits[Math.min(waits.length - 1, Math.floor(waits.length * share))] ?? Number.NaN;
  return { rate: (waits.length / ms) * 1_000, p50Ms: at(0.5), p99Ms: at(0.99) };
}

/** Runs `callers` at once for the time; each asks for `once` again as soon as it is done. `once` answers how many events it wrote. */
async function drive(callers: number, seconds: number, once: (caller: number) => Promise<number>): Promise<Load> {
  const from = performance.now();
  const until = from + seconds * 1_000;
  const waits: number[] = [];
  const caller = async (nth: number): Promise<void> => {
    while (performance.now() < until) {
      const asked = performance.now();
      const events = await once(nth);
      const wait = performance.now() - asked;
      for (let event = 0; event < events; event += 1) waits.push(wait);
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, nth) => caller(nth)));
  return summary(waits, performance.now() - from);
}

const COLUMNS = 'tenant, event_id, type, occurred_at, actor, subject, public';
const ONE_ROW = { name: 'one', text: `insert into plain_events (${COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7)` };
const MANY_ROWS = {
  name: 'many',
  text: `insert into plain_events (${COLUMNS}) select tenant, id, type, at, actor, subject, public::json from json_to_recordset($1::json)
    as event(tenant text, id text, type text, at timestamptz, actor text, subject text, public text)`,
};

type Subject = (seconds: number) => Promise<Load>;

async function subjectsOf(
  stage: LedgerStage,
  tenants: readonly TenantId[],
): Promise<{ subjects: Record<string, Subject>; close(): Promise<void> }> {
  const clients = await Promise.all(Array.from({ length: CALLERS }, () => stage.connect()));
  const eventOf = (caller: number) => stage.newEvent(tenants[caller % tenants.length] as TenantId);
  const rowOf = (caller: number) => {
    const { tenant, id, type, occurredAtMs, actor, subject, public: facts } = eventOf(caller);
    return { tenant, id, type, at: new Date(occurredAtMs).toISOString(), actor, subject, public: JSON.stringify(facts) };
  };
  return {
    subjects: {
      'ours, single': (seconds) =>
        drive(CALLERS, seconds, async (caller) => {
          await stage.writer.append(eventOf(caller));
          return 1;
        }),
      'plain, single': (seconds) =>
        drive(CALLERS, seconds, async (caller) => {
          await clients[caller]?.query({ ...ONE_ROW, values: Object.values(rowOf(caller)) });
          return 1;
        }),
      'ours, batched': (seconds) =>
        drive(CALLERS, seconds, async (caller) => {
          await Promise.all(Array.from({ length: UNDER_WAY }, () => stage.writer.append(eventOf(caller))));
          return UNDER_WAY;
        }),
      // Two connections, as our writer has: more only make smaller commits.
      'plain, batched': (seconds) =>
        drive(2, seconds, async (caller) => {
          const rows = Array.from({ length: PEER_BATCH }, () => rowOf(caller));
          await clients[caller]?.query({ ...MANY_ROWS, values: [JSON.stringify(rows)] });
          return PEER_BATCH;
        }),
    },
    close: async () => {
      await Promise.all(clients.map((client) => client.end()));
    },
  };
}

/** Waits until everything written is under a signature, or gives up. */
async function drained(stage: LedgerStage): Promise<void> {
  const until = performance.now() + 120_000;
  for (;;) {
    const [row] = await stage.admin<{ open: boolean }>(
      `select exists (select from event_inbox) or
        (select size from audit_global) > (select coalesce(max(size), 0) from audit_checkpoint) as open`,
    );
    if (row?.open === false) return;
    if (performance.now() > until) throw new Error(`the ledger did not come to rest: ${stage.faults.join(', ')}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** From the writing of each event since `from` to the signature over it. */
async function sealedWithin(stage: LedgerStage, from: Date): Promise<{ p50: number; p99: number; count: number }> {
  const [row] = await stage.admin<{ p50: number; p99: number; count: string }>(
    `select percentile_cont(0.5) within group (order by ms) as p50, percentile_cont(0.99) within group (order by ms) as p99, count(*)
     from (
       select extract(epoch from signed.signed_at - log.occurred_at)::float8 * 1000 as ms from audit_log log
       join lateral (select global_idx from audit_head head where head.tenant = log.tenant and head.epoch = 1 and head.size > log.seq
         order by head.size limit 1) head on true
       join lateral (select signed_at from audit_checkpoint checkpoint where checkpoint.epoch = 1 and checkpoint.size > head.global_idx
         order by checkpoint.size limit 1) signed on true
       where log.occurred_at >= $1) waits`,
    [from],
  );
  return { p50: row?.p50 ?? Number.NaN, p99: row?.p99 ?? Number.NaN, count: Number(row?.count ?? 0) };
}

/** The same rate of events over these tenants in turn, whatever the ledger does meanwhile. */
async function trickle(stage: LedgerStage, tenants: readonly TenantId[], seconds: number) {
  await Promise.all(tenants.map((tenant) => stage.writer.append(stage.newEvent(tenant))));
  await drained(stage);
  const from = new Date();
  const start = performance.now();
  const cpuFrom = process.cpuUsage();
  const waiting: Promise<void>[] = [];
  for (let written = 0; performance.now() - start < seconds * 1_000; ) {
    const due = ((performance.now() - start) / 1_000) * TRICKLE_PER_SECOND;
    for (; written < due; written += 1) waiting.push(stage.writer.append(stage.newEvent(tenants[written % tenants.length] as TenantId)));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await Promise.all(waiting);
  const ms = performance.now() - start;
  const cpu = process.cpuUsage(cpuFrom);
  await drained(stage);
  const sealed = await sealedWithin(stage, from);
  return { ...sealed, rate: (waiting.length / ms) * 1_000, cpuUs: (cpu.user + cpu.system) / waiting.length };
}

export async function benchLedger({ rounds, seconds, progress }: BenchOptions): Promise<BenchReport> {
  const stage = await openLedgerStage();
  try {
    const [{ server_version: postgres } = { server_version: 'unknown' }] = await stage.admin<{ server_version: string }>(
      'show server_version',
    );
    stage.sequencer.start();
    const tenants = Array.from({ length: 4 }, () => stage.newTenant());
    const loads: Record<string, Load[]> = {};
    const sealing: { p50: number; p99: number }[] = [];
    const { subjects, close } = await subjectsOf(stage, tenants);
    const names = Object.keys(subjects);
    for (const name of names) await (subjects[name] as Subject)(1);
    for (let nth = 0; nth < rounds; nth += 1) {
      for (let turn = 0; turn < names.length; turn += 1) {
        // The order rotates, so that none is always first. Each begins at rest.
        const name = names[(turn + nth) % names.length] as string;
        await drained(stage);
        const from = new Date();
        const load = await (subjects[name] as Subject)(seconds);
        loads[name] = [...(loads[name] ?? []), load];
        progress(`round ${nth + 1} ${name}: ${Math.round(load.rate)}/s, p50 ${load.p50Ms.toFixed(1)} ms, p99 ${load.p99Ms.toFixed(1)} ms`);
        if (name !== 'ours, single') continue;
        await drained(stage);
        sealing.push(await sealedWithin(stage, from));
        progress(`round ${nth + 1} sealed within ${Math.round(sealing.at(-1)?.p99 ?? 0)} ms (p99)`);
      }
    }
    await close();
    const many = Array.from({ length: TRICKLING_TENANTS }, () => stage.newTenant());
    const quiet = { one: [] as Awaited<ReturnType<typeof trickle>>[], many: [] as Awaited<ReturnType<typeof trickle>>[] };
    for (let nth = 0; nth < rounds; nth += 1) {
      quiet.one.push(await trickle(stage, many.slice(0, 1), seconds));
      quiet.many.push(await trickle(stage, many, seconds));
      progress(
        `round ${nth + 1} ${TRICKLE_PER_SECOND}/s: sealed p99 ${Math.round(quiet.one.at(-1)?.p99 ?? 0)} ms by one tenant, ` +
          `${Math.round(quiet.many.at(-1)?.p99 ?? 0)} ms by ${TRICKLING_TENANTS}`,
      );
    }
    const isWhole = seconds >= 3;
    const large = await checkLargePack(stage, isWhole ? WHOLE_EVENTS : SHORT_EVENTS, progress);
    const of = (name: string, field: keyof Load): number | null => median((loads[name] ?? []).map((load) => load[field]));
    const calm = (which: 'one' | 'many', field: 'p99' | 'rate' | 'cpuUs'): number | null => median(quiet[which].map((run) => run[field]));
    const inFull = <Gate>(gate: Gate): Gate | null => (isWhole ? gate : null);
    return {
      name: 'ledger',
      machine: describeMachine(),
      versions: { node: nodeVersion(), postgres },
      rounds,
      results: [
        figure(`events acknowledged one by one, ${CALLERS} callers`, of('ours, single', 'rate'), '/s', atLeast(3_000)),
        figure('  of plain inserts', ratio(of('ours, single', 'rate'), of('plain, single', 'rate')), 'x'),
        figure('  acknowledged, p50', of('ours, single', 'p50Ms'), 'ms'),
        figure('  acknowledged, p99', of('ours, single', 'p99Ms'), 'ms', atMost(25)),
        figure('  under a signature, p99', median(sealing.map(({ p99 }) => p99)), 'ms', atMost(1_000)),
        figure('events acknowledged in batches', of('ours, batched', 'rate'), '/s', atLeast(10_000)),
        figure('  of plain inserts in batches', ratio(of('ours, batched', 'rate'), of('plain, batched', 'rate')), 'x'),
        figure(`under a signature, p99, ${TRICKLE_PER_SECOND}/s of one tenant`, calm('one', 'p99'), 'ms', atMost(1_000)),
        figure(`under a signature, p99, ${TRICKLE_PER_SECOND}/s of ${TRICKLING_TENANTS} tenants`, calm('many', 'p99'), 'ms', atMost(1_000)),
        figure('  CPU of the process an event, over one tenant', ratio(calm('many', 'cpuUs'), calm('one', 'cpuUs')), 'x'),
        figure('sealing what waits', large.sealedPerSecond, '/s'),
        figure(`proof of an event among ${large.events}, p99`, large.proofBytes, 'bytes', atMost(4_096)),
        figure('  made in, p50', large.proofMs, 'ms'),
        figure(`pack of ${large.events} events written in`, large.exportSeconds, 's'),
        figure('  checked offline in', large.verifySeconds, 's', inFull(atMost(10))),
        figure('  checked with at most', large.verifyMb, 'MB', inFull(atMost(300))),
      ],
      notes: [
        'Postgres is durable (fsync) and shared by all; callers, writer and sequencer are one process, as in a server',
        'the sequencer moves and signs while events are written; plain inserts have nothing beside them',
        ...(isWhole ? [] : [`${SHORT_EVENTS} events in the pack, so its gates were not asked; with --seconds 3 there are ${WHOLE_EVENTS}`]),
        ...(stage.faults.length === 0 ? [] : [`faults of the sequencer: ${[...new Set(stage.faults)].join(', ')}`]),
      ],
    };
  } finally {
    await stage.close();
  }
}
