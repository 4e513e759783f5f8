// A server with the published support template, the demo shop behind a door that can be slammed, and people who decide.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { startTestServer, type TestServer } from '../../testkit/test-server.ts';
import { AUTONOMY, installDemo, openDemoUpstreams } from '../../testkit/workflow-world/index.ts';
import { launch, type PageOptions, type SignedIn, signedIn } from './world.ts';

export interface WorkflowWorld {
  readonly test: TestServer;
  readonly browser: Browser;
  /** The published version of the template. */
  readonly hash: string;
  /** Lets the answers of refunds get lost on the way back, or arrive again. */
  loseAnswers(isLosing: boolean): void;
  /** Starts a run about a fresh ticket in which its customer asks for this refund; gives ticket, order and run. */
  refund(amount: string): Promise<{ readonly ticket: string; readonly order: string; readonly run: string }>;
  /** The same, once a step of it waits for a person. */
  ask(amount: string): Promise<{ readonly order: string; readonly run: string; readonly approval: string }>;
  refunds(order: string): number;
  signedIn(options?: PageOptions): Promise<SignedIn>;
  /** A new approver, signed in by their own link in a browser context of their own. */
  approver(name: string): Promise<{ readonly id: string; readonly page: Page }>;
  removePerson(id: string): Promise<void>;
  close(): Promise<void>;
}

export interface WorldSettings {
  readonly settings?: Readonly<Record<string, string>>;
}

const FOUR_EYES_ABOVE = '80.00';

export async function openWorkflowWorld({ settings = {} }: WorldSettings = {}): Promise<WorkflowWorld> {
  const upstreams = await openDemoUpstreams();
  const door = await openDoor(upstreams.shop.url);
  const test = await startTestServer({ allowPrivate: [...upstreams.allowPrivate, new URL(door.url).host], settings });
  const autonomy = { ...AUTONOMY, 'refunds.create': { ...AUTONOMY['refunds.create'], fourEyesAbove: FOUR_EYES_ABOVE } };
  const shop = { ...upstreams.shop, url: door.url };
  const hash = await installDemo(test.owner, { ...upstreams, shop }, 'support-reply', autonomy);
  const browser = await launch();
  const { state, ledger } = upstreams.shop;
  const orders = [...state.orders.values()].filter((order) => Number(order.refundable) > 140);
  // Each with a customer of its own: limits count by customer.
  const cases = [...new Map(orders.map((order) => [order.customer_id, order])).values()];
  let used = 0;

  const refund: WorkflowWorld['refund'] = async (amount) => {
    const order = cases[used++];
    if (order === undefined) throw new Error('the shop has no further customer with such an order');
    const ticket = `T-${7000 + used}`;
    const at = new Date(0).toISOString();
    const body = `The parcel never arrived. Please refund ${amount} of order ${order.id}.`;
    const record = {
      id: ticket,
      customer_id: order.customer_id,
      subject: 'My order',
      body,
      status: 'open',
      created_at: at,
      updated_at: at,
    };
    state.tickets.set(ticket, { ...record, status: 'open', replies: [] });
    const started = await test.owner('POST', '/api/workflows/support-reply/runs', { input: { ticket } });
    if (started.status >= 300) throw new Error(`the run was refused: ${JSON.stringify(started.body)}`);
    return { ticket, order: order.id, run: started.body.id as string };
  };

  return {
    test,
    browser,
    hash,
    loseAnswers: door.lose,
    refund,
    ask: async (amount) => {
      const { order, run } = await refund(amount);
      for (;;) {
        const { body } = await test.owner('GET', '/api/approvals?state=pending');
        const found = (body.approvals as { id: string; run: string | null }[]).find((approval) => approval.run === run);
        if (found !== undefined) return { order, run, approval: found.id };
        await new Promise((next) => setTimeout(next, 50));
      }
    },
    refunds: (order) => ledger.after(0).filter((entry) => entry.kind === 'refund' && entry.object === order).length,
    signedIn: (options) => signedIn(test, browser, options),
    approver: async (name) => {
      const made = await test.owner('POST', '/api/people', { name });
      const page = await (await browser.newContext({ viewport: { width: 1280, height: 860 }, locale: 'en-GB' })).newPage();
      // The tests' pages are open under the number of this machine.
      await page.goto(String(made.body.link).replace('//localhost:', '//127.0.0.1:'));
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('navigation', { name: 'Main' }).waitFor();
      return { id: made.body.id as string, page };
    },
    removePerson: async (id) => {
      await test.owner('DELETE', `/api/people/${id}`);
    },
    close: async () => {
      await browser.close();
      await test.close();
      await door.close();
      await upstreams.close();
    },
  };
}

/** Stands in front of the shop, passes everything on, and can lose the answers to effects after the shop did them. */
async function openDoor(target: string): Promise<{ readonly url: string; lose(isLosing: boolean): void; close(): Promise<void> }> {
  let isLosing = false;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { host: _host, 'content-length': _length, connection: _connection, ...headers } = request.headers;
    const body = chunks.length === 0 ? {} : { body: Buffer.concat(chunks) };
    const method = request.method ?? 'GET';
    const answer = await fetch(`${target}${request.url}`, { method, headers: headers as Record<string, string>, ...body });
    const text = await answer.text();
    // The question whether it was done is lost too, or nobody would have to say.
    const isLost = method === 'POST' || (request.url ?? '').startsWith('/idempotency-keys/');
    if (isLosing && isLost) return void response.socket?.destroy();
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'application/json' }).end(text);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lose: (next) => {
      isLosing = next;
    },
    close: () => new Promise((closed) => server.close(() => closed())),
  };
}
