import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { cleanBody, dirtyBody, REPLY_TEXT } from './bodies.ts';
import { faultOf } from './check-reply.ts';
import { cpuUs, cpuUsOfStat, familyOf } from './cpu.ts';
import { gates } from './gateway.ts';
import { sseGates } from './gateway-sse.ts';
import { parseLoad } from './load.ts';
import { createBook, rotated, type Sample } from './measure.ts';
import { nginxConfig, startUpstream } from './peers.ts';
import { freePort } from './pinned.ts';
import { createReplyReader } from './reply-reader.ts';
import { atLeast, atMost, type BenchReport, document, figure, median, ratio, table } from './report.ts';
import { leaks } from './scan.ts';
import { takenOut } from './scan-peers.ts';

const sample = (rps: number, cpuUsPerRequest: number, p50Us = 100, failed = 0): Sample => ({
  rps,
  p50Us,
  p99Us: p50Us * 2,
  cpuUsPerRequest,
  failed,
});

describe('figures', () => {
  test('medians of odd, even and no values', () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3]), median([])]).toEqual([2, 2.5, null]);
  });

  test('a gate passes on its border, fails past it, and fails when nothing was measured', () => {
    expect(figure('a', 6, 'x', atLeast(6)).pass).toBe(true);
    expect(figure('a', 5.99, 'x', atLeast(6)).pass).toBe(false);
    expect(figure('a', 5.5, 'x', atMost(5.5)).pass).toBe(true);
    expect(figure('a', 5.51, 'x', atMost(5.5)).pass).toBe(false);
    expect(figure('a', null, 'x', atMost(5.5))).toEqual({ metric: 'a', value: null, unit: 'x', target: '<= 5.5', pass: false });
    expect(figure('a', 1, 'x')).toEqual({ metric: 'a', value: 1, unit: 'x', target: null, pass: null });
    expect([ratio(1, 0), ratio(null, 1), ratio(6, 2)]).toEqual([null, null, 3]);
  });

  test('the gateway gates compare medians of the right runs', () => {
    const book = createBook();
    for (const rps of [6_500, 7_000, 1]) book.add('sallyport.busy', sample(rps, 120));
    book.add('nginx.busy', sample(20_000, 30));
    book.add('undici.busy', sample(15_000, 50));
    book.add('portkey.busy', sample(900, 1_100));
    book.add('sallyport.single', sample(1, 1, 400));
    book.add('direct.single', sample(1, 1, 40));
    expect(gates(book).map(({ value, pass }) => [value, pass])).toEqual([
      [7.222, true],
      [0.325, true],
      [4, true],
      [70, true],
      [360, true],
    ]);
    expect(gates(createBook()).every((gate) => gate.pass === false)).toBe(true);
    expect(sseGates(createBook()).map((gate) => gate.pass)).toEqual([false, null]);
  });

  test('the order rotates from round to round', () => {
    expect([rotated([1, 2, 3], 0), rotated([1, 2, 3], 1), rotated([1, 2, 3], 5), rotated([], 2)]).toEqual([
      [1, 2, 3],
      [2, 3, 1],
      [3, 1, 2],
      [],
    ]);
  });

  test('the document has the agreed keys, and the table says what is missing', () => {
    const report: BenchReport = {
      name: 'gateway',
      machine: { cores: 2 },
      versions: { node: 'v24' },
      rounds: 3,
      results: [figure('a', null, 'x', atLeast(6))],
      notes: ['nginx is missing: not installed'],
    };
    expect(Object.keys(JSON.parse(document(report)))).toEqual(['name', 'machine', 'versions', 'rounds', 'results', 'notes']);
    expect(table(report)).toContain('not measured');
    expect(table(report)).toContain('nginx is missing: not installed');
  });
});

