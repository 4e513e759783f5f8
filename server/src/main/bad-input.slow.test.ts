// Hostile input over HTTP against a whole server: bodies, connections, replies of a broken provider, manifests and configuration.
// Every case is answered with a code or correctly, nothing reaches the shop, and afterwards the same process serves a clean call.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '@sallyport/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { SallyportError } from '#core';
import { type GuardedModel, MODEL, startGuardedModel } from '../../../testkit/model-upstream/behind-gateway.ts';
import * as reply from '../../../testkit/model-upstream/index.ts';
import { allCodes } from './codes.ts';
import { loadConfig } from './load-config.ts';
import { settings } from './settings.ts';

const random = seededRandom();
const pick = <T>(list: readonly T[]): T => list[random.below(list.length)] as T;
const counts: Record<string, number> = {};
const count = (group: string): void => {
  counts[group] = (counts[group] ?? 0) + 1;
};

let guarded: GuardedModel;
/** Stands where the shop would: whatever arrives here was let through. */
let shop: reply.ModelUpstream;
let shopKey = '';
const manifest = parse(readFileSync(join(import.meta.dirname, '../connectors/example-shop.manifest.yaml'), 'utf8')) as Record<
  string,
  unknown
>;

beforeAll(async () => {
  shop = await reply.startModelUpstream();
  guarded = await startGuardedModel([shop.host]);
  const put = await guarded.test.owner('PUT', '/api/integrations/shop', { kind: 'http', baseUrl: shop.url, manifest });
  expect([put.status, put.body.code]).toEqual([200, undefined]);
  const workload = await guarded.test.owner('POST', '/api/workloads', { name: 'shopper', integrations: ['shop'] });
  const made = await guarded.test.owner('POST', '/api/keys', { workload: workload.body.id });
  shopKey = made.body.key as string;
});
afterAll(async () => {
  await guarded?.close();
  await shop?.close();
});

const CLEAN = JSON.stringify({ model: MODEL, messages: [{ role: 'user', content: 'Hello' }], temperature: 0.5 });

async function expectHealthy(): Promise<void> {
  guarded.upstream.reset();
  guarded.upstream.next(reply.says('Still here.'));
  const posted = await guarded.post(CLEAN);
  expect([posted.status, guarded.upstream.requests.length]).toEqual([200, 1]);
  expect(guarded.test.log.filter((line) => line.includes('"BUG"'))).toEqual([]);
}

/** Cuts, repeats, flips or inserts bytes at seeded places. */
function wound(bytes: Uint8Array): Uint8Array {
  let result = Buffer.from(bytes);
  for (let change = 0; change <= random.below(3); change += 1) {
    const at = random.below(result.byteLength + 1);
    const length = 1 + random.below(12);
    const kind = random.below(4);
    if (kind === 0) result = Buffer.concat([result.subarray(0, at), result.subarray(at + length)]);
    else if (kind === 1) result = Buffer.concat([result.subarray(0, at + length), result.subarray(at)]);
    else if (kind === 2) result = Buffer.concat([result.subarray(0, at), random.bytes(length), result.subarray(at)]);
    else if (at < result.byteLength) result[at] = random.below(256);
  }
  return result;
}

function knownCode(code: unknown): string {
  expect(typeof code === 'string' && allCodes[code] !== undefined, `unknown code ${String(code)}`).toBe(true);
  return code as string;
}

const deep = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;
const chatWith = (extra: string): string => `{"model":"${MODEL}","messages":[{"role":"user","content":"hi"}],${extra}}`;

