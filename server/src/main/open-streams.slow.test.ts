// What is under way when its caller loses its access: streams and long reads end with the change, in the caller's protocol, and are recorded.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { findRunningPostgres } from '#storage';
import { type GuardedModel, MODEL, startGuardedModel } from '../../../testkit/model-upstream/behind-gateway.ts';
import * as reply from '../../../testkit/model-upstream/index.ts';
import { foldersOf } from './folders.ts';

let guarded: GuardedModel;
let shop: reply.ModelUpstream;
const manifest: unknown = parse(readFileSync(join(import.meta.dirname, '../connectors/example-shop.manifest.yaml'), 'utf8'));
/** Longer than the hold-back window, so that some of it reaches the caller. */
const WORDS = Array.from({ length: 40 }, (_, nth) => `Word number ${nth} of a long answer. `);
const OPEN: reply.HttpReply = {
  kind: 'http',
  status: 200,
  headers: { 'content-type': 'text/event-stream' },
  chunks: [Buffer.from(WORDS.map((content) => reply.event({ content })).join(''))],
  ending: 'hang',
};

beforeAll(async () => {
  shop = await reply.startModelUpstream();
  guarded = await startGuardedModel([shop.host]);
  const put = await guarded.test.owner('PUT', '/api/integrations/shop', {
    kind: 'http',
    baseUrl: shop.url,
    manifest,
    credential: { header: 'X-Shop-Token', secret: 'shop-credential-of-the-test' },
  });
  expect(put.status).toBe(200);
});
afterAll(async () => {
  await guarded?.close();
  await shop?.close();
});
beforeEach(() => {
  shop.reset();
  guarded.upstream.reset();
});

let names = 0;
async function newKey(integrations = ['provider', 'shop']): Promise<{ id: string; key: string; workload: string }> {
  names += 1;
  const workload = await guarded.test.owner('POST', '/api/workloads', { name: `streams-${names}`, integrations });
  const made = await guarded.test.owner('POST', '/api/keys', { workload: workload.body.id });
  return { id: made.body.id as string, key: made.body.key as string, workload: workload.body.id as string };
}

interface OpenStream {
  readonly call: string;
  /** The rest, up to the end of the connection. */
  rest(): Promise<string>;
}

