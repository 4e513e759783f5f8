// "Connect mine": the step that ticks itself when the first call of a program arrives.

import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ModelUpstream, startModelUpstream } from '../../../testkit/model-upstream/index.ts';
import { startTestServer, type TestServer } from '../../../testkit/test-server.ts';

let provider: ModelUpstream;
let test: TestServer;

beforeAll(async () => {
  provider = await startModelUpstream();
  test = await startTestServer({ allowPrivate: [provider.host] });
  await test.owner('PUT', '/api/integrations/own-model', { kind: 'model', baseUrl: provider.url, models: ['own-1'] });
});
afterAll(async () => {
  await test?.close();
  await provider?.close();
});

async function program(name: string) {
  const workload = (await test.owner('POST', '/api/workloads', { name, workflow: null, integrations: ['own-model'], publicKey: null })).body
    .id as string;
  const { key } = (await test.owner('POST', '/api/keys', { workload, expiresInDays: 1 })).body;
  const call = () =>
    fetch(`${test.gatewayUrl}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'own-1', messages: [{ role: 'user', content: 'Hello' }] }),
    });
  const connect = async () => (await test.owner('GET', `/api/connect?workload=${workload}`)).body as { firstCall: { call: string } | null };
  return { call, connect };
}

it('names the gateway and the models, and of a program its own first call, however many follow', async () => {
  expect((await test.owner('GET', '/api/connect')).body).toEqual({
    gateway: test.gatewayUrl,
    models: [{ id: 'own-1', integration: 'own-model', sample: false }],
    firstCall: null,
  });
  const [mine, other] = [await program('mine'), await program('other')];
  await other.call();
  expect((await mine.connect()).firstCall).toBeNull();
  expect((await mine.call()).status).toBe(200);
  let first = await mine.connect();
  while (first.firstCall === null) {
    await pause(25);
    first = await mine.connect();
  }
  await mine.call();
  const calls = `/api/calls/${first.firstCall.call}`;
  // The answer is with the program a moment before what became of the call is written.
  await expect.poll(async () => (await test.owner('GET', calls)).body).toMatchObject({ outcome: 'completed', integration: 'own-model' });
  expect((await mine.connect()).firstCall).toEqual(first.firstCall);
});

it('refuses a workload that is not there', async () => {
  for (const id of ['nothing', 'wkl_00000000-0000-7000-8000-000000000001'])
    expect((await test.owner('GET', `/api/connect?workload=${id}`)).status).toBe(404);
});
