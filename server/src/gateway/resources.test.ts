// Which token opens which route: every audience against every route, and what a caller without a token is told.

import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { readCredential } from './credential.ts';
import { metadataOf, metadataUrl, parseResourcePath, resourceMetadata } from './resources.ts';

const ORIGIN = 'https://gateway.example.com';
const at = { origins: () => [ORIGIN, 'http://127.0.0.1:4800'], issuer: () => 'https://console.example.com' };
const request = (url: string, headers: Readonly<Record<string, string>> = {}): IncomingMessage =>
  ({ url, method: 'GET', headers }) as never;

const ROUTES = [
  '/v1/models',
  '/connect/shop/x',
  '/connect/mail/x',
  '/connect/shopping/x',
  '/mcp/shop',
  '/mcp/mail',
  '/connect/-/approvals/a',
  '/hooks/shop',
  '/',
];
const AUDIENCES = [
  '',
  '/v1',
  '/connect/shop',
  '/connect/mail',
  '/mcp/shop',
  '/connect',
  '/connect/',
  '/x',
  '/v1/models',
  '.evil.example.com',
  '@evil.example.com/v1',
];

describe('a token', () => {
  test('opens the route it was issued for and no other', () => {
    const opened = AUDIENCES.flatMap((audience) =>
      ROUTES.filter((route) => readCredential(request(route), at).presentedAt.accepts(`${ORIGIN}${audience}`)).map(
        (route) => `${audience} > ${route}`,
      ),
    );
    expect(opened).toEqual([
      ' > /v1/models',
      ' > /connect/shop/x',
      ' > /connect/mail/x',
      // The route of its own; which integrations it may call is its scope’s.
      ' > /connect/shopping/x',
      ' > /connect/-/approvals/a',
      '/v1 > /v1/models',
      '/connect/shop > /connect/shop/x',
      '/connect/shop > /connect/-/approvals/a',
      '/connect/mail > /connect/mail/x',
      '/connect/mail > /connect/-/approvals/a',
      '/mcp/shop > /mcp/shop',
      '/connect/ > /connect/-/approvals/a',
    ]);
  });

  test('of another gateway, or of another name of this one, opens nothing', () => {
    for (const origin of [
      'http://127.0.0.1:4800',
      'https://gateway.example.com:444',
      'http://gateway.example.com',
      'https://elsewhere.example.com',
    ])
      for (const route of ROUTES) expect(readCredential(request(route), at).presentedAt.accepts(`${origin}/v1`)).toBe(false);
  });

  test.each([
    [{}, null, 'bearer', null],
    [{ authorization: 'Bearer sp_x' }, 'sp_x', 'bearer', null],
    [{ authorization: 'bearer  abc ' }, 'abc', 'bearer', null],
    [{ authorization: 'DPoP abc', dpop: 'proof' }, 'abc', 'dpop', 'proof'],
    [{ authorization: 'Basic abc' }, null, 'bearer', null],
    [{ authorization: 'DPoP abc', dpop: 'x'.repeat(5_000) }, 'abc', 'dpop', null],
  ])('is read from %j', (headers, key, scheme, proof) => {
    const { presentedKey, presentedAt } = readCredential(request('/v1/models?a=1', headers), at);
    expect([presentedKey, presentedAt.scheme, presentedAt.proof]).toEqual([key, scheme, proof]);
    expect(presentedAt.urls).toEqual([`${ORIGIN}/v1/models`, 'http://127.0.0.1:4800/v1/models']);
  });
});

describe('the description of a resource', () => {
  test.each([
    ['/v1/chat/completions', '/v1'],
    ['/connect/shop/orders', '/connect/shop'],
    ['/mcp/shop', '/mcp/shop'],
    ['/connect/-/approvals/a', ''],
    ['/else', ''],
  ])('of %s is found at its address', (route, resource) => {
    const url = metadataUrl(ORIGIN, route);
    expect(url).toBe(`${ORIGIN}/.well-known/oauth-protected-resource${resource}`);
    const found = metadataOf(new URL(url).pathname);
    expect(resourceMetadata(ORIGIN, found as never, at.issuer())).toMatchObject({
      resource: `${ORIGIN}${resource}`,
      authorization_servers: ['https://console.example.com'],
    });
  });

  test.each(['/connect/../v1', '/connect/Shop', '/connect/shop/x', '/v1/models', '/connect/', '//'])('is none of %s', (path) => {
    expect(parseResourcePath(path)).toBeNull();
  });
});
