// The pools of connections, one for each destination in use, bounded in number, width and waiting line.
// It must never outgrow its bounds: the least recently used idle pool goes first.

import { Pool } from 'undici';
import { type ConnectorOptions, createConnector } from './connector.ts';
import { type Destination, parseDestination, refuseDestination } from './destination.ts';
import { EgressFault } from './errors.ts';

/** Destinations with a live pool at a time. */
export const MAX_UPSTREAMS = 256;
/** Connections to one destination. */
const MAX_CONNECTIONS = 256;
/** Requests to one destination, running and waiting; beyond it we refuse instead of queueing. */
export const MAX_REQUESTS = 2_048;
/** An unused connection is closed after this; upstreams commonly close after 5 s or more. */
const KEEP_ALIVE_MS = 4_000;
/** Never longer, whatever the upstream's keep-alive header asks for. */
const KEEP_ALIVE_MAX_MS = 60_000;
/** A connection serves at most this long, so that a changed DNS answer is looked at again. */
const CONNECTION_LIFE_MS = 300_000;
const MAX_REPLY_HEADER_BYTES = 65_536;

export interface Upstream {
  readonly destination: Destination;
  readonly key: string;
  readonly pool: Pool;
  readonly release: () => void;
  active: number;
  lastUse: number;
}

/** Requests of sample data have pools of their own, so that no other request finds a connection to a sample part open. */
export type Lane = 'ordinary' | 'sample';

export interface Upstreams {
  /** The upstream with one more active request, which `release` gives back; or why there is none. */
  acquire(origin: string, lane?: Lane): Upstream | EgressFault;
  /** Waits for nothing: running requests fail with EGRESS_CLOSED. */
  close(): Promise<void>;
}

export function createUpstreams(ordinary: ConnectorOptions, sample: ConnectorOptions = ordinary): Upstreams {
  const upstreams = new Map<string, Upstream>();
  let uses = 0;
  let isClosed = false;

  const open = (key: string, origin: string, options: ConnectorOptions): Upstream | EgressFault => {
    const destination = parseDestination(origin);
    if (destination instanceof EgressFault) return destination;
    const refused = refuseDestination(destination, options.rules.allowPrivate);
    if (refused !== null) return refused;
    if (upstreams.size >= MAX_UPSTREAMS && !evict()) return new EgressFault('EGRESS_BUSY', false);
    const upstream: Upstream = {
      destination,
      key,
      pool: createPool(destination, options),
      release: () => {
        upstream.active -= 1;
      },
      active: 0,
      lastUse: 0,
    };
    upstreams.set(key, upstream);
    return upstream;
  };

  const evict = (): boolean => {
    let oldest: Upstream | null = null;
    for (const upstream of upstreams.values()) {
      if (upstream.active === 0 && (oldest === null || upstream.lastUse < oldest.lastUse)) oldest = upstream;
    }
    if (oldest === null) return false;
    upstreams.delete(oldest.key);
    void oldest.pool.destroy();
    return true;
  };

  return {
    acquire: (origin, lane = 'ordinary') => {
      if (isClosed) return new EgressFault('EGRESS_CLOSED', false);
      const key = `${lane} ${origin}`;
      const upstream = upstreams.get(key) ?? open(key, origin, lane === 'sample' ? sample : ordinary);
      if (upstream instanceof EgressFault) return upstream;
      if (upstream.active >= MAX_REQUESTS) return new EgressFault('EGRESS_BUSY', false);
      upstream.active += 1;
      upstream.lastUse = ++uses;
      return upstream;
    },
    close: async () => {
      isClosed = true;
      const pools = [...upstreams.values()].map((upstream) => upstream.pool);
      upstreams.clear();
      await Promise.all(pools.map((pool) => pool.destroy()));
    },
  };
}

function createPool(destination: Destination, options: ConnectorOptions): Pool {
  return new Pool(destination.origin, {
    connect: createConnector(destination, options),
    allowH2: false,
    pipelining: 1,
    connections: MAX_CONNECTIONS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MAX_MS,
    clientTtl: CONNECTION_LIFE_MS,
    maxHeaderSize: MAX_REPLY_HEADER_BYTES,
    strictContentLength: true,
  });
}
