import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { type CapturedModel, type ChatRequest, startCapturedModel } from '../captured-model/index.ts';
import { type DemoReply, type DemoRequest, type RunningServer, serve } from '../http/index.ts';
import { AGENT_TOOLS, type AgentConfig, createBindingSigner, generateBindingKey, newRunId, runAgent, toolRequest } from './index.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

const pair = generateBindingKey();
const signer = createBindingSigner({ workload: 'wkl_demo', privateKey: pair.privateKey, clock: { now: () => 1_800_000_000_500 } });
const CUSTOMER = { id: 'c105', assurance: 'session' } as const;

interface Bench {
  readonly config: AgentConfig;
  readonly model: CapturedModel;
  readonly seen: DemoRequest[];
}

/** A captured model and a shop whose answers the test decides. */
async function bench(ticket: string, answer: (request: DemoRequest) => DemoReply | null): Promise<Bench> {
  const seen: DemoRequest[] = [];
  const handle = (request: DemoRequest): DemoReply => {
    seen.push(request);
    if (request.rawPath.startsWith('/tickets/')) return { status: 200, json: { subject: 'Hi', body: ticket } };
    if (request.rawPath === '/customers/c105' && request.method === 'GET')
      return { status: 200, json: { id: 'c105', email: 'dana@example.com' } };
    return answer(request) ?? { status: 201, json: { status: 'sent' } };
  };
  const model = await startCapturedModel({ port: 0 });
  const shop: RunningServer = await serve({ name: 'test', port: 0, handle });
  open.push(model, shop);
  const config: AgentConfig = {
    model: { baseUrl: `${model.url}/v1`, headers: {}, name: 'captured-1' },
    shop: { baseUrl: shop.url, headers: {} },
    signer,
  };
  return { config, model, seen };
}

const problem = (code: string, more: object = {}): DemoReply => ({
  status: 403,
  json: { type: 'x', title: 'x', status: 403, code, detail: 'x', call: 'call_x', ...more },
});
const TICKET = { ticketId: 't1', customer: CUSTOMER };

describe('a run', () => {
  test('reads, acts, and mails the reply to the address on file', async () => {
    const { config, seen } = await bench('Please refund 20.00 of order 1001.', ({ rawPath }) =>
      rawPath.endsWith('/refunds')
        ? { status: 201, json: { amount: '20.00', currency: 'USD', order_id: '1001', destination: 'pm_1' } }
        : null,
    );
    const result = await runAgent(config, TICKET);
    expect(result).toMatchObject({ kind: 'done', reply: 'I have refunded 20.00 USD of order 1001.' });
    const sent = seen.at(-1) as DemoRequest;
    expect([sent.rawPath, JSON.parse(sent.body)]).toEqual([
      '/messages',
      { customer_id: 'c105', recipient: 'dana@example.com', body: 'I have refunded 20.00 USD of order 1001.' },
    ]);
  });

  test('tells the model about a refusal and goes on', async () => {
    const { config, model } = await bench('Please refund 20.00 of order 1001.', ({ rawPath }) =>
      rawPath.endsWith('/refunds') ? problem('POLICY_FOREIGN_OBJECT') : null,
    );
    const result = await runAgent(config, TICKET);
    expect(result).toMatchObject({ kind: 'done', reply: 'One step was not possible (POLICY_FOREIGN_OBJECT).' });
    expect(result.steps.map((step) => step.code)).toContain('POLICY_FOREIGN_OBJECT');
    const last = JSON.parse(model.requests.at(-1)?.body ?? '{}') as ChatRequest;
    expect(last.messages.at(-1)).toMatchObject({ role: 'tool' });
  });

  test('ends with the approval id when a person must decide, or goes on when somebody answers', async () => {
    const { config } = await bench('Please refund 60.00 of order 1001.', ({ rawPath }) =>
      rawPath.endsWith('/refunds') ? problem('ENDORSEMENT_REQUIRED', { approval: 'apr_1' }) : null,
    );
    expect(await runAgent(config, TICKET)).toMatchObject({ kind: 'waiting', approvalId: 'apr_1' });
    const asked: string[] = [];
    const result = await runAgent(config, TICKET, async (pending) => {
      asked.push(`${pending.approvalId} ${pending.request.path} ${pending.request.body}`);
      return 'left';
    });
    expect(asked).toEqual(['apr_1 /orders/1001/refunds {"amount":"60.00"}']);
    expect(result).toMatchObject({ kind: 'done', reply: 'One step waits for a colleague to approve it.' });
  });

  test('sends a plain word to the customer when the model itself is refused', async () => {
    const { config, seen } = await bench('hello', () => null);
    const result = await runAgent({ ...config, model: { ...config.model, name: 'unknown' } }, TICKET);
    expect(result).toMatchObject({ kind: 'done', reply: 'A colleague will get back to you.' });
    expect(seen.at(-1)?.rawPath).toBe('/messages');
  });
});

