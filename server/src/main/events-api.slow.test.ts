// Searching the log over HTTP and from the command line: filters, cursors, exports, and that looking is itself on record.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type JsonObject, newId } from '#core';
import { startTestServer } from '../../../testkit/test-server.ts';
import { allEvents } from './compose/event-catalogue.ts';
import { systemClock, systemRandom } from './world.ts';

const PROGRAM = join(import.meta.dirname, '../../../bin/sallyport.js');

let test: Awaited<ReturnType<typeof startTestServer>>;
beforeAll(async () => {
  test = await startTestServer({ allowPrivate: [] });
  for (let nth = 0; nth < 12; nth++) await test.owner('POST', '/api/workloads', { name: `bot-${nth}`, integrations: [] });
  await sealed();
});
afterAll(() => test?.close());

interface Row {
  readonly seq: number;
  readonly entry: { readonly type: string; readonly subject: string; readonly public: Record<string, unknown> };
  readonly by: string | null;
  readonly privileged: boolean;
}

interface FigureRow {
  readonly key: string;
  readonly events: number;
  readonly query: Readonly<Record<string, string | readonly string[]>>;
}

/** Waits until everything written is sealed. */
async function sealed(): Promise<void> {
  while ((await test.server.rooms.sequencer.runOnce()) > 0);
}

const page = async (query: string): Promise<{ events: Row[]; next: string | null }> => {
  const { status, body } = await test.owner('GET', `/api/events${query}`);
  expect([query, status]).toEqual([query, 200]);
  return body as never;
};

describe('pages', () => {
  it('begin where the one before ended, whatever was written in between', async () => {
    const first = await page('?type=identity.workload.&limit=5');
    expect(first.events).toHaveLength(5);
    await test.owner('POST', '/api/workloads', { name: 'late', integrations: [] });
    await sealed();
    const second = await page(`?type=identity.workload.&limit=5&before=${first.next}`);
    const third = await page(`?type=identity.workload.&limit=5&before=${second.next}`);
    expect(third.next).toBeNull();
    const seqs = [first, second, third].flatMap(({ events }) => events.map(({ seq }) => seq));
    expect(seqs).toHaveLength(12);
    expect(seqs).toEqual([...new Set(seqs)].sort((one, two) => two - one));
  });

  it('tell who is behind each event and whether it was an act of privilege', async () => {
    const [event] = (await page('?type=identity.workload.created&limit=1')).events;
    expect(event).toMatchObject({ by: expect.stringMatching(/^per_/), privileged: true });
    const { events } = await page(`?actor=${event?.by}&type=identity.workload.created`);
    expect(events).toHaveLength(13);
  });

  it.each([
    ['before=c1.5.00000000', 'AUDIT_CURSOR_INVALID'],
    ['before=5', 'AUDIT_CURSOR_INVALID'],
    ["type=a'--", 'CONTROL_REQUEST_INVALID'],
    ["subject=x'%20or%201=1", 'CONTROL_REQUEST_INVALID'],
    ['decision=maybe', 'CONTROL_REQUEST_INVALID'],
    ['decision=deny,,allow', 'CONTROL_REQUEST_INVALID'],
    ['privileged=true', 'CONTROL_REQUEST_INVALID'],
    ['q=%20%25%20', 'CONTROL_REQUEST_INVALID'],
    [`q=${'a%20'.repeat(11)}`, 'CONTROL_REQUEST_INVALID'],
    ['q=a%00b', 'CONTROL_REQUEST_INVALID'],
    ['from=yesterday', 'CONTROL_REQUEST_INVALID'],
    ['from=2026-11-01', 'CONTROL_REQUEST_INVALID'],
    ['fact=nothing', 'CONTROL_REQUEST_INVALID'],
    ['limit=201', 'CONTROL_REQUEST_INVALID'],
    ['surprise=1', 'CONTROL_REQUEST_INVALID'],
    ['type=a.&type=b.', 'CONTROL_REQUEST_INVALID'],
  ])('refuse %s with a code', async (query, code) => {
    const { status, body } = await test.owner('GET', `/api/events?${query}`);
    expect([status, body.code]).toEqual([400, code]);
  });
});

