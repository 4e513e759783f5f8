// A whole Sallyport with one scripted model provider behind it, and what a test wants to know afterwards: the events of a call,
// and every byte that was stored or logged.

import { join } from 'node:path';
import pg from 'pg';
import { foldersOf } from '../../server/src/main/index.ts';
import { findRunningPostgres } from '../../server/src/storage/index.ts';
import { startTestServer, type TestServer } from '../test-server.ts';
import { type ModelUpstream, startModelUpstream } from './index.ts';

/** The provider's own key; callers never hold it. */
export const UPSTREAM_KEY = 'upstream-credential-of-the-test';
export const MODEL = 'test-model';

export interface CallEvent {
  readonly type: string;
  readonly subject: string;
  readonly public: Readonly<Record<string, unknown>>;
}

export interface GuardedModel {
  readonly upstream: ModelUpstream;
  readonly test: TestServer;
  /** Base URL for clients of the protocol. */
  readonly baseUrl: string;
  readonly key: string;
  /** One request to the gateway as bytes; the reply as bytes. */
  post(body: Uint8Array | string, headers?: Readonly<Record<string, string>>): Promise<Posted>;
  /** Events of one call once its outcome is sealed; of every call without an id, once `holds` of them too. */
  events(call?: string, holds?: (events: readonly CallEvent[]) => boolean): Promise<readonly CallEvent[]>;
  /** Everything in every table, as text. */
  stored(): Promise<string>;
  close(): Promise<void>;
}

export interface Posted {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
  readonly text: string;
  readonly call: string;
}

/** Outcomes share a commit some milliseconds later; so many looks are far more than they need. */
const MAX_LOOKS = 1_000;

/** `others` are host:port of further local destinations the operator allows. */
export async function startGuardedModel(others: readonly string[] = []): Promise<GuardedModel> {
  const upstream = await startModelUpstream();
  const test = await startTestServer({ allowPrivate: [upstream.host, ...others] });
  const put = await test.owner('PUT', '/api/integrations/provider', {
    kind: 'model',
    baseUrl: upstream.url,
    models: [MODEL],
    credential: { header: 'Authorization', prefix: 'Bearer ', secret: UPSTREAM_KEY },
  });
  if (put.status !== 200) throw new Error(`the integration was not taken: ${JSON.stringify(put.body)}`);
  const workload = await test.owner('POST', '/api/workloads', { name: 'client', integrations: ['provider'] });
  const made = await test.owner('POST', '/api/keys', { workload: workload.body.id });
  const key = made.body.key as string;
  const baseUrl = `${test.gatewayUrl}/v1`;
  const { rooms } = test.server;

  const listed = async (call?: string): Promise<readonly CallEvent[]> => {
    await rooms.sequencer.runOnce();
    const entries = [];
    for (let before: number | null = null; ; ) {
      const page = await rooms.ledger.list(rooms.tenant, { limit: 500, before, subject: call ?? null });
      entries.push(...page);
      if (page.length < 500) break;
      before = page[page.length - 1]?.seq ?? 0;
    }
    return entries.map(({ entry }) => entry as unknown as CallEvent).filter((event) => event.type.startsWith('enforcement.call.'));
  };

  return {
    upstream,
    test,
    baseUrl,
    key,
    post: async (body, headers = {}) => {
      const response = await fetch(`${baseUrl}/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
        body: Buffer.from(body),
      });
      const bytes = Buffer.from(await response.arrayBuffer());
      const call = response.headers.get('x-sallyport-call') ?? '';
      return { status: response.status, headers: response.headers, bytes, text: bytes.toString('utf8'), call };
    },
    events: async (call, holds = (events) => events.length > 0) => {
      for (let look = 0; look < MAX_LOOKS; look += 1) {
        const events = await listed(call);
        const calls = Object.values(Object.groupBy(events, (event) => event.subject));
        const settled = calls.every((list) => list?.some((event) => event.type !== 'enforcement.call.intended'));
        if (settled && holds(events)) return events;
      }
      throw new Error('a call has no outcome');
    },
    stored: () => storedText(test),
    close: async () => {
      await test.close();
      await upstream.close();
    },
  };
}

async function storedText(test: TestServer): Promise<string> {
  const folder = (test as TestServer & { folder: string }).folder;
  const folders = foldersOf({ dataDir: join(folder, 'data'), secretsDir: join(folder, 'secrets') }, { isRoot: false, home: folder });
  const running = await findRunningPostgres({ dataDir: folders.postgres, stateDir: folders.state, host: process });
  if (running === null) throw new Error('the database of the test server is not running');
  const client = new pg.Client({ connectionString: running.adminUrl });
  await client.connect();
  try {
    const tables = await client.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`,
    );
    const texts = [];
    for (const { name } of tables.rows) {
      const { rows } = await client.query<{ text: string | null }>(`select string_agg(t::text, E'\\n') as text from ${name} t`);
      texts.push(rows[0]?.text ?? '');
    }
    return texts.join('\n');
  } finally {
    await client.end();
  }
}