/** Bodies no reader may accept, by name. */
const NEVER: readonly (readonly [string, () => Uint8Array | string, string])[] = [
  ['nothing', () => '', 'GATEWAY_BODY_INVALID'],
  ['no JSON', () => 'hello', 'GATEWAY_BODY_INVALID'],
  ['a list', () => '[]', 'GATEWAY_REQUEST_INVALID'],
  ['deep nesting', () => chatWith(`"x":${deep(10_000)}`), 'GATEWAY_BODY_INVALID'],
  ['deep nesting without end', () => '{"a":'.repeat(50_000), 'GATEWAY_BODY_INVALID'],
  ['invalid UTF-8', () => Buffer.from(chatWith('"x":"\xff\xfe"'), 'latin1'), 'GATEWAY_BODY_INVALID'],
  ['an overlong encoding', () => Buffer.from(chatWith('"x":"\xc0\xaf"'), 'latin1'), 'GATEWAY_BODY_INVALID'],
  ['a byte order mark', () => `\ufeff${CLEAN}`, 'GATEWAY_BODY_INVALID'],
  ['UTF-16', () => Buffer.from(CLEAN, 'utf16le'), 'GATEWAY_BODY_INVALID'],
  ['a key twice', () => chatWith('"messages":[]'), 'GATEWAY_BODY_INVALID'],
  ['a key twice by escapes', () => chatWith('"mess\\u0061ges":[]'), 'GATEWAY_BODY_INVALID'],
  ['a prototype', () => chatWith('"__proto__":{"admin":true}'), 'GATEWAY_BODY_INVALID'],
  ['a huge number', () => chatWith('"seed":1e400'), 'GATEWAY_BODY_INVALID'],
  ['a number that changes', () => chatWith('"seed":12345678901234567890'), 'GATEWAY_BODY_INVALID'],
  ['half a surrogate', () => chatWith('"x":"\\ud800"'), 'GATEWAY_BODY_INVALID'],
  ['a comment', () => `${CLEAN}// hi`, 'GATEWAY_BODY_INVALID'],
  ['two values', () => CLEAN + CLEAN, 'GATEWAY_BODY_INVALID'],
  ['members without end', () => chatWith(`"x":[${'0,'.repeat(300_000)}0]`), 'GATEWAY_BODY_INVALID'],
  ['more than the bound', () => Buffer.alloc(11 * 1024 * 1024, 0x20), 'GATEWAY_BODY_TOO_LARGE'],
  ['an unknown role', () => CLEAN.replace('"user"', '"constructor"'), 'GATEWAY_REQUEST_INVALID'],
  ['a stream that is no boolean', () => chatWith('"stream":"yes"'), 'GATEWAY_REQUEST_INVALID'],
  ['a model that is no name', () => CLEAN.replace(`"${MODEL}"`, '{}'), 'GATEWAY_REQUEST_INVALID'],
];

describe('bad bodies [PROMISE-3]', () => {
  it.each(NEVER)('are refused: %s', async (_name, body, code) => {
    count('bodies');
    guarded.upstream.reset();
    const posted = await guarded.post(body());
    expect([posted.status >= 400 && posted.status < 500, JSON.parse(posted.text).error.code]).toEqual([true, code]);
    expect(posted.call).toMatch(/^call_/);
    expect(guarded.upstream.requests).toEqual([]);
  });

  it('are refused or passed on unchanged, never half read', async () => {
    for (let round = 0; round < 120; round += 1) {
      count('bodies');
      guarded.upstream.reset();
      guarded.upstream.next(reply.says('ok'));
      const body = wound(Buffer.from(CLEAN));
      const posted = await guarded.post(body);
      if (posted.status === 200) {
        expect(Buffer.from(guarded.upstream.requests[0]?.body ?? []).equals(Buffer.from(body))).toBe(true);
        continue;
      }
      expect(posted.status).toBeLessThan(500);
      knownCode(JSON.parse(posted.text).error.code);
      expect(guarded.upstream.requests).toEqual([]);
    }
    await expectHealthy();
  });

  it('never become an effect at the shop', async () => {
    const operations = Object.values(manifest.operations as Record<string, { method: string; path: string; effect: string }>);
    // A look-up that only we may make is no read of a caller's, and takes no body.
    const effects = operations.filter(({ effect, method }) => effect !== 'read' && method !== 'GET');
    for (let round = 0; round < 120; round += 1) {
      count('connector calls');
      const operation = pick(effects);
      const odd = pick(['1', '..', '%2e%2e', '%00', '%ff', 'a%2fb', '%25', '\u00fc', "'; drop", 'x'.repeat(3_000)]);
      const path = operation.path.replaceAll(/\{\w+\}/g, () => encodeURI(odd).replaceAll('%25', '%'));
      const body = pick<() => Uint8Array | string>([
        () => '{}',
        () => wound(Buffer.from('{"amount":"10.00","currency":"EUR","order_id":"1001","text":"hello"}')),
        () => `{"amount":1e999}`,
        () => `{"amount":"1","amount":"2"}`,
        () => deep(200),
        () => random.bytes(40),
      ])();
      const response = await fetch(`${guarded.test.gatewayUrl}/connect/shop${path}${pick(['', '?a=1', '?%', '?__proto__=1'])}`, {
        method: pick([operation.method, operation.method, 'PUT', 'DELETE', 'POST', 'PATCH']),
        headers: { authorization: `Bearer ${shopKey}`, 'content-type': pick(['application/json', 'application/json', 'text/plain']) },
        body: Buffer.from(body),
      });
      const text = await response.text();
      expect(response.status, text).toBeGreaterThanOrEqual(400);
      expect(response.status, text).toBeLessThan(500);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
      knownCode((JSON.parse(text) as { code: string }).code);
    }
    expect(shop.requests.filter((request) => request.method !== 'GET')).toEqual([]);
    await expectHealthy();
  });
});