describe('facets', () => {
  it('count everything that answers, and say how far they looked', async () => {
    const { body } = await test.owner('GET', '/api/events/facets?type=identity.workload.');
    expect(body).toMatchObject({
      total: 13,
      isComplete: true,
      facets: {
        type: [{ value: 'identity.workload.created', count: 13 }],
        actor: [{ by: expect.stringMatching(/^per_/), count: 13 }],
        decision: [],
      },
    });
    expect((await test.owner('GET', '/api/events/facets?limit=5')).status).toBe(400);
  });

  it('name a person once, by whichever name the events have, and the value finds them all', async () => {
    const { body } = await test.owner('GET', '/api/events/facets');
    const actors = (body.facets as { actor: { value: string; by: string | null; count: number }[] }).actor;
    const people = actors.filter(({ by }) => by?.includes('per_'));
    expect(people).toHaveLength(1);
    expect(people[0]?.value).toBe(people[0]?.by);
    const found = await test.owner('GET', `/api/events/facets?actor=${encodeURIComponent(people[0]?.value ?? '')}`);
    expect(found.body.total).toBe(people[0]?.count);
  });
});

describe('looking at the log', () => {
  const reads = async () => {
    await sealed();
    return (await page('?type=audit.log.')).events;
  };

  it('is one event for a question in ten minutes, however often a page asks it, and never holds what was asked', async () => {
    await page('?type=audit.log.');
    const before = (await reads()).length;
    for (let nth = 0; nth < 5; nth++) {
      await page('?q=waldemar%20refund&type=approvals.');
      await test.owner('GET', '/api/events/facets?q=waldemar%20refund&type=approvals.');
      // The window of a page that is looked at moves with the clock.
      await page(`?subject=waldemar&from=${new Date(Date.parse('2026-11-01T10:00:00Z') + nth * 1_000).toISOString()}`);
    }
    const events = await reads();
    expect(events).toHaveLength(before + 2);
    expect(events.slice(0, 2).map(({ entry }) => entry.public.filter)).toEqual([
      ['subject', 'from'],
      ['type', 'q'],
    ]);
    expect(JSON.stringify(events)).not.toMatch(/waldemar|refund/);
  });

  it('at one event and its proof is one event for it in ten minutes', async () => {
    const [{ seq } = { seq: -1 }] = (await page('?type=identity.session.&limit=1')).events;
    for (let nth = 0; nth < 3; nth++) expect((await test.owner('GET', `/api/events/${seq}`)).status).toBe(200);
    await sealed();
    expect((await page('?type=audit.event.read')).events.map(({ entry }) => entry.public)).toEqual([{ seq }]);
  });

  it('as an export is on record with its format and how many left', async () => {
    const { status, text } = await exported('type=identity.workload.&format=ndjson');
    expect(status).toBe(200);
    expect(text.trim().split('\n')).toHaveLength(13);
    const [event] = (await reads()).filter(({ entry }) => entry.type === 'audit.log.exported');
    expect(event?.entry.public).toMatchObject({ format: 'ndjson', events: 13, complete: true, filter: ['type'] });
  });
});

async function exported(query: string): Promise<{ status: number; type: string | null; text: string }> {
  const reply = await fetch(`${test.controlUrl}/api/events/export?${query}`, {
    headers: { authorization: `Bearer ${test.server.ownerToken}` },
  });
  return { status: reply.status, type: reply.headers.get('content-type'), text: await reply.text() };
}

describe('an export', () => {
  it.each([
    ['csv', 'text/csv', 14],
    ['ndjson', 'application/x-ndjson', 13],
    ['ocsf', 'application/x-ndjson', 13],
  ])('as %s holds every event that answers', async (format, type, lines) => {
    const answer = await exported(`type=identity.workload.&format=${format}`);
    expect([answer.status, answer.type?.split(';')[0]]).toEqual([200, type]);
    expect(answer.text.trim().split('\n')).toHaveLength(lines);
  });

  it('as ndjson can be checked: each leaf hashes to what its line states, which a pack proves', async () => {
    const { text } = await exported('format=ndjson');
    for (const line of text.trim().split('\n')) {
      const { seq, leafHash } = JSON.parse(line) as { seq: number; leafHash: string };
      const leaf = line.slice(line.indexOf('"leaf":') + '"leaf":'.length, -1);
      expect([seq, createHash('sha256').update('\0').update(leaf).digest('base64')]).toEqual([seq, leafHash]);
      expect((JSON.parse(leaf) as { seq: number }).seq).toBe(seq);
    }
  });

  it('of another form is refused', async () => {
    expect((await exported('format=xml')).status).toBe(400);
    expect((await exported('')).status).toBe(400);
  });
});

