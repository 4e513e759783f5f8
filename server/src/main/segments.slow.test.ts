// A workflow reaches what its approved graph names and nothing else, whoever holds its key and whatever stands in the database; and what
// it does not use can be taken away from it, while it goes on.

import { readFileSync } from 'node:fs';
import { CAPTURED_MODELS, DEMO_SHOP_TOKEN, demoShopManifest } from '@sallyport/demo';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { parse } from 'yaml';
import { isRefusal } from '#core';
import { openWorkflowWorld, placeTicket, type WorkflowWorld, waitForRun } from '../../../testkit/workflow-world/index.ts';

let world: WorkflowWorld;
let key: string;
let workload: string;

beforeAll(async () => {
  world = await openWorkflowWorld(inject('testCluster'));
  const { must, upstreams } = world;
  // The shop of another workflow: another integration, with a credential of its own.
  await must('PUT', '/api/integrations/other-shop', {
    kind: 'http',
    baseUrl: upstreams.shop.url,
    manifest: { ...parse(readFileSync(demoShopManifest, 'utf8')), name: 'other-shop' },
    credential: { header: 'x-shop-access-token', secret: DEMO_SHOP_TOKEN },
  });
  // Somebody gave this key more than its workflow needs.
  const integrations = ['demo-shop', 'demo-model', 'other-shop'];
  workload = String((await must('POST', '/api/workloads', { name: 'outside', workflow: 'support-reply', integrations })).id);
  key = String((await must('POST', '/api/keys', { workload, expiresInDays: 1 })).key);
});
afterAll(async () => {
  await world?.close();
});

