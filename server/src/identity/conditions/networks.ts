// Addresses and ranges of addresses (CIDR), as values that can be compared. Pure; a text that is not exactly one is null, never a guess.

/** An address as one number with its width: 32 bits for IPv4 (also when it came mapped into IPv6), 128 for IPv6. */
export interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

export interface Range {
  readonly bits: 32 | 128;
  readonly first: bigint;
  readonly last: bigint;
}

const MAX_TEXT = 64;
const OCTET = /^(?:0|[1-9]\d{0,2})$/;
const GROUP = /^[0-9a-f]{1,4}$/i;
/** ::ffff:0:0/96, RFC 4291 section 2.5.5.2. */
const MAPPED = 0xffffn << 32n;

function parseV4(text: string): bigint | null {
  const parts = text.split('.');
  if (parts.length !== 4) return null;
  let value = 0n;
  for (const part of parts) {
    const octet = OCTET.test(part) ? Number(part) : 256;
    if (octet > 255) return null;
    value = (value << 8n) | BigInt(octet);
  }
  return value;
}

function parseGroups(text: string): readonly number[] | null {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [at, part] of parts.entries()) {
    const embedded = at === parts.length - 1 && part.includes('.') ? parseV4(part) : null;
    if (embedded !== null) groups.push(Number(embedded >> 16n), Number(embedded & 0xffffn));
    else if (GROUP.test(part)) groups.push(Number.parseInt(part, 16));
    else return null;
  }
  return groups;
}

function parseV6(text: string): bigint | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const [head, tail] = [parseGroups(halves[0] ?? ''), halves.length === 2 ? parseGroups(halves[1] ?? '') : []];
  if (head === null || tail === null) return null;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  return [...head, ...Array.from({ length: missing }, () => 0), ...tail].reduce((value, group) => (value << 16n) | BigInt(group), 0n);
}

/** Null for whatever is not exactly an address; a zone (`%eth0`) says nothing about where somebody is and is cut off. */
export function parseAddress(text: string): Address | null {
  const plain = text.replace(/%[\w.-]{1,32}$/, '');
  if (plain === '' || plain.length > MAX_TEXT) return null;
  if (!plain.includes(':')) {
    const value = parseV4(plain);
    return value === null ? null : { bits: 32, value };
  }
  const value = parseV6(plain);
  if (value === null) return null;
  return value >> 32n === MAPPED >> 32n ? { bits: 32, value: value & 0xffffffffn } : { bits: 128, value };
}

/** `10.0.0.0/8`, `2001:db8::/32`, or one address. Null when host bits are set: the text then does not say what was meant. */
export function parseRange(text: string): Range | null {
  const [place = '', length, more] = text.trim().split('/');
  const address = parseAddress(place);
  if (address === null || more !== undefined) return null;
  const { bits, value } = address;
  const prefix = length === undefined ? bits : /^(?:0|[1-9]\d{0,2})$/.test(length) ? Number(length) : -1;
  if (prefix < 0 || prefix > bits) return null;
  const size = 1n << BigInt(bits - prefix);
  return value % size === 0n ? { bits, first: value, last: value + size - 1n } : null;
}

export function isWithin({ bits, value }: Address, range: Range): boolean {
  return bits === range.bits && value >= range.first && value <= range.last;
}

export function isInAny(address: Address, ranges: readonly Range[]): boolean {
  return ranges.some((range) => isWithin(address, range));
}

/** This machine itself: where the command line and a browser on the server are. */
export function isLoopback({ bits, value }: Address): boolean {
  return bits === 32 ? value >> 24n === 127n : value === 1n;
}

/** The network an address is likely to stay in: a /24, or a /48 of IPv6. */
export function networkOf({ bits, value }: Address): string {
  return bits === 32 ? `4:${(value >> 8n).toString(16)}` : `6:${(value >> 80n).toString(16)}`;
}

/** Longest chain of proxies that is walked. */
const MAX_HOPS = 16;

/**
 * Whose address it is: the socket's, or behind proxies that are trusted the nearest one that is not, read from right to left. What stands left
 * of that was written by somebody nobody trusts. Null when a trusted proxy passed on something that is no address.
 */
export function clientAddress(socket: string | undefined, forwarded: string | undefined, trusted: readonly Range[]): string | null {
  if (socket === undefined) return null;
  let [text, address] = [socket, parseAddress(socket)];
  const hops = (forwarded ?? '').split(',').map((hop) => hop.trim());
  for (let hop = hops.length - 1; hop >= 0 && hops.length - hop <= MAX_HOPS; hop -= 1) {
    if (address === null || !isInAny(address, trusted) || hops[hop] === '') break;
    text = portless(hops[hop] as string);
    address = parseAddress(text);
  }
  return address === null ? null : text;
}

/** Some proxies write the port, too. */
function portless(text: string): string {
  return /^\[([^\]]+)\](?::\d{1,5})?$/.exec(text)?.[1] ?? /^(\d[\d.]+):\d{1,5}$/.exec(text)?.[1] ?? text;
}
