// kill -9 of the receiver while a shop delivers: the shop tries again as shops do, and each ticket has one run, one refund, one reply.

import { seededRandom } from '@sallyport/testkit';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { ask } from '../../../testkit/ask.ts';
import { createServerDatabase } from '../../../testkit/crash/server-database.ts';
import { type ServerSettings, startOn } from '../../../testkit/crash/start-on.ts';
import { ownerOf, startWorkflowChild, type WorkflowChild } from '../../../testkit/crash/workflow-child.ts';
import { type TemporaryFolder, temporaryFolder } from '../../../testkit/temporary-folder.ts';
import { type DemoUpstreams, installDemo, openDemoUpstreams, waitForRun } from '../../../testkit/workflow-world/index.ts';

/** Deaths, and tickets that are being delivered at each. */
const DEATHS = 4;
const TICKETS = 5;
/** A delivery to a process that has just begun is read, written and answered within this. */
const LONGEST_MS = 150;

const random = seededRandom();
let folder: TemporaryFolder;
let upstreams: DemoUpstreams;
let databaseUrl: string;
let settings: ServerSettings;
let hook: { path: string; secret: string };
let nextCustomer = 0;

beforeAll(async () => {
  const cluster = inject('testCluster');
  if (cluster === undefined) throw new Error('this project has no Postgres cluster');
  folder = await temporaryFolder('sallyport-hook-crash-');
  upstreams = await openDemoUpstreams();
  databaseUrl = await createServerDatabase(cluster);
  settings = { folder: folder.path, databaseUrl, allowPrivate: upstreams.allowPrivate };
  const first = await startOn(settings);
  const owner = ownerOf(first.control.port, first.ownerToken);
  await installDemo(owner, upstreams);
  hook = (await owner('POST', '/api/integrations/demo-shop/hook', {})).body as never;
  await first.close();
});
afterAll(async () => {
  await upstreams?.close();
  await folder?.remove();
});

const start = (): Promise<WorkflowChild> => startWorkflowChild({ ...settings, timing: { beatMs: 100, deadAfterMs: 1_000 }, isAlone: true });

/** Each ticket is of a customer of its own: limits count by customer and day. */
function openTicket() {
  const { customers, orders } = upstreams.shop.state;
  for (;;) {
    const customerId = [...customers.keys()][nextCustomer++] as string;
    const order = [...orders.values()].find((one) => one.customer_id === customerId && Number(one.refundable) > 20);
    if (order === undefined) continue;
    const body = `One item was broken. Please refund 5.00 of order ${order.id}.`;
    return { order: order.id, ...upstreams.shop.openTicket({ customerId, subject: 'Broken', body }) };
  }
}

async function written(): Promise<number> {
  const rows = await ask<{ n: number }>(databaseUrl, 'select count(*)::int as n from workflow_deliveries');
  return rows[0]?.n ?? 0;
}

it('a ticket whose receiver is killed at any moment of its delivery is answered once', async () => {
  const since = upstreams.shop.ledger.size;
  let child = await start();
  const lost = { asked: 0, acknowledgement: 0 };
  for (let death = 0; death < DEATHS; death += 1) {
    upstreams.shop.setHook(child.gatewayUrl + hook.path, hook.secret);
    const opened = Array.from({ length: TICKETS }, openTicket);
    // At any moment, and every other time right after the first one was written.
    if (death % 2 === 0) await new Promise((resolve) => setTimeout(resolve, random.below(LONGEST_MS)));
    else while ((await written()) === death * TICKETS);
    await child.kill();
    child = await start();
    upstreams.shop.setHook(child.gatewayUrl + hook.path, hook.secret);
    for (const { ticket, order, delivered } of opened) {
      const taken = await delivered;
      const [run = ''] = (taken?.json as { runs: string[] } | undefined)?.runs ?? [];
      if ((taken?.attempts ?? 0) > 1) lost[taken?.status === 200 ? 'acknowledgement' : 'asked'] += 1;
      expect(await waitForRun(child.owner, run)).toMatchObject({ state: 'done' });
      const done = upstreams.shop.ledger.after(since).filter(({ object }) => object === order || object === ticket.id);
      expect(done.map(({ kind }) => kind)).toEqual(['refund', 'ticket_replied']);
    }
  }
  await child.kill();
  const rows = await ask(databaseUrl, 'select count(*)::int as runs from workflow_runs');
  expect(rows).toEqual([{ runs: DEATHS * TICKETS }]);
  console.log(`deliveries killed: ${lost.asked} before they were written, ${lost.acknowledgement} before the shop heard of it`);
});
