// Only approved, unchanged, signed content runs: each way around it is tried with the rights of the database's superuser.

import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { openWorkflowWorld, readTemplate, type WorkflowWorld, waitForRun } from '../../../testkit/workflow-world/index.ts';

let world: WorkflowWorld;
let upstreams: WorkflowWorld['upstreams'];
let db: WorkflowWorld['db'];
let owner: WorkflowWorld['owner'];
let hash: string;

beforeAll(async () => {
  world = await openWorkflowWorld(inject('testCluster'));
  ({ db, owner, upstreams, hash } = world);
});
afterAll(() => world?.close());

const start = () => owner('POST', '/api/workflows/support-reply/runs', { input: { ticket: ticketId() } });
const ticketId = (): string => [...upstreams.shop.state.tickets.values()].find((ticket) => ticket.customer_id !== '')?.id as string;
const eventsOf = async (code: string): Promise<number> => {
  const { rows } = await db.query<{ count: string }>(
    `select count(*) from (select type, public::jsonb as facts from event_inbox union all select type, leaf::jsonb -> 'public' from audit_log) e
     where type = 'workflows.run.refused' and facts ->> 'code' = $1`,
    [code],
  );
  return Number(rows[0]?.count);
};

describe('[W5] [PROMISE-2] a published workflow', () => {
  const undo: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });
  const edit = async (change: string, values: readonly unknown[], back: string, old: readonly unknown[]): Promise<void> => {
    const { rowCount } = await db.query(change, [...values]);
    expect(rowCount).toBe(1);
    undo.push(() => db.query(back, [...old]));
  };

  const runs = async (): Promise<void> => {
    const started = await start();
    expect(started.status).toBe(200);
    expect(await waitForRun(owner, started.body.id as string)).toMatchObject({ state: 'done' });
  };

  it('runs as it was approved', async () => {
    const started = await start();
    expect(started.status).toBe(200);
    expect(await waitForRun(owner, started.body.id as string)).toMatchObject({ state: 'done', hash });
  });

  it.each<[string, string]>([
    ['a prompt edited', 'prompts/system.md'],
    ['the workflow itself edited', 'workflow.yaml'],
    ['a text nobody runs edited', 'README.md'],
  ])('does not start with %s in the database', async (_what, path) => {
    const before = await eventsOf('WORKFLOWS_BUNDLE_TAMPERED');
    const content = readTemplate('support-reply')[path];
    await edit(
      'update workflow_files set content = content || $1 where path = $2',
      ['\n# ', path],
      'update workflow_files set content = $1 where path = $2',
      [content, path],
    );
    expect(await start()).toMatchObject({ status: 403, body: { code: 'WORKFLOWS_BUNDLE_TAMPERED' } });
    expect(await eventsOf('WORKFLOWS_BUNDLE_TAMPERED')).toBe(before + 1);
  });

  it('does not start with a file added or taken away', async () => {
    await edit(
      `insert into workflow_files select tenant, name, hash, 'tests/x.md', '' from workflow_files where path = $1`,
      ['README.md'],
      `delete from workflow_files where path = $1`,
      ['tests/x.md'],
    );
    expect(await start()).toMatchObject({ body: { code: 'WORKFLOWS_BUNDLE_TAMPERED' } });
  });

  it('does not start when somebody writes an approval into the database', async () => {
    const draft = { ...readTemplate('support-reply'), 'README.md': 'another text' };
    const imported = await owner('POST', '/api/workflows', { files: draft });
    const forged = imported.body.hash as string;
    expect(forged).not.toBe(hash);
    await edit(
      `update workflow_versions set state = 'retired' where hash = $1`,
      [hash],
      `update workflow_versions set state = 'published' where hash = $1`,
      [hash],
    );
    await edit(
      `update workflow_versions d set state = 'published', approved_at = s.approved_at, approved_by = s.approved_by, is_solo = s.is_solo,
         signature = s.signature from workflow_versions s where d.hash = $1 and s.hash = $2`,
      [forged, hash],
      `update workflow_versions set state = 'draft', signature = null where hash = $1`,
      [forged],
    );
    expect(await start()).toMatchObject({ status: 403, body: { code: 'WORKFLOWS_SIGNATURE_INVALID' } });
  });

  it('does not start as an older approved version put back in the database, with its own true statement too', async () => {
    const pointer = 'published_hash, publication, publication_by, publication_at, publication_signature';
    const saved = await db.query(`select ${pointer} from workflows where name = 'support-reply'`);
    const newer = (await owner('POST', '/api/workflows', { files: { ...readTemplate('support-reply'), 'README.md': 'newer' } })).body.hash;
    for (const change of ['approve', 'publish']) await owner('POST', `/api/workflows/support-reply/${change}`, { hash: newer });
    undo.push(() => owner('POST', '/api/workflows/support-reply/publish', { hash }));
    await runs();
    for (const [state, of, was] of [
      ['retired', newer, 'published'],
      ['published', hash, 'retired'],
    ]) {
      const change = `update workflow_versions set state = $1 where hash = $2`;
      await edit(change, [state, of], change, [was, of]);
    }
    const before = await eventsOf('WORKFLOWS_PUBLICATION_INVALID');
    expect(await start()).toMatchObject({ status: 403, body: { code: 'WORKFLOWS_PUBLICATION_INVALID' } });
    await edit(
      `update workflows set (${pointer}) = ($1, $2, $3, $4, $5) where name = 'support-reply'`,
      Object.values(saved.rows[0] as object),
      `update workflows set publication = publication where name = 'support-reply'`,
      [],
    );
    expect(await start()).toMatchObject({ status: 403, body: { code: 'WORKFLOWS_PUBLICATION_INVALID' } });
    expect(await eventsOf('WORKFLOWS_PUBLICATION_INVALID')).toBe(before + 2);
  });

  it('runs again after its owner published it again, whatever the database says its number was', async () => {
    await runs();
    await owner('POST', '/api/workflows/support-reply/retire', { hash });
    await edit(
      `update workflow_versions set state = 'published' where hash = $1`,
      [hash],
      `update workflow_versions set state = 'published' where hash = $1`,
      [hash],
    );
    expect(await start()).toMatchObject({ body: { code: 'WORKFLOWS_PUBLICATION_INVALID' } });
    await owner('POST', '/api/workflows/support-reply/retire', { hash });
    expect(await owner('POST', '/api/workflows/support-reply/publish', { hash })).toMatchObject({ body: { state: 'published' } });
    await runs();
  });

  it('does not start as a draft, nor when it is only approved', async () => {
    const draft: Record<string, string> = { ...readTemplate('support-reply'), 'README.md': 'a third text' };
    draft['workflow.yaml'] = (draft['workflow.yaml'] as string).replace('name: support-reply', 'name: not-published');
    const { hash: other } = (await owner('POST', '/api/workflows', { files: draft })).body;
    const run = () => owner('POST', '/api/workflows/not-published/runs', { input: { ticket: ticketId() } });
    expect(await run()).toMatchObject({ body: { code: 'WORKFLOWS_NOT_PUBLISHED' } });
    expect(await owner('POST', '/api/workflows/not-published/publish', { hash: other })).toMatchObject({
      body: { code: 'WORKFLOWS_STATE_WRONG' },
    });
    expect(await owner('POST', '/api/workflows/not-published/approve', { hash: other })).toMatchObject({
      body: { state: 'approved', solo: true },
    });
    expect(await run()).toMatchObject({ body: { code: 'WORKFLOWS_NOT_PUBLISHED' } });
  });

  it('is not approved when its draft was edited in the database after somebody looked at it', async () => {
    const draft = { ...readTemplate('support-reply'), 'README.md': 'a fourth text' };
    const { hash: other } = (await owner('POST', '/api/workflows', { files: draft })).body;
    await db.query(`update workflow_files set content = 'edited' where hash = $1 and path = 'prompts/system.md'`, [other]);
    expect(await owner('POST', '/api/workflows/support-reply/approve', { hash: other })).toMatchObject({
      body: { code: 'WORKFLOWS_BUNDLE_TAMPERED' },
    });
  });

  it('ends at its next step when it is edited, or paused, while it runs', async () => {
    const { state } = upstreams.shop;
    const order = [...state.orders.values()].find((candidate) => Number(candidate.refundable) > 60);
    const customer = order?.customer_id as string;
    for (const [nth, code] of ['WORKFLOWS_BUNDLE_TAMPERED', 'WORKFLOWS_PAUSED'].entries()) {
      const id = `T-hold-${nth}`;
      const at = new Date(0).toISOString();
      const body = `Please refund 6${nth}.00 of order ${order?.id}.`;
      state.tickets.set(id, {
        id,
        customer_id: customer,
        subject: 'Refund',
        body,
        status: 'open',
        created_at: at,
        updated_at: at,
        replies: [],
      });
      const before = upstreams.shop.ledger.size;
      const started = await owner('POST', '/api/workflows/support-reply/runs', { input: { ticket: id } });
      const waiting = await waitForRun(owner, started.body.id as string, true);
      expect(waiting).toMatchObject({ state: 'running' });
      const path = 'prompts/ticket.md';
      if (nth === 0) {
        const content = readTemplate('support-reply')[path];
        await edit(
          `update workflow_files set content = 'x' where path = $1 and hash = $2`,
          [path, hash],
          'update workflow_files set content = $1 where path = $2 and hash = $3',
          [content, path, hash],
        );
      } else {
        expect(await owner('POST', '/api/workflows/support-reply/pause')).toMatchObject({ body: { paused: true } });
        undo.push(() => owner('POST', '/api/workflows/support-reply/resume'));
        expect(await start()).toMatchObject({ status: 409, body: { code } });
      }
      expect(await waitForRun(owner, started.body.id as string)).toMatchObject({ state: 'refused', code });
      expect(upstreams.shop.ledger.size).toBe(before);
      for (const step of undo.splice(0).reverse()) await step();
    }
  });

  it('leaves ids and words in the tables of the engine, and nothing of any customer', async () => {
    const { rows } = await db.query<{ text: string }>(
      `select coalesce(inputs, '') || coalesce(output, '') || coalesce(error, '') as text from dbos.workflow_status
       union all select coalesce(output, '') || coalesce(error, '') from dbos.operation_outputs`,
    );
    expect(rows.length).toBeGreaterThan(5);
    for (const { text } of rows) expect(text).toMatch(/^(ref:[\w":,.[\]{}-]*)*$/);
  });
});
