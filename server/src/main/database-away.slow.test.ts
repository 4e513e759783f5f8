// Postgres killed, stopped and cut off under a whole server with callers that do not stop asking: each call is refused or answered, and
// afterwards nothing is lost, done twice, or without its intent and its outcome.

import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { newRunId } from '@sallyport/demo';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type GuardedShop, openGuardedShop } from '../../../testkit/crash/guarded-shop.ts';

const CALLERS = 8;
/** How long Postgres does not answer. */
const AWAY_MS = 10_000;
/** Tried again for so long after it is back; a try may itself take as long as a lost connection. */
const TRIES = 400;
const TRY_AGAIN_MS = 100;

let world: GuardedShop;
let dataDir: string;

beforeAll(async () => {
  world = await openGuardedShop('embedded');
  dataDir = realpathSync(join(world.folder, 'data', 'postgres'));
}, 120_000);
afterAll(() => world?.close());

const postmaster = (): number => Number(readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n')[0]);

function processes(): readonly number[] {
  return readdirSync('/proc').flatMap((name) => {
    try {
      return /^\d+$/.test(name) && readlinkSync(`/proc/${name}/cwd`) === dataDir ? [Number(name)] : [];
    } catch {
      return []; // it has just ended
    }
  });
}

interface Done {
  readonly order: string;
  readonly customer: string;
  readonly codes: readonly string[];
  readonly last: Answer;
}

/** One refund, asked for again until it is answered for good. */
async function refund(order: string, customer: string): Promise<Done> {
  const run = newRunId(Date.now());
  const codes: string[] = [];
  for (let tries = 0; ; tries += 1) {
    // The statement of a call that reached its commit is used up: each try signs its own, for the same tool call of the same run.
    const binding = world.bind(customer, { run, toolCallId: 'refund' });
    const answer = await world.call('POST', `/connect/shop/orders/${order}/refunds`, { amount: '1.00' }, { binding });
    if (answer.status === 201 || tries === TRIES) return { order, customer, codes, last: answer };
    codes.push(`${answer.status} ${String(answer.body.code)}`);
    await pause(TRY_AGAIN_MS);
  }
}

/** Callers that refund one order after the other while `trouble` happens; each ends the refund it is at. */
async function underLoad(
  orders: Iterator<{ id: string; customer_id: string }>,
  trouble: (more: (count: number) => Promise<void>) => Promise<void>,
): Promise<readonly Done[]> {
  let isOver = false;
  const done: Done[] = [];
  const callers = Array.from({ length: CALLERS }, async () => {
    while (!isOver) {
      const next = orders.next();
      if (next.done === true) return;
      done.push(await refund(next.value.id, next.value.customer_id));
    }
  });
  const more = async (count: number): Promise<void> => {
    for (const wanted = done.length + count; done.length < wanted; ) await pause(10);
  };
  await trouble(more).finally(() => {
    isOver = true;
  });
  await Promise.all(callers);
  return done;
}

/** Far longer than the pause between two tries of what waits to be written. */
const SETTLED_WITHIN_MS = 30_000;
const EVENTS = `(select subject, type, public::jsonb as facts from event_inbox union all select subject, type, leaf::jsonb -> 'public' from audit_log)`;

describe.runIf(process.platform === 'linux')('Postgres away under load', () => {
  it('[PROMISE-1] [PROMISE-9] killed, stopped for ten seconds and cut off: refused or answered, nothing lost, doubled or unaudited', async () => {
    // One refund for each customer: their limits are not what is tried here.
    const byCustomer = new Map([...world.shop.state.orders.values()].map((order) => [order.customer_id, order] as const));
    const orders = byCustomer.values();
    const before = world.shop.ledger.size;

    const done = await underLoad(orders, async (more) => {
      await more(CALLERS);
      process.kill(postmaster(), 'SIGKILL');
      await more(CALLERS);
      const stopped = processes();
      for (const pid of stopped) process.kill(pid, 'SIGSTOP');
      await pause(AWAY_MS);
      for (const pid of stopped) process.kill(pid, 'SIGCONT');
      await more(CALLERS);
      await world.db.query('select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname is not null');
      await more(CALLERS);
    });
    await world.server.rooms.recovery.runOnce();

    const refusals = Map.groupBy(
      done.flatMap(({ codes }) => codes),
      (code) => code,
    );
    console.log(
      `${done.length} refunds; refused meanwhile: ${JSON.stringify([...refusals].map(([code, list]) => `${code} x${list.length}`))}`,
    );
    expect(done.length).toBeGreaterThan(CALLERS);
    expect(done.filter(({ last }) => last.status !== 201).map(({ codes, last }) => [last.status, last.body, codes.slice(0, 5)])).toEqual(
      [],
    );
    // A refusal is one of ours, with a code; nothing else reaches a caller.
    expect([...refusals.keys()].filter((code) => !/^(403|409|429|500|502|503|504) [A-Z]+_[A-Z_]+$/.test(code))).toEqual([]);

    const refunds = Map.groupBy(
      world.shop.ledger.after(before).filter(({ kind }) => kind === 'refund'),
      ({ object }) => object,
    );
    expect(
      done.filter(({ order }) => refunds.get(order)?.length !== 1).map(({ order }) => [order, refunds.get(order)?.length ?? 0]),
    ).toEqual([]);
    expect(refunds.size).toBe(done.length);

    // What could not be written when it was known is written a moment after the database is back.
    const open = async () => {
      const { rows } = await world.db.query<{ subject: string; intents: number; endings: number }>(
        `select subject, count(*) filter (where type = 'enforcement.call.intended')::int as intents,
          count(*) filter (where type like 'enforcement.call.%' and type <> 'enforcement.call.intended')::int as endings
         from ${EVENTS} e where type like 'enforcement.call.%' group by 1`,
      );
      return rows.filter(({ intents, endings }) => intents > 0 && (intents !== 1 || endings !== 1));
    };
    await expect.poll(open, { timeout: SETTLED_WITHIN_MS, interval: 100 }).toEqual([]);
    const { rows: effects } = await world.db.query(`select state, count(*)::int as n from effects group by 1`);
    expect(effects).toEqual([{ state: 'done', n: done.length }]);
    // One server, and it is the one that the supervisor knows.
    const heads = processes().filter(
      (pid) => !processes().includes(Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])),
    );
    expect(heads).toEqual([postmaster()]);
  });
});
