import { networkInterfaces } from 'node:os';
import { describe, expect, test } from 'vitest';
import { type Destination, parseDestination } from './destination.ts';
import { type Endpoint, isPinned, pinAddresses } from './pin.ts';

interface Given {
  readonly answers?: readonly (readonly string[])[];
  readonly own?: readonly Endpoint[];
  readonly allow?: readonly string[];
}

function pinner(origin: string, { answers = [], own = [], allow = [] }: Given): () => Promise<string> {
  const queue = [...answers];
  const rules = {
    resolve: async () => queue.shift() ?? [],
    ownAddresses: () => own,
    allowPrivate: new Set(allow),
  };
  return () =>
    pinAddresses(parseDestination(origin) as Destination, rules).then(
      (pinned) => pinned.map((entry) => entry.address).join(),
      (fault: { code: string }) => fault.code,
    );
}

describe('pinning', () => {
  test('a name that is public first and private next is refused the second time', async () => {
    const pin = pinner('https://shop.example.com', { answers: [['1.1.1.1'], ['127.0.0.1'], ['169.254.169.254']] });
    expect([await pin(), await pin(), await pin()]).toEqual(['1.1.1.1', 'EGRESS_ADDRESS_FORBIDDEN', 'EGRESS_ADDRESS_FORBIDDEN']);
  });

  test('one private answer among public ones spoils the whole answer', async () => {
    expect(await pinner('https://shop.example.com', { answers: [['1.1.1.1', '10.0.0.1']] })()).toBe('EGRESS_ADDRESS_FORBIDDEN');
    expect(await pinner('https://shop.example.com', { answers: [['1.1.1.1', 'rubbish']] })()).toBe('EGRESS_ADDRESS_FORBIDDEN');
  });

  test('the allow-list opens private addresses for the listed name only, and never metadata', async () => {
    const allow = ['ollama.lan:11434'];
    expect(await pinner('https://ollama.lan:11434', { allow, answers: [['192.168.1.9']] })()).toBe('192.168.1.9');
    expect(await pinner('https://evil.example:11434', { allow, answers: [['192.168.1.9']] })()).toBe('EGRESS_ADDRESS_FORBIDDEN');
    for (const address of ['169.254.169.254', 'fd00:ec2::254', '100.100.100.200', '0.0.0.0', '::ffff:192.168.1.9']) {
      expect(await pinner('https://ollama.lan:11434', { allow, answers: [[address]] })()).toBe('EGRESS_ADDRESS_FORBIDDEN');
    }
  });

  test('plain http does not reach a public address even when listed', async () => {
    const allow = ['shop.example.com:80'];
    expect(await pinner('http://shop.example.com', { allow, answers: [['1.1.1.1']] })()).toBe('EGRESS_ADDRESS_FORBIDDEN');
    expect(await pinner('http://shop.example.com', { allow, answers: [['10.1.1.1']] })()).toBe('10.1.1.1');
  });

  test.each([
    ['127.0.0.1', '127.0.0.1'],
    ['127.0.0.1', '127.0.0.2'],
    ['127.0.0.1', '::1'],
    ['0.0.0.0', '127.0.0.1'],
    ['::', '::1'],
    ['localhost', '127.0.0.1'],
    ['10.9.9.9', '10.9.9.9'],
  ])('our own listener on %s is refused by the address %s although it is on the list', async (host, address) => {
    const pin = pinner('https://sneaky.lan:4800', { allow: ['sneaky.lan:4800'], answers: [[address]], own: [{ host, port: 4800 }] });
    expect(await pin()).toBe('EGRESS_OWN_ADDRESS');
  });

  test('our own listener is refused by any address of this machine', async () => {
    const here = Object.values(networkInterfaces())
      .flatMap((entries) => entries ?? [])
      .find((entry) => !entry.internal && entry.family === 'IPv4');
    const address = here?.address ?? '127.0.0.1';
    const pin = pinner('https://sneaky.lan:5432', {
      allow: ['sneaky.lan:5432'],
      answers: [[address]],
      own: [{ host: '127.0.0.1', port: 5432 }],
    });
    expect(['EGRESS_OWN_ADDRESS', 'EGRESS_ADDRESS_FORBIDDEN']).toContain(await pin());
  });

  test('a database on another machine is refused by its name and by its address', async () => {
    const own = [{ host: 'db.lan', port: 5432 }];
    const byName = pinner('https://db.lan:5432', { allow: ['db.lan:5432'], own, answers: [['10.0.0.5']] });
    const byAddress = pinner('https://other.lan:5432', { allow: ['other.lan:5432'], own, answers: [['10.0.0.5'], ['10.0.0.5']] });
    const neighbour = pinner('https://other.lan:5432', { allow: ['other.lan:5432'], own, answers: [['10.0.0.6'], ['10.0.0.5']] });
    expect([await byName(), await byAddress(), await neighbour()]).toEqual(['EGRESS_OWN_ADDRESS', 'EGRESS_OWN_ADDRESS', '10.0.0.6']);
  });

  test('a name without an answer, with too many, or a failing resolver is a fault, not an open door', async () => {
    expect(await pinner('https://shop.example.com', { answers: [[]] })()).toBe('EGRESS_DNS_FAILED');
    expect(await pinner('https://shop.example.com', { answers: [new Array<string>(65).fill('1.1.1.1')] })()).toBe('EGRESS_DNS_FAILED');
    const rules = { resolve: () => Promise.reject(new Error('no resolver')), ownAddresses: () => [], allowPrivate: new Set<string>() };
    await expect(pinAddresses(parseDestination('https://shop.example.com') as Destination, rules)).rejects.toMatchObject({
      code: 'EGRESS_DNS_FAILED',
      sent: false,
    });
  });

  test('a literal address is checked without asking the resolver', async () => {
    expect(await pinner('https://10.0.0.1', {})()).toBe('EGRESS_ADDRESS_FORBIDDEN');
    expect(await pinner('https://[fd00:ec2::254]', {})()).toBe('EGRESS_ADDRESS_FORBIDDEN');
    expect(await pinner('https://1.1.1.1', {})()).toBe('1.1.1.1');
  });

  test('a socket that ended elsewhere is noticed', () => {
    const pinned = [{ address: '1.1.1.1', family: 4 as const }];
    expect([isPinned('1.1.1.1', pinned), isPinned('1.1.1.2', pinned), isPinned(undefined, pinned)]).toEqual([true, false, false]);
  });
});
