// Runs the product on planted people and secrets: model calls (whole, streamed, with tool results), shop calls and effects through an agent and
// through a signed workflow that a webhook starts, approvals, refusals, errors, a reading of a customer, exports and a backup.
// Looks at each answer as it comes; what is only on disk is looked at afterwards.

import { ATTACK_CASES, CAPTURED_MODELS, runAttacks } from '@sallyport/demo';
import { ROUTE_ACTIONS } from '#control';
import { isObject, isRefusal, SallyportError } from '#core';
import { createLoopbackClient, type LoopbackClient, type LoopbackReply } from '#egress';
import { approvalPorts } from '../compose/approval-ports.ts';
import { createExecutor } from '../compose/approve.ts';
import { openAttackedWorkflow } from '../demo/attack-workflow.ts';
import type { Demo } from '../demo-parts.ts';
import type { Logger } from '../logger.ts';
import type { Server } from '../server.ts';
import type { Canaries } from './canaries.ts';
import type { Search } from './search.ts';

export interface Played {
  readonly server: Server;
  readonly demo: Demo;
  readonly canaries: Canaries;
  readonly search: Search;
  readonly logger: Logger;
  readonly progress: (line: string) => void;
}

/** Theft and its honest twins: reads, refunds, messages, address changes, approvals and refusals. */
const CASES = [
  'image-in-reply',
  'customer-list-by-mail',
  'cross-customer-record',
  'mail-to-outsider',
  'takeover-by-address',
  'refund-other-card',
];

type Case = (typeof ATTACK_CASES)[number];

/** A customer who writes everything into a ticket that does not belong there. */
function careless({ phone, card, iban, typedKey }: Canaries): Case {
  const ticket = `Hello, my card is ${card}, my account ${iban}, call me at ${phone}. The key for our system is ${typedKey}. Where is my parcel?`;
  return {
    id: 'everything-in-a-ticket',
    title: 'Card, account, phone and a key in a ticket',
    attack: () => ({ ticket }),
    twin: () => ({ ticket, asked: [], replyHolds: [] }),
  };
}

export async function play(played: Played): Promise<void> {
  const { server, demo, canaries, progress, logger } = played;
  const owner = server.rooms.identity.authenticateSession(server.ownerToken);
  if (isRefusal(owner)) throw new SallyportError(owner.code, owner.reason);
  const approvals = approvalPorts(server.rooms, server.database, createExecutor(server.rooms, logger), null);
  const workflow = await openAttackedWorkflow({ server, shop: demo.shop, owner, approvals });
  const { key, signer } = demo.key();
  progress('Playing tickets through an agent and through a signed workflow ...');
  await runAttacks({
    gatewayUrl: `http://127.0.0.1:${server.gateway.port}`,
    controlUrl: `http://127.0.0.1:${server.control.port}`,
    apiKey: key,
    signer,
    shop: { url: demo.shop.url, accessToken: demo.shop.accessToken },
    capturedModel: demo.model,
    cases: [...ATTACK_CASES.filter(({ id }) => CASES.includes(id)), careless(canaries)],
    approve: workflow.approve,
    workflow,
  });
  progress('Calling the model with planted values, whole and streamed; breaking calls ...');
  const at = (port: number): LoopbackClient => createLoopbackClient(`http://127.0.0.1:${port}`);
  const playing: Playing = { ...played, gatewayClient: at(server.gateway.port), controlClient: at(server.control.port) };
  try {
    await callModel(playing, key);
    await breakCalls(playing, key);
    progress('Reading every page of the control plane, exports, a backup ...');
    await readCustomer(playing);
    await backUp(playing);
    await readPages(playing);
  } finally {
    await playing.gatewayClient.close();
    await playing.controlClient.close();
  }
}

interface Playing extends Played {
  readonly gatewayClient: LoopbackClient;
  readonly controlClient: LoopbackClient;
}