describe('the command line', () => {
  const MONTH = new Date().toISOString().slice(0, 7);

  /** The program itself, signed in by the credential of the running server. */
  function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
    const words = [PROGRAM, ...argv, '--secrets-dir', join(test.folder, 'secrets')];
    return new Promise((resolve) => {
      execFile(process.execPath, words, { env: { PATH: process.env.PATH } }, (fault, out, err) =>
        resolve({ code: typeof fault?.code === 'number' ? fault.code : 0, out, err }),
      );
    });
  }

  it('lists, counts and exports by the same filter, and prints the totals', async () => {
    const table = await run('event', 'query', '--type', 'identity.workload.', '--limit', '5');
    expect(table.code).toBe(0);
    expect(table.out.split('\n')).toHaveLength(7);
    expect(table.err).toMatch(/5 events; more: --before c1\./);
    const counted = await run('event', 'query', '--type', 'identity.workload.', '--count');
    expect(counted.out).toMatch(/^total +13$/m);
    const csv = await run('event', 'query', '--type', 'identity.workload.', '--format', 'csv');
    expect(csv.out.trim().split('\r\n')).toHaveLength(14);
    expect(csv.err).toContain('13 events, all that were sealed');
    const json = JSON.parse((await run('event', 'query', '--type', 'identity.workload.', '--json', '--limit', '200')).out);
    expect([json.events.length, json.next]).toEqual([13, null]);
  });

  it('says what is wrong with a question before anything is written', async () => {
    expect(await run('event', 'query', '--format', 'xml')).toMatchObject({ code: 2, out: '' });
    expect(await run('event', 'query', '--decision', 'maybe', '--format', 'csv')).toMatchObject({ code: 2, out: '' });
    expect(await run('report', 'business', '--month', '2026-13')).toMatchObject({ code: 2, out: '' });
    expect(await run('report', 'business')).toMatchObject({ code: 2, out: '' });
  });

  it('[W11] reports a month whose every number is the total of its own query', async () => {
    const { rooms } = test.server;
    const write = (type: string, over: JsonObject = {}) => {
      const known = allEvents.find((event) => event.type === type);
      const subject = newId('call', systemClock, systemRandom);
      const written = { id: newId('evt', systemClock, systemRandom), tenant: rooms.tenant, subject, actor: 'wkl_test', sealed: null };
      return rooms.events.append({ ...written, type, occurredAtMs: systemClock.now(), public: { ...known?.example, ...over } });
    };
    await write('workflows.run.finished', { state: 'stopped', code: 'POLICY_NO_RULE' });
    await write('enforcement.call.intended');
    await write('enforcement.call.completed', { effect: 'money', operation: 'refunds.create', became: 'done', amount: '12.00 USD' });
    await write('enforcement.call.completed', { effect: 'model', inputTokens: 30, outputTokens: 4, cost: '0.000120 USD' });
    await write('enforcement.call.refused');
    await write('enforcement.call.faulted');
    await write('approvals.call.denied');
    await sealed();
    const report = JSON.parse((await run('report', 'business', '--month', MONTH, '--json')).out);
    const printed = await run('report', 'business', '--month', MONTH);
    await Promise.all(
      (report.figures as FigureRow[]).map(async ({ key, events, query }) => {
        const words = Object.entries(query).flatMap(([name, value]) => [value].flat().flatMap((one) => [`--${name}`, one]));
        const counted = JSON.parse((await run('event', 'query', ...words, '--count', '--json')).out);
        expect([key, counted.total]).toEqual([key, events]);
        expect(printed.out).toContain(['sallyport event query', ...words, '--count'].join(' '));
      }),
    );
    const found = Object.fromEntries((report.figures as FigureRow[]).map(({ key, events }) => [key, events]));
    expect(found).toMatchObject({ runsFailed: 1, leaksReplaced: 1, refundsPaid: 1, refundsStopped: 1, degradedMinutes: 1, modelCalls: 1 });
    expect(printed.out).toMatch(/refundsPaid +1 money +1 +12\.00 USD/);
    expect(printed.out).toMatch(/modelCalls +1 tokens +1 +30 tokens in, 4 out; 0\.000120 USD/);
    const { body } = await test.owner('GET', '/api/overview');
    expect(body.business).toMatchObject({ refunds: { count: 1 }, refundsStopped: 1, runs: { stopped: 1 } });
  });
});