/** Sends bytes on a fresh connection and reads until the other side closes. */
function exchange(bytes: Uint8Array | string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(guarded.test.server.gateway.port, '127.0.0.1');
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
    socket.end(bytes);
  });
}

describe('bad connections', () => {
  it('get a code or are closed, whatever stands in head and body', async () => {
    const head = (lines: readonly string[], body = ''): string => `${lines.join('\r\n')}\r\nhost: x\r\nconnection: close\r\n\r\n${body}`;
    const request = (): Uint8Array | string => {
      const key = `authorization: Bearer ${guarded.key}`;
      const line = `${pick(['GET', 'POST', 'PUT', 'OPTIONS', 'TRACE', 'BREW', 'HEAD'])} ${pick(['/', '*', '/v1', '/v1/models', '/v1/chat/completions', '/v1/../connect', '/connect/shop', '/connect//x', 'http://example.com/v1/models', '/%00', `/${'a'.repeat(9_000)}`])} HTTP/1.1`;
      return pick<() => Uint8Array | string>([
        () => head([line]),
        () => head([line, key, key]),
        () => head([line, key, `content-length: ${pick(['-1', '1e3', '0x10', '99999999999999999999', ' 5 5'])}`], 'xxxxx'),
        () =>
          head(
            [line, key, 'transfer-encoding: chunked'],
            pick(['zz\r\n', '5;a=b\r\nhello\r\n0\r\n\r\n', 'ffffffffffffffff\r\n', '-1\r\n\r\n']),
          ),
        () => head([line, 'transfer-encoding: gzip, chunked'], '0\r\n\r\n'),
        () => head([line, `x-${'b'.repeat(random.below(30_000))}: 1`]),
        () => head([line, ...Array.from({ length: 3_000 }, (_, at) => `x-${at}: 1`)]),
        () => head([line, key, 'expect: 200-maybe', 'content-length: 2'], '{}'),
        () => head([line, key, 'upgrade: websocket', 'connection: upgrade']),
        () => head([line, key, `content-length: ${CLEAN.length + 50}`], CLEAN),
        () => wound(Buffer.from(head([line, key, 'content-length: 2'], '{}'))),
        () => random.bytes(1 + random.below(300)),
      ])();
    };
    for (let round = 0; round < 120; round += 1) {
      count('connections');
      const text = await exchange(request());
      // A caller that closed its side before its body was whole may be told nothing.
      if (text === '') continue;
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1]);
      expect(status === 200 || (status >= 400 && status < 500), text.slice(0, 200)).toBe(true);
      const body = text.slice(text.indexOf('\r\n\r\n') + 4);
      if (status === 200 || body === '') continue;
      const parsed = JSON.parse(body) as { code?: string; error?: { code: string } };
      knownCode(parsed.code ?? parsed.error?.code);
    }
    await expectHealthy();
  });

  it('hold nothing when they stall and leave', async () => {
    const before = (await guarded.events()).length;
    const sockets = Array.from({ length: 40 }, () => {
      count('connections');
      const socket = connect(guarded.test.server.gateway.port, '127.0.0.1');
      socket.write(
        `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${guarded.key}\r\ncontent-length: 500\r\n\r\n{"model"`,
      );
      return new Promise<void>((resolve) => {
        socket.on('error', () => {});
        socket.on('close', () => resolve());
        socket.on('connect', () => setImmediate(() => socket.destroy()));
      });
    });
    await Promise.all(sockets);
    await expectHealthy();
    // Two more: intent and outcome of the clean call.
    expect((await guarded.events(undefined, (events) => events.length >= before + 2)).length).toBe(before + 2);
  });
});