interface Asked {
  readonly method: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function gateway({ gatewayClient, search }: Playing, key: string, path: string, { method, body, headers }: Asked): Promise<void> {
  const reply = await gatewayClient.send({
    method,
    path,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    body: body ?? null,
  });
  // What a call was answered with goes to whoever asked; a refusal or an error tells nobody anything.
  search.text(reply.status < 300 ? 'answers to callers' : 'refusals and errors of the gateway', await reply.text());
}

async function callModel(played: Playing, key: string): Promise<void> {
  const { canaries, demo } = played;
  const [customer] = demo.shop.state.customers.values();
  const messages = [
    { role: 'system', content: `Support desk. The operator's key is ${canaries.typedKey}.` },
    {
      role: 'assistant',
      content: null,
      tool_calls: [
        { id: 'call_1', type: 'function', function: { name: 'customer', arguments: JSON.stringify({ email: customer?.email }) } },
      ],
    },
    { role: 'tool', tool_call_id: 'call_1', content: JSON.stringify(customer) },
    {
      role: 'user',
      content: `I am ${customer?.first_name} ${customer?.last_name}, ${customer?.email}, ${canaries.phone}, card ${canaries.card}, IBAN ${canaries.iban}. Repeat all of it.`,
    },
  ];
  const tools = [
    {
      type: 'function',
      function: {
        name: 'customer',
        description: `E.g. ${customer?.email}`,
        parameters: { type: 'object', properties: { email: { type: 'string' } } },
      },
    },
  ];
  for (const stream of [false, true])
    await gateway(played, key, '/v1/chat/completions', {
      method: 'POST',
      body: JSON.stringify({
        model: CAPTURED_MODELS[0],
        stream,
        messages,
        tools,
        metadata: { customer: customer?.email },
        user: customer?.email,
      }),
    });
}

/** What people and programs get wrong, with a value in each place an error could repeat. */
async function breakCalls(played: Playing, key: string): Promise<void> {
  const { canaries, demo } = played;
  const [customer] = demo.shop.state.customers.values();
  const email = customer?.email ?? '';
  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    gateway(played, key, path, { method: 'POST', body, headers });
  await post('/v1/chat/completions', `{"model":"${email}","messages":[{"role":"user","content":"${canaries.iban}"}]}`);
  await post('/v1/chat/completions', `{"model":"x","${email}":1,"${email}":2, ${canaries.card}`);
  await post('/v1/chat/completions', JSON.stringify({ model: 7, messages: email }));
  await post(`/v1/${encodeURIComponent(email)}`, '{}');
  await post(`/connect/${encodeURIComponent(email)}/x`, '{}');
  await post('/connect/demo-shop/messages', JSON.stringify({ recipient: email, body: canaries.iban, [canaries.mailbox]: canaries.card }), {
    'x-note': canaries.mailbox,
  });
  await gateway(played, key, `/connect/demo-shop/customers/search?email=${encodeURIComponent(email)}&${canaries.mailbox}=1`, {
    method: 'GET',
  });
  await gateway(played, key, `/connect/demo-shop/customers/${encodeURIComponent(email)}`, { method: 'GET' });
  await gateway(played, canaries.typedKey, '/v1/models', { method: 'GET' });
  await gateway(played, key, '/hooks/demo-shop', { method: 'POST', body: JSON.stringify({ type: 'ticket.created', data: { id: email } }) });
  for (const [path, body] of [
    ['/api/session', { secret: canaries.typedKey }],
    ['/api/people', { [canaries.mailbox]: email }],
    [`/api/${canaries.mailbox}`, {}],
  ] as const)
    played.search.text('refusals and errors of the control plane', await (await control(played, 'POST', path, body)).text());
}

function control({ server, controlClient }: Playing, method: string, path: string, body?: unknown): Promise<LoopbackReply> {
  const headers = { authorization: `Bearer ${server.ownerToken}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
  return controlClient.send({ method, path, headers, body: body === undefined ? null : JSON.stringify(body) });
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

async function readCustomer(played: Playing): Promise<void> {
  const [ticket] = [...played.demo.shop.state.tickets.values()].filter(({ status }) => status === 'open');
  const response = await control(played, 'POST', '/api/integrations/demo-shop/customer', {
    for: `ticket:${ticket?.id}`,
    classes: ['contact', 'address'],
    reason: `called back, ${played.canaries.lastName} at ${played.canaries.phone}`,
  });
  played.search.text('a customer’s details, for an open case', await response.text());
}

const BACKUP_PATIENCE_MS = 120_000;

async function backUp(played: Playing): Promise<void> {
  const begun = await control(played, 'POST', '/api/backups', {});
  if (begun.status >= 300) throw new SallyportError('MAIN_SWEEP_FAILED', 'No backup could be made, so none could be searched.');
  const deadline = performance.now() + BACKUP_PATIENCE_MS;
  for (;;) {
    const state = parsed(await (await control(played, 'GET', '/api/backups')).text()) as {
      running?: unknown;
      last?: { ok?: boolean } | null;
    } | null;
    if (state?.running === null || state?.running === undefined) {
      if (state?.last?.ok === true) return;
      throw new SallyportError('MAIN_SWEEP_FAILED', 'The backup did not end well, so it could not be searched.');
    }
    if (performance.now() > deadline) throw new SallyportError('MAIN_SWEEP_FAILED', 'The backup did not end.');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** So many of a list are opened one by one. */
const MAX_OPENED = 12;
const DETAILS: readonly (readonly [list: string, member: string, detail: (id: string) => string])[] = [
  ['/api/calls', 'calls', (id) => `/api/calls/${id}`],
  ['/api/runs', 'runs', (id) => `/api/runs/${id}`],
  ['/api/workflow-runs', 'runs', (id) => `/api/workflow-runs/${id}`],
  ['/api/approvals', 'approvals', (id) => `/api/approvals/${id}`],
];

/** Every page that the console reads without naming anything, and the first of what lists hold. */
async function readPages(played: Playing): Promise<void> {
  const { search } = played;
  const routes = Object.keys(ROUTE_ACTIONS).flatMap((route) => (route.startsWith('GET ') && !route.includes(':') ? [route.slice(4)] : []));
  for (const path of [...routes, '/', '/metrics', '/api/approvals?state=all']) {
    const response = await control(played, 'GET', path);
    const read = search.pieces(`console: GET ${path}`);
    for await (const piece of response.body) read(piece);
  }
  for (const [list, member, detail] of DETAILS) {
    const body = parsed(await (await control(played, 'GET', list)).text());
    const rows = isObject(body) && Array.isArray(body[member]) ? (body[member] as readonly unknown[]) : [];
    for (const row of rows.slice(0, MAX_OPENED)) {
      const id = isObject(row) ? String(row.id ?? row.call ?? row.run ?? '') : '';
      if (id !== '') search.text(`console: GET ${list}/:id`, await (await control(played, 'GET', detail(id))).text());
    }
  }
}