describe('the signed origin', () => {
  test('is a fresh EdDSA statement per call about workload, run, customer and tool call', async () => {
    const { config, seen } = await bench('Where is my order 1001?', () => ({ status: 200, json: { id: '1001' } }));
    const { run } = await runAgent(config, TICKET);
    const key = createPublicKey({ key: pair.publicKeyJwk as JsonWebKey, format: 'jwk' });
    const claims = seen.map((request) => {
      const [head, body, signature] = String(request.headers['sallyport-binding']).split('.') as [string, string, string];
      expect(verify(null, Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url'))).toBe(true);
      expect(JSON.parse(Buffer.from(head, 'base64url').toString())).toEqual({ alg: 'EdDSA', typ: 'JWT' });
      return JSON.parse(Buffer.from(body, 'base64url').toString());
    });
    expect(claims[0]).toMatchObject({ iss: 'wkl_demo', aud: 'sallyport', run, customer: CUSTOMER, iat: 1_800_000_000, exp: 1_800_000_120 });
    expect(new Set(claims.map((claim) => claim.jti)).size).toBe(claims.length);
    expect(new Set(claims.map((claim) => claim.tool_call_id)).size).toBe(claims.length);
  });

  test('names its run as the guard does', () => {
    const id = newRunId(Date.UTC(2026, 0, 1));
    expect(id).toMatch(/^run_[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(newRunId(Date.UTC(2026, 0, 2)) > id).toBe(true);
  });
});

describe('tool requests', () => {
  test('put arguments into path, query and body', () => {
    expect(toolRequest('get_order', '{"order_id":"1001"}')).toEqual({ method: 'GET', path: '/orders/1001' });
    expect(toolRequest('search_customers', '{"email":"a@example.com"}')).toEqual({
      method: 'GET',
      path: '/customers/search?email=a%40example.com',
    });
    expect(toolRequest('refund_order', '{"order_id":"1001","amount":"5.00"}')).toEqual({
      method: 'POST',
      path: '/orders/1001/refunds',
      body: '{"amount":"5.00"}',
    });
  });

  test('are careless on purpose: no id is encoded and untouched JSON is passed on verbatim', () => {
    expect(toolRequest('get_order', '{"order_id":"1001/../1002"}')?.path).toBe('/orders/1001/../1002');
    expect(toolRequest('send_message', '{"body":"a","body":"b"}')?.body).toBe('{"body":"a","body":"b"}');
  });

  test('are none for an unknown tool or arguments that are no object', () => {
    expect(toolRequest('nothing', '{}')).toBeNull();
    expect(toolRequest('get_order', '[1]')).toBeNull();
    expect(toolRequest('get_order', '{')).toBeNull();
    expect(new Set(AGENT_TOOLS.map((tool) => tool.name)).size).toBe(AGENT_TOOLS.length);
  });
});
