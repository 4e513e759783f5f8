import { afterEach, describe, expect, test } from 'vitest';
import { createUpstreams, MAX_REQUESTS, MAX_UPSTREAMS, type Upstream, type Upstreams } from './upstreams.ts';

const rules = { resolve: async () => [], ownAddresses: () => [], allowPrivate: new Set<string>() };
let upstreams: Upstreams = createUpstreams({ rules, extraAuthorities: [] });
afterEach(async () => {
  await upstreams.close();
  upstreams = createUpstreams({ rules, extraAuthorities: [] });
});

const codeOf = (upstream: ReturnType<Upstreams['acquire']>): string => ('code' in upstream ? upstream.code : 'open');

describe('pools of connections', () => {
  test('one destination takes so many requests and no more, until one is given back', () => {
    const first = upstreams.acquire('https://shop.example.com') as Upstream;
    for (let index = 1; index < MAX_REQUESTS; index += 1) upstreams.acquire('https://shop.example.com');
    expect(codeOf(upstreams.acquire('https://shop.example.com'))).toBe('EGRESS_BUSY');
    expect(codeOf(upstreams.acquire('https://other.example.com'))).toBe('open');
    first.release();
    expect(codeOf(upstreams.acquire('https://shop.example.com'))).toBe('open');
  });

  test('the least recently used idle pool makes room for a new destination, a busy one never', () => {
    const pools = Array.from({ length: MAX_UPSTREAMS }, (_, index) => upstreams.acquire(`https://shop-${index}.example.com`) as Upstream);
    expect(codeOf(upstreams.acquire('https://new.example.com'))).toBe('EGRESS_BUSY');
    pools[7]?.release();
    pools[3]?.release();
    expect(codeOf(upstreams.acquire('https://new.example.com'))).toBe('open');
    expect([pools[3]?.pool.destroyed, pools[7]?.pool.destroyed]).toEqual([true, false]);
  });

  test('a refused destination opens no pool', () => {
    expect(codeOf(upstreams.acquire('https://shop.example.com:25'))).toBe('EGRESS_PORT_FORBIDDEN');
    expect(codeOf(upstreams.acquire('http://shop.example.com'))).toBe('EGRESS_PLAINTEXT_FORBIDDEN');
  });
});
