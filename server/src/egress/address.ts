// Which addresses may be connected to at all. A table, so that a reader can check it against the registries:
// IANA IPv4 and IPv6 special-purpose address registries (RFC 6890 and successors), and the clouds' metadata services.
// It must never guess: what is not understood is `never`.

import { isIPv4, isIPv6 } from 'node:net';

/** `private` needs the operator's allow-list; `never` is refused even with it. */
export type AddressClass = 'public' | 'private' | 'never';

export interface Address {
  readonly family: 4 | 6;
  readonly value: bigint;
}

/** The address as a number, or null when the text is not a plain address (a zone such as `%eth0` is not plain). */
export function parseAddress(text: string): Address | null {
  if (isIPv4(text)) return { family: 4, value: parseV4(text) };
  if (!isIPv6(text) || text.includes('%')) return null;
  const embedded = text.lastIndexOf('.') < 0 ? null : text.slice(text.lastIndexOf(':') + 1);
  const groups = embedded === null ? text : text.slice(0, -embedded.length) + hexGroups(parseV4(embedded));
  const [head = '', tail] = groups.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : new Array<string>(8 - left.length - right.length).fill('0');
  let value = 0n;
  for (const group of [...left, ...zeros, ...right]) value = (value << 16n) | BigInt(`0x${group}`);
  return { family: 6, value };
}

function parseV4(text: string): bigint {
  let value = 0n;
  for (const part of text.split('.')) value = (value << 8n) | BigInt(part);
  return value;
}

function hexGroups(v4: bigint): string {
  return `${(v4 >> 16n).toString(16)}:${(v4 & 0xffffn).toString(16)}`;
}

interface Range {
  readonly family: 4 | 6;
  readonly bits: bigint;
  readonly shift: bigint;
  readonly of: AddressClass;
}

function range(cidr: string, of: AddressClass): Range {
  const [text = '', length = ''] = cidr.split('/');
  const address = parseAddress(text);
  if (address === null) throw new Error(`not a network: ${cidr}`);
  const shift = BigInt((address.family === 4 ? 32 : 128) - Number(length));
  return { family: address.family, bits: address.value >> shift, shift, of };
}

// First match wins, so the single addresses stand before the networks that hold them.
const TABLE: readonly Range[] = [
  range('100.100.100.200/32', 'never'), // metadata (Alibaba), inside the carrier-grade NAT range
  range('168.63.129.16/32', 'never'), // metadata and host agent (Azure), a public address
  range('127.0.0.0/8', 'private'), // loopback
  range('10.0.0.0/8', 'private'),
  range('172.16.0.0/12', 'private'),
  range('192.168.0.0/16', 'private'),
  range('100.64.0.0/10', 'private'), // carrier-grade NAT
  range('198.18.0.0/15', 'private'), // benchmarking; used as stand-in addresses by some local proxies
  range('0.0.0.0/8', 'never'), // "this host": connects to loopback on Linux
  range('169.254.0.0/16', 'never'), // link-local, metadata of most clouds
  range('192.0.0.0/24', 'never'), // protocol assignments, metadata (Oracle)
  range('192.0.2.0/24', 'never'), // documentation
  range('198.51.100.0/24', 'never'),
  range('203.0.113.0/24', 'never'),
  range('192.88.99.0/24', 'never'), // 6to4 relay
  range('224.0.0.0/4', 'never'), // multicast
  range('240.0.0.0/4', 'never'), // reserved, broadcast
  range('0.0.0.0/0', 'public'),

  range('::1/128', 'private'), // loopback
  range('fd00:ec2::/32', 'never'), // metadata (AWS), inside the unique local range
  range('fd20:ce::/32', 'never'), // metadata (Google), inside the unique local range
  range('fc00::/7', 'private'), // unique local
  range('2001::/23', 'never'), // protocol assignments: Teredo, benchmarking, ORCHID
  range('2001:db8::/32', 'never'), // documentation
  range('2002::/16', 'never'), // 6to4: an IPv4 address in disguise
  range('3fff::/20', 'never'), // documentation
  range('2000::/3', 'public'), // global unicast; everything else is reserved, mapped or translated IPv4 (::/96, ::ffff:0:0/96,
  range('::/0', 'never'), //      64:ff9b::/96), link-local (fe80::/10), site-local (fec0::/10) or multicast (ff00::/8)
];

export function classifyAddress(address: Address): AddressClass {
  const found = TABLE.find((entry) => entry.family === address.family && address.value >> entry.shift === entry.bits);
  return found?.of ?? 'never';
}

const LOOPBACK: readonly Range[] = [range('127.0.0.0/8', 'private'), range('::1/128', 'private')];
const UNSPECIFIED: readonly Range[] = [range('0.0.0.0/8', 'never'), range('::/128', 'never')];
const within = (ranges: readonly Range[], address: Address): boolean =>
  ranges.some((entry) => entry.family === address.family && address.value >> entry.shift === entry.bits);

export function isLoopback(address: Address): boolean {
  return within(LOOPBACK, address);
}

export function isUnspecified(address: Address): boolean {
  return within(UNSPECIFIED, address);
}

export function sameAddress(left: Address, right: Address): boolean {
  return left.family === right.family && left.value === right.value;
}
