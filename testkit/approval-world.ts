// People who decide, through the whole server, a real shop and a workflow: a limit above which it takes two, and a short delay for one.

import { setTimeout as pause } from 'node:timers/promises';
import { startTestServer, type TestServer } from './test-server.ts';
import { AUTONOMY, type DemoUpstreams, installDemo, openDemoUpstreams, waitForRun } from './workflow-world/index.ts';

export const DELAY_MS = 1_500;
/** Above it two people are needed. */
export const FOUR_EYES_ABOVE = '100.00';
export const TEMPLATE = 'support-reply';

export type Ask = (
  method: string,
  path: string,
  body?: unknown,
) => Promise<{ readonly status: number; readonly body: Record<string, unknown> }>;
type Shop = DemoUpstreams['shop'];
type Order = Shop['state']['orders'] extends Map<string, infer One> ? One : never;
type Customer = Shop['state']['customers'] extends Map<string, infer One> ? One : never;

export interface Case {
  readonly customer: Customer;
  readonly order: Order;
  /** Refunds of the order that reached the shop. */
  refunds(): readonly unknown[];
}

export interface ApprovalWorld {
  readonly test: TestServer;
  readonly upstreams: DemoUpstreams;
  readonly owner: Ask;
  /** Adds a person, who signs in with the link. */
  addPerson(name: string): Promise<{ readonly id: string; readonly ask: Ask }>;
  /** A customer no other test has, with an order of 500.00. */
  fresh(): Case;
  /** Asks for a refund from outside, with a key and nothing else; gives the approval. */
  refund(order: string, amount: string): Promise<string>;
  /** Asks for it by a ticket, in a run of a workflow the owner starts. */
  askByTicket(amount: string): Promise<Case & { readonly run: string; readonly approval: string }>;
  show(who: Ask, approval: string): Promise<Record<string, unknown>>;
  /** Says yes to what is shown, or to another digest. */
  approve(who: Ask, approval: string, digest?: unknown): ReturnType<Ask>;
  /** What became of it once it no longer waits to run. */
  ended(approval: string): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

export async function openApprovalWorld(): Promise<ApprovalWorld> {
  const upstreams = await openDemoUpstreams();
  const settings = { '--solo-delay-ms': String(DELAY_MS), '--solo-per-day': '300' };
  const test = await startTestServer({ allowPrivate: upstreams.allowPrivate, settings });
  const { owner } = test;
  const refunds = { ...AUTONOMY['refunds.create'], fourEyesAbove: FOUR_EYES_ABOVE };
  await installDemo(owner, upstreams, TEMPLATE, { ...AUTONOMY, 'refunds.create': refunds });
  const workload = await owner('POST', '/api/workloads', { name: 'script', integrations: ['demo-shop'] });
  const key = (await owner('POST', '/api/keys', { workload: workload.body.id })).body.key as string;
  let used = 0;

  const fresh = (): Case => {
    const { state, ledger } = upstreams.shop;
    const customer = [...state.customers.values()][used++];
    const order = [...state.orders.values()].find((each) => each.customer_id === customer?.id);
    if (customer === undefined || order === undefined) throw new Error('a demo customer has an order');
    Object.assign(order, { total: '500.00', refundable: '500.00' });
    return { customer, order, refunds: () => ledger.after(0).filter((one) => one.kind === 'refund' && one.object === order.id) };
  };
  const show = async (who: Ask, id: string) => (await who('GET', `/api/approvals/${id}`)).body;

  return {
    test,
    upstreams,
    owner,
    fresh,
    show,
    addPerson: async (name) => {
      const { id, link } = (await owner('POST', '/api/people', { name })).body as { id: string; link: string };
      const opened = await send(test.controlUrl, {}, 'POST', '/api/session', { secret: new URL(link).hash.slice(1) });
      const authorization = `Bearer ${String(opened.body.token)}`;
      return { id, ask: (method, path, body) => send(test.controlUrl, { authorization }, method, path, body) };
    },
    refund: async (order, amount) => {
      const path = `/connect/demo-shop/orders/${order}/refunds`;
      const { status, body } = await send(test.gatewayUrl, { authorization: `Bearer ${key}` }, 'POST', path, { amount });
      if (status !== 403 || body.code !== 'ENDORSEMENT_REQUIRED') throw new Error(`the refund answers ${status} ${String(body.code)}`);
      return body.approval as string;
    },
    askByTicket: async (amount) => {
      const made = fresh();
      const { id: order, customer_id } = made.order;
      const id = `T-people-${used}`;
      const at = new Date(0).toISOString();
      const body = `The parcel never arrived. Please refund ${amount} of order ${order}.`;
      const ticket = { id, customer_id, subject: 'Refund', body, status: 'open' as const, created_at: at, updated_at: at, replies: [] };
      upstreams.shop.state.tickets.set(id, ticket);
      const started = await owner('POST', `/api/workflows/${TEMPLATE}/runs`, { input: { ticket: id } });
      const run = started.body.id as string;
      const waiting = await waitForRun(owner, run, true);
      const phase = (waiting.phases as { outcome: string; approval: string }[]).find((each) => each.outcome === 'waiting');
      return { ...made, run, approval: phase?.approval as string };
    },
    approve: async (who, id, digest) => who('POST', `/api/approvals/${id}/approve`, { digest: digest ?? (await show(owner, id)).digest }),
    ended: async (id) => {
      for (;;) {
        const view = await show(owner, id);
        if (view.state !== 'approved' && view.state !== 'executing') return view;
        await pause(20);
      }
    },
    close: async () => {
      await test.close();
      await upstreams.close();
    },
  };
}

async function send(origin: string, headers: Readonly<Record<string, string>>, method: string, path: string, body?: unknown) {
  const response = await fetch(`${origin}${path}`, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