/** Asks for a stream and reads until its first words are here. */
async function openStream(key: string): Promise<OpenStream> {
  guarded.upstream.next(OPEN);
  const response = await fetch(`${guarded.baseUrl}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: MODEL, stream: true, messages: [{ role: 'user', content: 'Tell me.' }] }),
  });
  expect(response.status).toBe(200);
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  let text = '';
  while (!text.includes('Word number 1 ')) {
    const { value, done } = await reader.read();
    if (done) throw new Error('the stream ended before it began');
    text += Buffer.from(value).toString('utf8');
  }
  return {
    call: response.headers.get('x-sallyport-call') ?? '',
    rest: async () => {
      let rest = '';
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return rest;
        rest += Buffer.from(value).toString('utf8');
      }
    },
  };
}

const outcomeOf = async (call: string) => {
  const events = await guarded.events(call, (all) => all.some((event) => event.type !== 'enforcement.call.intended'));
  return events.find((event) => event.type !== 'enforcement.call.intended');
};

describe('[Z1] a stream that is open', () => {
  it('ends when its key is revoked, as an error of its protocol, and its outcome says why; the provider is let go', async () => {
    const { id, key } = await newKey();
    const stream = await openStream(key);
    const left = guarded.upstream.abandoned();
    expect((await guarded.test.owner('DELETE', `/api/keys/${id}`)).status).toBe(200);
    const rest = await stream.rest();
    expect(rest).toContain('"code":"ENFORCEMENT_ACCESS_ENDED"');
    expect(rest).not.toContain('[DONE]');
    await left;
    expect(await outcomeOf(stream.call)).toMatchObject({
      type: 'enforcement.call.refused',
      public: { stage: 'standing', code: 'ENFORCEMENT_ACCESS_ENDED', evidence: { cause: 'IDENTITY_KEY_UNKNOWN' } },
    });
  });

  it('of another key goes on', async () => {
    const [one, other] = [await newKey(), await newKey()];
    const stream = await openStream(other.key);
    await guarded.test.owner('DELETE', `/api/keys/${one.id}`);
    let ended = false;
    const rest = stream.rest().finally(() => {
      ended = true;
    });
    // A whole call by the same key, begun and ended after the revocation was heard.
    guarded.upstream.next(reply.says('Yes.'));
    const answer = await fetch(`${guarded.baseUrl}/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${other.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: MODEL, messages: [{ role: 'user', content: 'Still there?' }] }),
    });
    expect([answer.status, ended]).toEqual([200, false]);
    await guarded.test.owner('DELETE', `/api/keys/${other.id}`);
    expect(await rest).toContain('ENFORCEMENT_ACCESS_ENDED');
  });

  it('to the shop that has not answered yet ends as a problem, and nothing of the answer is given out', async () => {
    const { id, key } = await newKey();
    shop.next({
      kind: 'http',
      status: 200,
      headers: { 'content-type': 'application/json' },
      chunks: [Buffer.from('{"product":{"id":"7"')],
      ending: 'hang',
    });
    const arrived = shop.arrived();
    const read = fetch(`${guarded.test.gatewayUrl}/connect/shop/products/7`, { headers: { authorization: `Bearer ${key}` } });
    await arrived;
    await guarded.test.owner('DELETE', `/api/keys/${id}`);
    const response = await read;
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([403, 'ENFORCEMENT_ACCESS_ENDED']);
  });

  it('ends after a short grace when changes can not be heard, and the same key is let in when they can again', async () => {
    const { key } = await newKey();
    const stream = await openStream(key);
    const folder = (guarded.test as typeof guarded.test & { folder: string }).folder;
    const folders = foldersOf({ dataDir: join(folder, 'data'), secretsDir: join(folder, 'secrets') }, { isRoot: false, home: folder });
    const running = await findRunningPostgres({ dataDir: folders.postgres, stateDir: folders.state, host: process });
    // Beside the database, because nobody can shut the one they are in.
    const beside = new URL(running?.adminUrl ?? '');
    const name = pg.escapeIdentifier(beside.pathname.slice(1));
    beside.pathname = '/postgres';
    const client = new pg.Client({ connectionString: beside.href });
    await client.connect();
    try {
      await client.query(`alter database ${name} with allow_connections false`);
      await client.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'sallyport-listen'");
      expect(await stream.rest()).toContain('"code":"ENFORCEMENT_ACCESS_ENDED"');
    } finally {
      await client.query(`alter database ${name} with allow_connections true`);
      await client.end();
    }
    expect(await outcomeOf(stream.call)).toMatchObject({ public: { evidence: { cause: 'IDENTITY_FEED_LOST' } } });
    const listed = async (): Promise<number> =>
      (await fetch(`${guarded.baseUrl}/models`, { headers: { authorization: `Bearer ${key}` } })).status;
    while ((await listed()) !== 200);
    // The control plane has feeds of its own, and lets nobody in before they are whole.
    while ((await guarded.test.owner('GET', '/api/session')).status !== 200);
  });
});

describe('[Z0] the record of a decision', () => {
  it('names the credential and what the integration is', async () => {
    const { id, key } = await newKey();
    guarded.upstream.next(reply.says('Hello.'));
    const answer = await fetch(`${guarded.baseUrl}/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: MODEL, messages: [{ role: 'user', content: 'Hello?' }] }),
    });
    const call = answer.headers.get('x-sallyport-call') ?? '';
    for (const event of await guarded.events(call, (all) => all.length === 2)) {
      expect(event.public).toMatchObject({ credential: id, version: null, manifest: expect.stringMatching(/^[0-9a-f]{64}$/) });
    }
  });
});