describe('bad replies of a provider [PROMISE-3]', () => {
  const huge = (): reply.Reply => reply.raw(Buffer.alloc(33 * 1024 * 1024, 0x20), { 'content-type': 'application/json' });
  const one = (content: string): string => reply.event({ content });
  const CASES: readonly (readonly [string, () => reply.Reply])[] = [
    ['garbage in place of HTTP', () => reply.wire('no http here\r\n\r\n')],
    ['nothing at all', () => reply.wire('')],
    ['half a head', () => reply.wire('HTTP/1.1 200 OK\r\ncontent-ty')],
    ['a head without end', () => reply.wire(`HTTP/1.1 200 OK\r\n${'x-a: 1\r\n'.repeat(5_000)}`)],
    ['a body shorter than its length', () => reply.halfClosed('{"id":"x"')],
    ['two lengths', () => reply.wire('HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}')],
    ['compressed bytes', () => reply.gzipped(reply.completion({ content: 'hi' }))],
    ['a redirect', () => reply.raw('', { location: 'https://example.com/' }, 302)],
    ['a redirect that streams', () => ({ ...reply.stream(one('hi')), status: 307 })],
    ['more than the bound', huge],
    ['no JSON', () => reply.raw('<html>down</html>', { 'content-type': 'text/html' })],
    ['JSON with a key twice', () => reply.raw('{"choices":[],"choices":[]}', { 'content-type': 'application/json' })],
    ['JSON nested deep', () => reply.raw(deep(5_000), { 'content-type': 'application/json' })],
    ['invalid UTF-8', () => reply.raw(Buffer.from([0x7b, 0xff, 0x7d]), { 'content-type': 'application/json' })],
    ['no choices', () => reply.json({ id: 'x' })],
    ['choices that are none', () => reply.json({ choices: [1] })],
    ['words that are no words', () => reply.json(reply.completion({ content: { a: 1 } }))],
    ['spoken words', () => reply.json(reply.completion({ content: 'x', audio: { data: 'AAAA' } }))],
    ['the legacy function call', () => reply.json(reply.completion({ function_call: { name: 'x', arguments: '{}' } }))],
    ['tool arguments that are no JSON', () => reply.calls({ id: 'a', name: 'x', arguments: '{' })],
    ['a stream cut inside an event', () => reply.stream('data: {"choi', { ending: 'break' })],
    ['a stream cut between events', () => reply.stream(one('hi'), { ending: 'break' })],
    ['a stream of invalid UTF-8', () => reply.stream(Buffer.concat([Buffer.from(one('hi')), Buffer.from([0xff, 0x0a, 0x0a])]))],
    ['an event with a key twice', () => reply.stream('data: {"choices":[],"choices":[]}\n\n')],
    ['an event larger than the bound', () => reply.stream(`data: {"x":"${'a'.repeat(1_100_000)}"}\n\n`)],
    ['an event without end', () => reply.stream(`data: ${'a'.repeat(1_100_000)}`)],
    [
      'an error inside a stream',
      () => reply.stream(`${one('hi')}${reply.data({ error: { message: 'x' }, choices: [{ index: 0, delta: { content: 'y' } }] })}`),
    ],
  ];

  /** Reads a reply as a client does; returns the code it was refused with, or null. */
  const verdict = (posted: { status: number; text: string; headers: Headers }): string | null => {
    if (posted.headers.get('content-type')?.startsWith('text/event-stream') !== true) {
      const body = JSON.parse(posted.text) as { error?: { code: string | null } };
      return body.error === undefined ? null : (body.error.code ?? 'UPSTREAM');
    }
    const events = posted.text.split(/\r\n\r\n|\n\n|\r\r/).filter((event) => event !== '');
    const errors = events.filter((event) => event.startsWith('data: {"error"'));
    if (errors.length === 0) return null;
    expect(posted.text).not.toContain('[DONE]');
    const { error } = JSON.parse((errors[0] as string).replace(/^data: /, '')) as { error: { code: string | null } };
    return error.code ?? 'UPSTREAM';
  };

  it.each(CASES)('are answered with a code: %s', async (_name, script) => {
    count('replies');
    guarded.upstream.reset();
    guarded.upstream.next(script());
    const posted = await guarded.post(JSON.stringify({ ...JSON.parse(CLEAN), stream: true }));
    const code = verdict(posted);
    expect(code, posted.text.slice(0, 300)).not.toBe(null);
    if (code !== 'UPSTREAM') knownCode(code);
    expect(guarded.upstream.requests.length).toBe(1);
    await expectHealthy();
  });

  it.each([400, 401, 403, 404, 408, 409, 422, 429, 500, 502, 503, 504])('keep the provider’s status %i and say so', async (status) => {
    count('replies');
    guarded.upstream.reset();
    guarded.upstream.next(pick([reply.fails(status, 'broken'), reply.raw('<html>', { 'content-type': 'text/html' }, status)]));
    const posted = await guarded.post(CLEAN);
    expect(posted.status).toBe(status);
    expect(typeof JSON.parse(posted.text).error.message).toBe('string');
  });

  it.each(['\n', '\r\n', '\r'])('never show an end that was not the real one, when damage took its field: line ends %j', async (end) => {
    count('replies');
    guarded.upstream.reset();
    const whole = reply.spoken(['Good ', 'day'], { usage: true });
    // The blank line before the end and the field of it are gone: what is left stands inside the event before.
    const damaged = whole.replace('\n\ndata: [DONE]', '\n[DONE]').replaceAll('\n', end);
    expect(damaged).toContain(`${end}[DONE]`);
    guarded.upstream.next(reply.stream(damaged, { ending: 'break' }));
    const posted = await guarded.post(JSON.stringify({ ...JSON.parse(CLEAN), stream: true }));
    expect(posted.text).not.toContain('[DONE]');
    expect(posted.text).toContain('"day"');
    expect(verdict(posted)).not.toBe(null);
  });

  it('are passed on whole, refused or broken off with a code, however a stream is framed', async () => {
    const source = reply.spoken(['Good ', 'day ', '\u{1F600}'], { usage: true });
    for (let round = 0; round < 150; round += 1) {
      count('replies');
      guarded.upstream.reset();
      const framed = Buffer.from(
        pick([source, source.replaceAll('\n', '\r\n'), source.replaceAll('\n', '\r'), source.replaceAll('\n\n', '\n: x\n\n')]),
      );
      const cuts = Array.from({ length: random.below(6) }, () => random.below(framed.byteLength));
      guarded.upstream.next(reply.stream(random.below(4) === 0 ? framed : wound(framed), { cuts, ending: pick(['end', 'end', 'break']) }));
      const posted = await guarded.post(JSON.stringify({ ...JSON.parse(CLEAN), stream: true }));
      expect(posted.status).toBe(200);
      const code = verdict(posted);
      if (code !== null && code !== 'UPSTREAM') knownCode(code);
    }
    await expectHealthy();
  });
});

