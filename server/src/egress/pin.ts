// Resolves a destination once and returns the addresses a connection may go to, or throws.
// INVARIANT: called for every new connection, and the connection uses what it returned; there is no second resolution in between.

import { networkInterfaces } from 'node:os';
import { type Address, classifyAddress, isLoopback, isUnspecified, parseAddress, sameAddress } from './address.ts';
import type { Destination } from './destination.ts';
import { EgressFault } from './errors.ts';
import { outline } from './wire-fault.ts';

/** All addresses of a name. Rejects when there are none. */
export type Resolve = (hostname: string) => Promise<readonly string[]>;

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export interface PinRules {
  readonly resolve: Resolve;
  /** Our own listeners and the database, as they are bound now. */
  readonly ownAddresses: () => readonly Endpoint[];
  readonly allowPrivate: ReadonlySet<string>;
}

export interface PinnedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

const MAX_ADDRESSES = 64; // a name with more answers is not one we talk to

export async function pinAddresses(destination: Destination, rules: PinRules): Promise<readonly PinnedAddress[]> {
  const texts = await addressesOf(destination.hostname, rules.resolve);
  const isAllowed = rules.allowPrivate.has(destination.authority);
  const pinned: PinnedAddress[] = [];
  for (const text of texts) {
    const address = parseAddress(text);
    // One bad answer spoils all: a name that answers with both is being rebound or is misconfigured.
    if (address === null || !mayConnect(address, destination, isAllowed)) throw new EgressFault('EGRESS_ADDRESS_FORBIDDEN', false);
    if (await isOwn(address, destination, rules)) throw new EgressFault('EGRESS_OWN_ADDRESS', false);
    pinned.push({ address: text, family: address.family });
  }
  return pinned;
}

function mayConnect(address: Address, destination: Destination, isAllowed: boolean): boolean {
  switch (classifyAddress(address)) {
    case 'public':
      return destination.isTls;
    case 'private':
      return isAllowed;
    case 'never':
      return false;
  }
}

async function addressesOf(hostname: string, resolve: Resolve): Promise<readonly string[]> {
  if (parseAddress(hostname) !== null) return [hostname];
  let texts: readonly string[];
  try {
    texts = await resolve(hostname);
  } catch (error) {
    throw new EgressFault('EGRESS_DNS_FAILED', false, outline(error));
  }
  if (texts.length === 0 || texts.length > MAX_ADDRESSES) throw new EgressFault('EGRESS_DNS_FAILED', false);
  return texts;
}

/** Stricter than the kernel: any address of this machine on one of our ports counts as ours, however the listener is bound. */
async function isOwn(address: Address, destination: Destination, rules: PinRules): Promise<boolean> {
  for (const own of rules.ownAddresses()) {
    if (own.port !== destination.port) continue;
    if (own.host === destination.hostname || isThisMachine(address)) return true;
    const hosts = await addressesOf(own.host, rules.resolve);
    if (hosts.map(parseAddress).some((host) => host !== null && sameAddress(host, address))) return true;
  }
  return false;
}

function isThisMachine(address: Address): boolean {
  if (isLoopback(address) || isUnspecified(address)) return true;
  const local = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  return local.map((entry) => parseAddress(entry.address)).some((known) => known !== null && sameAddress(known, address));
}

/** True when the socket's far end is one of the addresses that were checked. */
export function isPinned(remote: string | undefined, pinned: readonly PinnedAddress[]): boolean {
  const address = remote === undefined ? null : parseAddress(remote);
  if (address === null) return false;
  return pinned.map((entry) => parseAddress(entry.address)).some((known) => known !== null && sameAddress(known, address));
}