describe('measuring', () => {
  test('reads CPU time of a process whose name holds brackets and spaces', () => {
    expect(cpuUsOfStat('42 (a (b) c) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20')).toBe(2_000_000);
    expect(() => cpuUsOfStat('nonsense')).toThrow();
    expect(cpuUs([-1])).toBeNull();
    expect(familyOf(process.pid)[0]).toBe(process.pid);
  });

  test('reads what the generators print last, after anything else', () => {
    const line = '{"requests":200,"durationUs":2000000,"failed":1,"p50Us":10,"p99Us":20}';
    expect(parseLoad(`Running 2s test\n${line}\n`)).toEqual({ requests: 200, rps: 100, failed: 1, p50Us: 10, p99Us: 20 });
    expect(() => parseLoad('{"requests":1}')).toThrow('no result');
  });

  test('finds the end of sized and chunked replies, however they are cut', () => {
    const bytes = Buffer.from(
      'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello' +
        'HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n' +
        'HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n' +
        'HTTP/1.1 204 No Content\r\n\r\n',
    );
    for (const size of [1, 2, 7, bytes.length]) {
      const seen: number[] = [];
      const reader = createReplyReader((status) => seen.push(status));
      for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
      expect(seen).toEqual([200, 403, 201, 204]);
    }
  });

  test('bodies are about 1 KB, valid, and only the dirty one holds personal data', () => {
    for (const body of [cleanBody(false), dirtyBody(false)]) {
      expect(body.length).toBeGreaterThan(900);
      expect(body.length).toBeLessThan(1_300);
      expect(JSON.parse(body)).not.toHaveProperty('stream');
    }
    expect(cleanBody(false)).not.toMatch(/@|\d{3}/);
    expect(dirtyBody(false)).toContain('@example.com');
    expect(cleanBody(true)).toContain('"stream":true');
  });

  test('a reply must hold the words of the upstream, whole and to the end', () => {
    const whole = (content: string): string => JSON.stringify({ choices: [{ message: { content } }] });
    const event = (content: string): string => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`;
    expect(faultOf(whole(REPLY_TEXT))).toBeNull();
    expect(faultOf(`${event(REPLY_TEXT.slice(0, 9)) + event(REPLY_TEXT.slice(9))}data: [DONE]\n\n`)).toBeNull();
    expect(faultOf(whole('no'))).toBe('the words are not those of the upstream');
    expect(faultOf(event(REPLY_TEXT))).toBe('the stream has no end');
    expect(faultOf('data: {"error":{}}\n\ndata: [DONE]\n\n')).toBe('the words are not those of the upstream');
    expect(faultOf('<html>')).toBe('the words are not those of the upstream');
  });

  test('nginx gets one worker, kept-alive upstream connections and no buffering', () => {
    const config = nginxConfig(8080, 8081, '/home/x');
    for (const line of ['worker_processes 1;', 'proxy_buffering off;', 'keepalive 128;', 'listen 127.0.0.1:8080;'])
      expect(config).toContain(line);
  });
});

describe('programs', () => {
  test('our own load generator drives the mock upstream, whole and streamed, without a failure', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bench-test-'));
    const port = await freePort();
    const upstream = await startUpstream(port);
    try {
      const load = fileURLToPath(new URL('../peers/load.ts', import.meta.url));
      const headers = join(folder, 'headers');
      writeFileSync(headers, 'authorization: Bearer x\n');
      for (const streamed of [false, true]) {
        const body = join(folder, 'body');
        writeFileSync(body, cleanBody(streamed));
        const args = [load, `http://127.0.0.1:${port}/v1/chat/completions`, '2', '0.2', body, headers];
        const { stdout } = await promisify(execFile)(process.execPath, args);
        const result = parseLoad(stdout);
        expect(result.requests).toBeGreaterThan(0);
        expect(result.failed).toBe(0);
      }
    } finally {
      await upstream.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  }, 30_000);
});

describe('finders of personal data side by side', () => {
  test('what a redacted text left out is found again in the original', () => {
    const original = 'Hi Anna Quist, call 555 0142 or 555 0142.';
    expect(takenOut(original, 'Hi PERSON_NAME Quist, call PHONE_NUMBER or PHONE_NUMBER.', /\b[A-Z]+(?:_[A-Z]+)+\b/)).toEqual([
      { start: 3, end: 7 },
      { start: 20, end: 28 },
      { start: 32, end: 40 },
    ]);
    expect(takenOut('call 555', 'call PHONE_NUMBER', /PHONE_NUMBER/)).toEqual([{ start: 5, end: 8 }]);
    expect(takenOut('nothing here', 'nothing here', /PHONE_NUMBER/)).toEqual([]);
  });

  test('a value leaks when less than nine tenths of it are covered; overlapping finds count once', () => {
    const spans = [{ start: 0, end: 10, type: 'PERSON' }];
    const rows = [
      { text: 'Anna Quist', spans },
      { text: 'plain', spans: [] },
      { text: 'plain', spans: [] },
    ];
    expect(leaks(rows, [[{ start: 0, end: 9 }], [{ start: 0, end: 1 }], []])).toEqual({ leaked: 0, touched: 0.5 });
    expect(
      leaks(rows, [
        [
          { start: 0, end: 5 },
          { start: 0, end: 8 },
        ],
        [],
        [],
      ]),
    ).toEqual({ leaked: 1, touched: 0 });
    expect(leaks([{ text: 'x', spans: [{ start: 0, end: 1, type: 'ORDER_ID' }] }], [[]])).toEqual({ leaked: 0, touched: 0 });
  });
});