describe('bad manifests', () => {
  it('are refused with the field that is wrong, and never stored half', async () => {
    const before = await guarded.test.owner('GET', '/api/integrations');
    const leaves = (value: unknown, path: string[] = []): string[][] =>
      typeof value === 'object' && value !== null
        ? Object.entries(value).flatMap(([key, item]) => [[...path, key], ...leaves(item, [...path, key])])
        : [];
    const paths = leaves(manifest);
    for (let round = 0; round < 110; round += 1) {
      count('manifests');
      const broken = structuredClone(manifest);
      const path = pick(paths);
      const parent = path.slice(0, -1).reduce<Record<string, unknown>>((inner, key) => inner[key] as Record<string, unknown>, broken);
      const last = path[path.length - 1] as string;
      const kind = random.below(4);
      if (kind === 0) delete parent[last];
      else if (kind === 1) parent[`${last}_unknown`] = parent[last];
      else
        parent[last] = pick([
          null,
          7,
          [],
          {},
          '',
          'x'.repeat(5_000),
          '../..',
          '{unclosed',
          '\u0000',
          JSON.parse(deep(40)),
          '__proto__',
          true,
        ]);
      const put = await guarded.test.owner('PUT', '/api/integrations/broken', { kind: 'http', baseUrl: shop.url, manifest: broken });
      if (put.status === 200) await guarded.test.owner('DELETE', '/api/integrations/broken');
      else {
        expect(put.status, JSON.stringify(put.body)).toBeLessThan(500);
        knownCode(put.body.code);
      }
    }
    expect(await guarded.test.owner('GET', '/api/integrations')).toEqual(before);
  });

  it('are refused as bytes, too', async () => {
    const whole = Buffer.from(JSON.stringify({ kind: 'http', baseUrl: shop.url, manifest }));
    const bodies: readonly (() => Uint8Array | string)[] = [
      () => whole.subarray(0, random.below(whole.byteLength)),
      () => deep(20_000),
      () => `{"__proto__":{"kind":"http"}}`,
      () => random.bytes(200),
      () => `{"kind":"http","baseUrl":"${shop.url}","manifest":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}}`,
      () => JSON.stringify({ kind: 'http', baseUrl: shop.url, manifest: { ...manifest, description: 'a\u0000b' } }),
      () => JSON.stringify({ kind: 'http', baseUrl: shop.url, manifest: { ...manifest, description: '\ud800' } }),
      () => Buffer.alloc(1_100_000, 0x20),
    ];
    for (let round = 0; round < 30; round += 1) {
      count('manifests');
      const response = await fetch(`${guarded.test.controlUrl}/api/integrations/broken`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${guarded.test.server.ownerToken}`, 'content-type': 'application/json' },
        body: Buffer.from((bodies[round % bodies.length] as () => Uint8Array | string)()),
      });
      const text = await response.text();
      expect(response.status, text).toBeGreaterThanOrEqual(400);
      expect(response.status, text).toBeLessThan(500);
      knownCode((JSON.parse(text) as { code: string }).code);
    }
    await expectHealthy();
  });
});

describe('bad configuration', () => {
  it('gives a whole configuration or one coded fault, from flags, environment and file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sallyport-config-'));
    const names = Object.keys(settings) as (keyof typeof settings)[];
    const value = (): string =>
      pick(['', '0', '-1', '70000', 'true', 'maybe', 'localhost', 'x'.repeat(400), '::', 'postgres://', '1e9', '\u0000', '[]', '{}']);
    const yaml = (): string =>
      pick([
        () => `${pick(names)}: ${value()}`,
        () => `${pick(names)}: 1\n${pick(names)}: 2`,
        () => `a: &x [1]\nb: *x`,
        () => `a: &a [*a]`,
        () => deep(3_000),
        () => `${pick(names)}: !!js/function "x"`,
        () => `? [complex]\n: 1`,
        () => '- a',
        () => 'x'.repeat(300_000),
        () => Buffer.from(random.bytes(60)).toString('latin1'),
        () => `__proto__: 1`,
        () => '',
      ])();
    try {
      for (let round = 0; round < 200; round += 1) {
        count('configurations');
        const path = join(folder, 'config.yaml');
        writeFileSync(path, yaml());
        const flags =
          random.below(2) === 0 ? {} : { [pick([...names.map((name) => settings[name].flag), '--unknown', '--__proto__'])]: value() };
        const env = random.below(2) === 0 ? {} : { [pick(names.map((name) => settings[name].env))]: value() };
        const file = pick([path, path, null, join(folder, 'missing.yaml'), folder]);
        try {
          expect(Object.keys(loadConfig({ flags, env, file })).sort()).toEqual([...names].sort());
        } catch (fault) {
          expect(fault).toBeInstanceOf(SallyportError);
          expect((fault as SallyportError).code).toMatch(/^MAIN_CONFIG_(INVALID|UNREADABLE)$/);
        }
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('afterwards', () => {
  it('nothing took effect, nothing is held, and the same process still serves', async () => {
    const total = Object.values(counts).reduce((sum, entry) => sum + entry, 0);
    console.log(`bad input: ${total} cases ${JSON.stringify(counts)}, seed ${random.seed}`);
    expect(total).toBeGreaterThanOrEqual(500);
    expect(shop.requests.filter((request) => request.method !== 'GET')).toEqual([]);
    await expectHealthy();
    expect(guarded.upstream.connections).toBeLessThan(10);
    // Every call that left had its intent, and every call one outcome.
    const calls = Object.values(Object.groupBy(await guarded.events(), (event) => event.subject)).map((list) => list ?? []);
    for (const list of calls) {
      expect(list.filter((event) => event.type !== 'enforcement.call.intended').length, JSON.stringify(list)).toBe(1);
    }
  });
});
