import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EgressFault } from './errors.ts';
import { type EgressRequest, isPathInside, MAX_HEADERS, prepareHeaders } from './request.ts';
import { requestTo } from './test/upstream.ts';

const codeOf = (change: Partial<EgressRequest>): string | null => {
  const prepared = prepareHeaders(requestTo('https://shop.example.com', change));
  return prepared instanceof EgressFault ? prepared.code : null;
};

describe('requests', () => {
  test.each([
    ['/v1', '/v1'],
    ['/v1/x', '/v1'],
    ['/v1?x=/../y', '/v1'],
    ['/v1/a%20b', '/v1/'],
    ['/anything', '/'],
    ['/', ''],
    ['/a.b/..c/...', '/'],
  ])('the path %s lies in %s', (path, prefix) => {
    expect(isPathInside(path, prefix)).toBe(true);
  });

  test.each([
    ['/v10', '/v1'],
    ['/v1/../admin', '/v1'],
    ['/v1/%2e%2e/admin', '/v1'],
    ['/v1/.%2E/admin', '/v1'],
    ['/v1/..', '/v1'],
    ['/v1/./x', '/v1'],
    ['/v1%2f..%2fadmin', '/v1'],
    ['/v1/a%5cb', '/v1'],
    ['/v1//x', '/v1'],
    ['//evil.example/', '/'],
    ['http://evil.example/', '/'],
    ['v1', '/'],
    ['', '/'],
    ['/v1 x', '/v1'],
    ['/v1\r\nx: y', '/v1'],
    ['/v1#x', '/v1'],
    ['/v1\\x', '/v1'],
    ['/v1/%', '/v1'],
    ['/v1/%0', '/v1'],
    ['/v1/%zz', '/v1'],
    ['/v1/\u00e9', '/v1'],
    ['/v1/%00', '/v1'],
    [`/v1/${'a'.repeat(9000)}`, '/v1'],
    ['*', '/'],
  ])('the path %j does not lie in %s', (path, prefix) => {
    expect(isPathInside(path, prefix)).toBe(false);
  });

  test('whatever is accepted, the platform resolves it to the same path below the prefix', () => {
    const piece = fc.constantFrom('/', '..', '.', '%2e', '%2F', 'v1', 'a', '\\', '//', '?', '%', '#', ';', '@');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const path = `/v1/${pieces.join('')}`;
        if (!isPathInside(path, '/v1')) return;
        const url = new URL(path, 'https://shop.example.com');
        expect(url.pathname + url.search).toBe(path.replace(/^([^?]*)\?$/, '$1'));
        expect(url.pathname.startsWith('/v1/')).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('only ordinary methods, and only the destination’s own when it lists them', () => {
    expect(codeOf({ method: 'CONNECT' })).toBe('EGRESS_METHOD_FORBIDDEN');
    expect(codeOf({ method: 'TRACE' })).toBe('EGRESS_METHOD_FORBIDDEN');
    expect(codeOf({ method: 'get' })).toBe('EGRESS_METHOD_FORBIDDEN');
    const destination = { origin: 'https://shop.example.com', pathPrefix: '/', methods: ['GET'] };
    expect(codeOf({ destination, method: 'POST' })).toBe('EGRESS_METHOD_FORBIDDEN');
    expect(codeOf({ destination })).toBeNull();
  });

  test.each([
    'host',
    'content-length',
    'transfer-encoding',
    'connection',
    'upgrade',
    'expect',
    'accept-encoding',
    'te',
    'X-Upper',
    'bad name',
    'x\r\ny',
    '',
  ])('the header %j can not be set by a caller', (name) => {
    expect(codeOf({ headers: { [name]: 'x' } })).toBe('EGRESS_REQUEST_INVALID');
  });

  test('headers and limits are bounded', () => {
    const many = Object.fromEntries(Array.from({ length: MAX_HEADERS + 1 }, (_, index) => [`x-${index}`, '']));
    expect(codeOf({ headers: many })).toBe('EGRESS_REQUEST_INVALID');
    expect(codeOf({ headers: { 'x-long': 'a'.repeat(40_000) } })).toBe('EGRESS_REQUEST_INVALID');
    expect(codeOf({ limits: { connectMs: 1, headersMs: 0, idleMs: 1, totalMs: 1, maxResponseBytes: 1 } })).toBe('EGRESS_REQUEST_INVALID');
    expect(codeOf({ body: new Uint8Array([1]) })).toBe('EGRESS_REQUEST_INVALID');
  });

  test('always asks for an uncompressed reply', () => {
    expect(prepareHeaders(requestTo('https://shop.example.com', { headers: { accept: 'x/y' } }))).toEqual([
      'accept-encoding',
      'identity',
      'accept',
      'x/y',
    ]);
  });
});