async function call(method: string, path: string, body?: unknown, by: string = key): Promise<{ status: number; code: string }> {
  const { port } = world.server.gateway;
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    redirect: 'manual',
    headers: { authorization: `Bearer ${by}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = (await response.json()) as { code?: string; error?: { code?: string } };
  return { status: response.status, code: answer.code ?? answer.error?.code ?? 'none' };
}
const chat = (model: string, more: object = {}) =>
  call('POST', '/v1/chat/completions', { model, messages: [{ role: 'user', content: 'Hello' }], ...more });
const asked = (): number => world.upstreams.shop.ledger.after(0).length;
async function run(): Promise<Record<string, unknown>> {
  const customer = [...world.upstreams.shop.state.customers.keys()][0] as string;
  placeTicket(world.upstreams.shop, { id: `T-seg-${Math.random()}`, customer, body: 'Where is my order?' });
  const ticket = [...world.upstreams.shop.state.tickets.keys()].at(-1);
  const { id } = await world.must('POST', '/api/workflows/support-reply/runs', { input: { ticket } });
  return waitForRun(world.owner, String(id));
}

describe('the segment of a workflow', () => {
  it('is what its approved version names, with hosts and credentials', async () => {
    const segment = await world.must('GET', '/api/workflows/support-reply/segment');
    expect(segment).toMatchObject({ hash: world.hash, state: 'published', enforced: true, models: ['captured-1'] });
    expect(segment.operations).toContain('demo-shop/refunds.create');
    expect(segment.operations).not.toContain('demo-shop/customers.search');
    expect((segment.integrations as { name: string; host: string }[]).map(({ name, host }) => `${name} ${host}`)).toEqual([
      `demo-model ${new URL(world.upstreams.model.url).host}`,
      `demo-shop ${new URL(world.upstreams.shop.url).host}`,
    ]);
    expect(segment.dataClasses).toContain('identity');
    const desk = (segment.steps as { id: string; operations: string[] }[]).find(({ id }) => id === 'desk');
    expect(desk?.operations).not.toContain('demo-shop/tickets.get');
    expect(await world.owner('GET', '/api/workflows/nobody/segment')).toMatchObject({ status: 404 });
  });

  it('holds for a key of the workflow that was given more: the integration of another, operations and models outside are refused', async () => {
    const before = asked();
    expect(await call('GET', '/connect/other-shop/tickets')).toEqual({ status: 403, code: 'ENFORCEMENT_OUTSIDE_SEGMENT' });
    expect(await call('GET', '/connect/demo-shop/customers/search?email=a@example.com')).toEqual({
      status: 403,
      code: 'ENFORCEMENT_OUTSIDE_SEGMENT',
    });
    expect(await chat(CAPTURED_MODELS[1] as string)).toEqual({ status: 403, code: 'ENFORCEMENT_OUTSIDE_SEGMENT' });
    expect(asked()).toBe(before);
    expect(await chat(CAPTURED_MODELS[0] as string)).toMatchObject({ status: 200 });
    expect((await call('GET', '/connect/demo-shop/tickets/T-none')).code).not.toBe('ENFORCEMENT_OUTSIDE_SEGMENT');
    const { port } = world.server.gateway;
    const models = await fetch(`http://127.0.0.1:${port}/v1/models`, { headers: { authorization: `Bearer ${key}` } });
    expect(((await models.json()) as { data: { id: string }[] }).data.map(({ id }) => id)).toEqual(['captured-1']);
  });

  it('withholds credentials on its own: of another integration, of a step that does not name it, and under another name', async () => {
    const { rooms } = world.server;
    const credentialOf = (name: string) => rooms.catalogue.integration(rooms.tenant, name)?.credential;
    const { rows } = await world.db.query<{ workload: string }>(`select workload from workflows where name = 'support-reply'`);
    const lease = async (credential: string, integration: string, step: string | null = null, version: string | null = world.hash) => {
      const holder = { kind: 'workload', workload: rows[0]?.workload as never, workflow: 'support-reply', version, step } as const;
      const { origin } = new URL(world.upstreams.shop.url);
      const request = {
        tenant: rooms.tenant,
        credential: credential as never,
        integration,
        holder,
        origin,
        method: 'GET',
        path: '/tickets',
      };
      const given = await rooms.vault.lease(request);
      return isRefusal(given) ? given.code : 'given';
    };
    const [mine, other] = [credentialOf('demo-shop') as string, credentialOf('other-shop') as string];
    expect(await lease(mine, 'demo-shop')).toBe('given');
    expect(await lease(mine, 'demo-shop', 'ticket')).toBe('given');
    expect(await lease(other, 'other-shop')).toBe('VAULT_CREDENTIAL_NOT_HELD');
    expect(await lease(other, 'demo-shop')).toBe('VAULT_CREDENTIAL_NOT_HELD');
    expect(await lease(mine, 'demo-shop', 'no-such-step')).toBe('VAULT_CREDENTIAL_NOT_HELD');
    expect(await lease(mine, 'demo-shop', null, 'f'.repeat(64))).toBe('WORKFLOWS_HASH_NOT_APPROVED');
    // The list of the workload's integrations is not what decides.
    await world.db.query(`update identity_workloads set integrations = integrations || '{other-shop}'::text[] where id = $1`, [
      rows[0]?.workload,
    ]);
    await rooms.identity.refresh({ tenant: rooms.tenant, kind: 'workload', id: rows[0]?.workload as string });
    expect(await lease(other, 'other-shop')).toBe('VAULT_CREDENTIAL_NOT_HELD');
  });

  it('ends at the pinned host: no address, no name that resolves to one, and no name in a path leads elsewhere', async () => {
    const destination = (origin: string) => ({ origin, pathPrefix: '/', isSample: false });
    const { egress } = world.server.rooms;
    const limits = { connectMs: 500, headersMs: 500, idleMs: 500, totalMs: 1_000, maxResponseBytes: 1_000 };
    const outcome = async (origin: string, path = '/'): Promise<string> => {
      let status = 0;
      const request = {
        destination: destination(origin),
        method: 'GET',
        path,
        headers: {},
        body: null,
        signal: new AbortController().signal,
        limits,
      };
      const onHead = (head: number): void => {
        status = head;
      };
      const sink = { onHead, onData: () => {}, onEnd: () => {} };
      return egress.request(request, sink).then(
        () => String(status),
        (fault: { code: string }) => fault.code,
      );
    };
    // Not on the operator's list: neither by its address, nor by a name that resolves to it.
    expect(await outcome('http://127.0.0.1:9')).toMatch(/^EGRESS_(ADDRESS|PLAINTEXT)_FORBIDDEN$/);
    expect(await outcome(`http://localhost:${new URL(world.upstreams.shop.url).port}`)).toMatch(/^EGRESS_(ADDRESS|PLAINTEXT)_FORBIDDEN$/);
    expect(await outcome('https://169.254.169.254')).toMatch(/^EGRESS_(ADDRESS|PLAINTEXT)_FORBIDDEN$/);
    const before = asked();
    // What stands in a path stays in the path of the pinned host.
    for (const path of [
      '//secret.attacker.example/x',
      '/..%2f..%2fsecret.attacker.example',
      '/@secret.attacker.example',
      '/tickets/http:%2f%2fsecret.attacker.example',
    ]) {
      const { status } = await call('GET', `/connect/demo-shop${path}`);
      expect([400, 403, 404]).toContain(status);
    }
    expect(asked()).toBe(before);
  });

  it('closes when nothing is published, opens with the next publication, and follows no row that nobody signed', async () => {
    await world.must('POST', '/api/workflows/support-reply/retire', { hash: world.hash });
    const until = async (code: string): Promise<void> => {
      while ((await chat('captured-1')).code !== code) await new Promise((resolve) => setImmediate(resolve));
    };
    await until('WORKFLOWS_NOT_PUBLISHED');
    await world.must('POST', '/api/workflows/support-reply/publish', { hash: world.hash });
    await until('none');
    await world.db.query(`update workflow_versions set state = 'retired' where hash = $1`, [world.hash]);
    await world.db.query(
      `insert into workflow_versions (tenant, name, hash, state, imported_at, imported_by)
      select tenant, name, repeat('e', 64), 'published', now(), imported_by from workflow_versions where hash = $1`,
      [world.hash],
    );
    await world.db.query("select pg_notify('sallyport_segments', '')");
    await until('WORKFLOWS_SIGNATURE_INVALID');
    await world.db.query(`delete from workflow_versions where hash = repeat('e', 64)`);
    await world.db.query(`update workflow_versions set state = 'published' where hash = $1`, [world.hash]);
    await world.db.query("select pg_notify('sallyport_segments', '')");
    await until('none');
  });

  it('lets the workflow itself run, every step of it', async () => {
    expect(await run()).toMatchObject({ state: 'done' });
  });
});

