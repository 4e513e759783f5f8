// "See it work" through the control plane: tickets arrive by signed webhook, runs answer them, theft dies at the shop, and all of it leaves
// in one action without touching anything else.

import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DemoView } from '#control';
import { startTestServer, type TestServer } from '../../../../testkit/test-server.ts';

let test: TestServer & { readonly folder: string };
const seams = { demoPaceMs: 0 };

beforeAll(async () => {
  test = await startTestServer({ allowPrivate: [], seams });
});
afterAll(() => test?.close());

const demo = async (): Promise<DemoView> => (await test.owner('GET', '/api/demo')).body as unknown as DemoView;
const start = (body: object = {}) => test.owner('POST', '/api/demo/start', body);
const remove = () => test.owner('POST', '/api/demo/remove', {});

async function until(holds: (view: DemoView) => boolean): Promise<DemoView> {
  for (;;) {
    const view = await demo();
    if (holds(view)) return view;
    await pause(50);
  }
}
const finished = () => until((view) => view.state === 'finished');

async function lists() {
  const of = async (path: string, key: string) => (await test.owner('GET', path)).body[key] as Record<string, unknown>[];
  return {
    integrations: await of('/api/integrations', 'integrations'),
    workloads: await of('/api/workloads', 'workloads'),
    keys: await of('/api/keys', 'keys'),
    workflows: await of('/api/workflows', 'workflows'),
    runs: await of('/api/workflow-runs', 'runs'),
    approvals: await of('/api/approvals', 'approvals'),
    hooks: await of('/api/hooks', 'hooks'),
  };
}

describe('the demonstration', () => {
  it('is off at first, and nothing is installed', async () => {
    expect(await demo()).toMatchObject({ state: 'off', installed: false, tickets: [], stolen: 0, fault: null, providers: [] });
  });

  it('solves what is honest, stops every theft at the shop with its reason, and lets one refund wait', async () => {
    expect((await start()).status).toBe(200);
    const view = await finished();
    console.log(
      view.tickets
        .map(
          (t) =>
            `${t.poisoned ? 'P' : 'b'} ${t.subject}: ${t.state} ${t.reasons.map((r) => `${r.step} ${r.code}`).join(', ')} replied ${t.replied} refunded ${t.refunded}`,
        )
        .join('\n'),
    );
    expect(view).toMatchObject({ installed: true, model: { kind: 'captured' }, stolen: 0, fault: null });
    expect(view.tickets).toHaveLength(view.total);
  });
});
