import { BlockList } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { classifyAddress, isLoopback, parseAddress } from './address.ts';

const classOf = (text: string): string | null => {
  const address = parseAddress(text);
  return address === null ? null : classifyAddress(address);
};

describe('addresses', () => {
  test.each([
    '0.0.0.0',
    '0.1.2.3',
    '169.254.169.254',
    '169.254.170.2',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
    '192.0.2.1',
    '198.51.100.9',
    '203.0.113.7',
    '192.88.99.1',
    '224.0.0.1',
    '239.255.255.255',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '::127.0.0.1',
    '::8.8.8.8',
    '64:ff9b::7f00:1',
    '64:ff9b::8.8.8.8',
    '64:ff9b:1::1',
    '2001::1',
    '2001:20::1',
    '2001:db8::1',
    '2002:7f00:1::',
    'fe80::1',
    'fec0::1',
    'ff02::1',
    'fd00:ec2::254',
    'fd20:ce::254',
    '100::1',
    '3fff::1',
    '5f00::1',
    '4000::1',
  ])('%s is never connected to, allow-list or not', (text) => {
    expect(classOf(text)).toBe('never');
  });

  test.each([
    '127.0.0.1',
    '127.255.255.254',
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    '100.127.255.255',
    '::1',
    'fc00::1',
    'fd12::1',
  ])('%s needs the operator’s list', (text) => {
    expect(classOf(text)).toBe('private');
  });

  test.each([
    '1.1.1.1',
    '9.255.255.255',
    '11.0.0.0',
    '172.15.0.1',
    '172.32.0.1',
    '100.63.255.255',
    '100.128.0.0',
    '223.255.255.255',
    '2606:4700::1111',
    '2400::1',
  ])('%s is public', (text) => {
    expect(classOf(text)).toBe('public');
  });

  test.each(['', 'localhost', '127.1', '0x7f.0.0.1', '2130706433', '0177.0.0.1', '1.2.3.4.5', 'fe80::1%eth0', '::1%1', '1::2::3', '[::1]'])(
    '%s is not an address at all',
    (text) => {
      expect(parseAddress(text)).toBeNull();
    },
  );

  test('every spelling of one address is the same number', () => {
    const spellings = ['0:0:0:0:0:0:0:1', '::1', '0000::0001', '::0:1', '0:0:0:0:0:0:0.0.0.1'];
    expect(new Set(spellings.map((text) => parseAddress(text)?.value))).toEqual(new Set([1n]));
    expect(parseAddress('::ffff:127.0.0.1')?.value).toBe(parseAddress('::ffff:7f00:1')?.value);
  });

  test('agrees with the platform on every private IPv4 network', () => {
    const twin = new BlockList();
    for (const [network, length] of [
      ['127.0.0.0', 8],
      ['10.0.0.0', 8],
      ['172.16.0.0', 12],
      ['192.168.0.0', 16],
    ] as const)
      twin.addSubnet(network, length);
    const nearBorder = fc.constantFrom(9, 10, 11, 126, 127, 128, 171, 172, 173, 191, 192, 193);
    fc.assert(
      fc.property(nearBorder, fc.nat(255), fc.nat(255), fc.nat(255), (a, b, c, d) => {
        const text = `${a}.${b}.${c}.${d}`;
        if (twin.check(text)) expect(classOf(text)).toBe('private');
        else expect(classOf(text)).not.toBe('private');
      }),
    );
  });

  test('reads any IPv6 address as the platform writes it', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 }), (groups) => {
        const full = groups.map((group) => group.toString(16)).join(':');
        const short = new URL(`http://[${full}]`).hostname.slice(1, -1);
        expect(parseAddress(short)?.value).toBe(parseAddress(full)?.value);
        expect(parseAddress(full)?.value).toBe(BigInt(`0x${groups.map((group) => group.toString(16).padStart(4, '0')).join('')}`));
      }),
    );
  });

  test('knows loopback in both families', () => {
    const loopback = (text: string): boolean => isLoopback(parseAddress(text) as never);
    expect([loopback('127.9.9.9'), loopback('::1'), loopback('128.0.0.1'), loopback('::2')]).toEqual([true, true, false, false]);
  });
});