describe('what is not used', () => {
  it('[R5] is proposed and applied over the API; the workflow still passes, and tools that were taken off are not offered to a model', async () => {
    const { must, db, upstreams } = world;
    const scopes = Array.from({ length: 12 }, (_, nth) => (nth === 0 ? 'demo-model' : `unused-${nth}`));
    const service = String(
      (
        await must('POST', '/api/workloads', {
          name: 'service',
          integrations: [...scopes.slice(0, 1), 'demo-shop', 'other-shop', ...scopes.slice(3)],
        })
      ).id,
    );
    const own = String((await must('POST', '/api/keys', { workload: service, expiresInDays: 90 })).key);
    const tool = (name: string) => ({ type: 'function', function: { name, parameters: { type: 'object', properties: {} } } });
    const offered = { model: 'captured-1', messages: [{ role: 'user', content: 'Hello' }], tools: [tool('look'), tool('erase')] };
    await call('POST', '/v1/chat/completions', offered, own);
    // A person is asked about what a plain key wants to read; that it is wanted counts.
    const order = [...upstreams.shop.state.orders.keys()][0];
    for (const shop of ['demo-shop', 'other-shop']) {
      expect(await call('GET', `/connect/${shop}/orders/${order}`, undefined, own)).toMatchObject({ code: 'ENDORSEMENT_REQUIRED' });
    }
    await world.server.rooms.usage.flush();
    // Counted for two months, granted before that, and one of the tools was called by some model.
    await db.query(`update identity_tenants set created_at = now() - interval '60 days'`);
    await db.query(`update identity_workloads set created_at = now() - interval '60 days'`);
    await db.query(`update identity_keys set created_at = now() - interval '60 days'`);
    await db.query(
      `insert into identity_usage select tenant, subject, 'tool_called', 'look', day, 1, last_at from identity_usage
      where subject = $1 and kind = 'model' on conflict do nothing`,
      [service],
    );
    const { proposals } = (await must('POST', '/api/least/proposals', {})) as {
      proposals: { id: string; kind: string; subject: string; remove: string[] }[];
    };
    const mine = proposals.filter(({ subject }) => subject === service);
    expect(mine.filter(({ kind }) => kind === 'integration_unused').map(({ remove }) => remove[0])).toEqual(scopes.slice(3).toSorted());
    expect(mine.find(({ kind }) => kind === 'tools_unused')).toMatchObject({ remove: ['erase'], keep: ['look'] });
    for (const { id, kind } of mine) {
      if (kind === 'integration_unused' || kind === 'tools_unused') await must('POST', `/api/least/proposals/${id}/apply`, {});
    }
    expect(await call('POST', '/v1/chat/completions', offered, own)).toMatchObject({ status: 200 });
    const sent = JSON.parse(upstreams.model.requests.at(-1)?.body ?? '{}') as { tools: { function: { name: string } }[] };
    expect(sent.tools.map((one) => one.function.name)).toEqual(['look']);
    const chosen = { ...offered, tool_choice: { type: 'function', function: { name: 'erase' } } };
    expect(await call('POST', '/v1/chat/completions', chosen, own)).toEqual({ status: 403, code: 'ENFORCEMENT_TOOL_REMOVED' });
    expect(await call('GET', '/connect/unused-5/x', undefined, own)).toEqual({ status: 403, code: 'ENFORCEMENT_INTEGRATION_UNKNOWN' });
    expect(await run()).toMatchObject({ state: 'done' });

    const tools = mine.find(({ kind }) => kind === 'tools_unused');
    await must('POST', `/api/least/proposals/${tools?.id}/undo`, {});
    expect(await call('POST', '/v1/chat/completions', chosen, own)).toMatchObject({ status: 200 });
    const applied = (await must('GET', '/api/least/proposals?state=applied')) as { proposals: unknown[] };
    expect(applied.proposals).toHaveLength(9);
  });

  it('counts what people do with their access, and a review of it over the API is on record in the ledger', async () => {
    const { must } = world;
    const { person } = (await must('GET', '/api/session')) as { person: string };
    const usage = (await must('GET', `/api/least/usage?subject=${person}`)) as { used: { kind: string; name: string }[] };
    expect(usage.used).toContainEqual(expect.objectContaining({ kind: 'action', name: 'workflows.publish' }));
    const review = (await must('POST', '/api/reviews', {
      name: 'Workloads',
      scope: { people: false, workloads: true },
      reviewers: [person],
      dueInDays: 7,
    })) as { id: string; list: { id: string; name: string }[] };
    for (const { id } of review.list) {
      await must('POST', `/api/reviews/${review.id}/items/${id}/decide`, { decision: 'keep', reason: 'Needed.' });
    }
    const done = await must('GET', `/api/reviews/${review.id}`);
    expect(done).toMatchObject({ state: 'done', overdue: false, record: { digest: expect.stringMatching(/^[0-9a-f]{64}$/) } });
    expect(
      await world.owner('POST', '/api/reviews', { name: 'x', scope: { people: true, workloads: true }, reviewers: ['nobody'] }),
    ).toMatchObject({
      status: 400,
    });
  });
});
