// What a person is shown before deciding about a version: the signature checked now, the changes, the trail; tried with the rights of the
// database's superuser.

import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createServerDatabase } from '../../../testkit/crash/server-database.ts';
import { startOn } from '../../../testkit/crash/start-on.ts';
import { temporaryFolder } from '../../../testkit/temporary-folder.ts';
import { type DemoUpstreams, installDemo, openDemoUpstreams, readTemplate } from '../../../testkit/workflow-world/index.ts';

type Body = Record<string, unknown>;
const NAME = '/api/workflows/support-reply';
const template = readTemplate('support-reply');
let upstreams: DemoUpstreams;
let server: Awaited<ReturnType<typeof startOn>>;
let db: pg.Pool;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let hash: string;

async function call(method: string, path: string, body?: unknown, token = server.ownerToken): Promise<{ status: number; body: Body }> {
  const response = await fetch(`http://127.0.0.1:${server.control.port}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Body };
}
const show = async (query = ''): Promise<Body> => (await call('GET', `${NAME}${query}`)).body;
const importWith = async (from: string, to: string): Promise<string> => {
  const written = (template['workflow.yaml'] as string).replace(from, to);
  expect(written).not.toBe(template['workflow.yaml']);
  return (await call('POST', '/api/workflows', { files: { ...template, 'workflow.yaml': written } })).body.hash as string;
};

beforeAll(async () => {
  const cluster = inject('testCluster');
  if (cluster === undefined) throw new Error('this project has no Postgres cluster');
  upstreams = await openDemoUpstreams();
  const databaseUrl = await createServerDatabase(cluster);
  folder = await temporaryFolder('sallyport-review-');
  server = await startOn({ folder: folder.path, databaseUrl, allowPrivate: upstreams.allowPrivate });
  db = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  hash = await installDemo(call, upstreams);
});
afterAll(async () => {
  await db?.end();
  await server?.close();
  await upstreams?.close();
  await folder?.remove();
});

describe('the signature of a version', () => {
  it('is checked when it is shown: valid, broken by another approver, and worth nothing over changed files', async () => {
    const valid = { state: 'valid', algorithm: 'Ed25519', keyId: expect.stringMatching(/^[0-9a-f]{16}$/), intact: true, passkey: null };
    expect((await show()).signature).toEqual(valid);
    const before = (await db.query('select approved_by from workflow_versions where hash = $1', [hash])).rows[0].approved_by;
    await db.query('update workflow_versions set approved_by = $2 where hash = $1', [hash, 'per_somebody']);
    expect((await show()).signature).toMatchObject({ state: 'invalid', intact: true });
    await db.query('update workflow_versions set approved_by = $2 where hash = $1', [hash, before]);

    await db.query(`update workflow_files set content = content || 'x' where hash = $1 and path = 'prompts/system.md'`, [hash]);
    const changed = await show();
    expect([changed.signature, changed.facts, changed.definition]).toMatchObject([{ state: 'valid', intact: false }, null, null]);
    const { summaries } = (await call('GET', '/api/workflows')).body as { summaries: Body[] };
    expect(summaries[0]).toMatchObject({ name: 'support-reply', published: hash, signature: { intact: false } });
    await db.query(`update workflow_files set content = left(content, -1) where hash = $1 and path = 'prompts/system.md'`, [hash]);
    expect((await show()).signature).toEqual(valid);
  });
});

describe('the changes of a version', () => {
  it('are told against the published one, or against the one that is asked for', async () => {
    const draft = await importWith('maxCalls: 12', 'maxCalls: 30');
    const limit = { area: 'limit', name: 'desk agent.maxCalls' };
    expect((await show(`?hash=${draft}`)).compared).toEqual({
      hash,
      changes: [{ ...limit, before: '12', after: '30', direction: 'wider' }],
    });
    expect((await show(`?hash=${hash}&against=${draft}`)).compared).toEqual({
      hash: draft,
      changes: [{ ...limit, before: '30', after: '12', direction: 'narrower' }],
    });
    expect((await show()).compared).toBeNull();
    expect((await call('GET', `${NAME}?hash=nothex`)).status).toBe(400);
  });

  it('say what each operation does now and how far it goes without a person', async () => {
    const { operations } = (await show()).facts as { operations: Body[] };
    expect(operations.find(({ name }) => name === 'demo-shop/refunds.create')).toMatchObject({
      effect: 'money',
      limits: { perCall: '50.00 USD', perCustomerDay: '50.00 USD' },
    });
    expect(operations.find(({ name }) => name === 'demo-shop/tickets.get')).toMatchObject({ effect: 'read', limits: null });
  });
});

describe('deciding', () => {
  it('is refused to the importer beforehand and in fact while somebody else can; the other one approves', async () => {
    const draft = await importWith('maxTurns: 8', 'maxTurns: 5');
    expect((await show(`?hash=${draft}`)).approveRefusal).toBeNull();
    const { link, id } = (await call('POST', '/api/people', { name: 'Ana' })).body as { link: string; id: string };
    expect((await show(`?hash=${draft}`)).approveRefusal).toBe('WORKFLOWS_FOUR_EYES');
    expect(await call('POST', `${NAME}/approve`, { hash: draft })).toMatchObject({ status: 403, body: { code: 'WORKFLOWS_FOUR_EYES' } });
    const session = await call('POST', '/api/session', { secret: link.split('#')[1] });
    const token = session.body.token as string;
    expect((await call('GET', `${NAME}?hash=${draft}`, undefined, token)).body.approveRefusal).toBeNull();
    expect((await call('POST', `${NAME}/approve`, { hash: draft }, token)).status).toBe(200);
    expect((await call('POST', `${NAME}/publish`, { hash: draft }, token)).status).toBe(403);
    expect((await show(`?hash=${draft}`)).people).toMatchObject({ [id]: 'Ana' });
    await call('DELETE', `/api/people/${id}`);
  });

  it('publishes a retired version again, but none whose approval was put there by hand', async () => {
    const next = await importWith('maxTurns: 8', 'maxTurns: 7');
    await call('POST', `${NAME}/approve`, { hash: next });
    expect((await call('POST', `${NAME}/publish`, { hash: next })).status).toBe(200);
    expect((await show(`?hash=${hash}`)).state).toBe('retired');
    expect((await call('POST', `${NAME}/publish`, { hash })).status).toBe(200);
    const forged = await importWith('maxTurns: 8', 'maxTurns: 6');
    await db.query(
      `update workflow_versions set state = 'retired', approved_by = imported_by, approved_at = imported_at, is_solo = true,
       signature = (select signature from workflow_versions where hash = $2) where hash = $1`,
      [forged, hash],
    );
    expect(await call('POST', `${NAME}/publish`, { hash: forged })).toMatchObject({
      status: 403,
      body: { code: 'WORKFLOWS_SIGNATURE_INVALID' },
    });
  });
});

describe('the trail', () => {
  it('is what the ledger holds, newest first, by whom as long as that is known', async () => {
    await call('POST', `${NAME}/pause`);
    await call('POST', `${NAME}/resume`);
    const trail = async () => (await call('GET', `${NAME}/trail`)).body as { entries: Body[]; more: boolean };
    await expect.poll(async () => (await trail()).entries[0]?.type, { timeout: 20_000 }).toBe('workflows.workflow.resumed');
    const { entries, more } = await trail();
    const me = (await call('GET', '/api/session')).body.person;
    expect(more).toBe(false);
    expect(entries.slice(0, 2).map(({ type, by }) => [type, by])).toEqual([
      ['workflows.workflow.resumed', me],
      ['workflows.workflow.paused', me],
    ]);
    expect(entries.at(-1)).toMatchObject({ type: 'workflows.version.imported', hash, by: me, seq: expect.any(Number) });
    expect(entries.find(({ type }) => type === 'workflows.version.approved')).toMatchObject({ solo: expect.any(Boolean) });
    await db.query('delete from audit_link');
    expect((await trail()).entries.filter(({ by }) => by === me)).toEqual([]);
  });

  it('lists mistakes of an import with their file and line', async () => {
    const yaml = (template['workflow.yaml'] as string).replace('orders.list, ', '');
    const refused = await call('POST', '/api/workflows', { files: { ...template, 'workflow.yaml': yaml, 'stray.txt': 'x' } });
    expect(refused).toMatchObject({ status: 400, body: { code: 'WORKFLOWS_DEFINITION_INVALID' } });
    expect(refused.body.evidence).toMatchObject({ where: [expect.stringMatching(/^workflow\.yaml:\d+$/), 'stray.txt'] });
  });
});
