// Searching the log over HTTP and from the command line: filters, cursors, exports, and that looking is itself on record.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../../../testkit/test-server.ts';

let test: TestServer;
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
