// The door itself: takes a decided request to its pinned destination and hands the reply to the sink.
// It must never follow a redirect, retry, decompress or look into a body.

import type { Clock } from '#core';
import { collect, type JsonReply } from './collect.ts';
import { createConnector } from './connector.ts';
import { parseAllowList, parseDestination, refuseDestination } from './destination.ts';
import { EgressFault } from './errors.ts';
import { type EgressSink, Exchange } from './exchange.ts';
import type { Endpoint, Resolve } from './pin.ts';
import { type EgressRequest, prepareHeaders } from './request.ts';
import { createUpstreams, type Upstreams } from './upstreams.ts';

export interface EgressDeps {
  readonly resolve: Resolve;
  readonly clock: Clock;
  /** Our own listeners and the database: refused whatever the allow-list says. */
  readonly ownAddresses: () => readonly Endpoint[];
  /** The operator's `host:port` list of local destinations; these may also be plain http. */
  readonly allowPrivate: readonly string[];
  /** `host:port` of the sample parts this process serves now; only requests marked as sample may reach them. */
  readonly sampleParts?: () => readonly string[];
  /** Further certificate authorities as PEM texts. */
  readonly extraAuthorities?: readonly string[];
}

export interface Egress {
  /** Resolves when the reply ended and `sink.onEnd` ran; rejects with an `EgressFault`, or with what the sink threw. */
  request(request: EgressRequest, sink: EgressSink): Promise<void>;
  requestJson(request: EgressRequest): Promise<JsonReply>;
  /** Tries to connect and says what stands in the way; sends no request. */
  check(origin: string, options?: { readonly isSample: boolean }): Promise<EgressFault | null>;
  close(): Promise<void>;
}

export function createEgress(deps: EgressDeps): Egress {
  const rules = { resolve: deps.resolve, ownAddresses: deps.ownAddresses, allowPrivate: parseAllowList(deps.allowPrivate) };
  const connecting = { rules, extraAuthorities: deps.extraAuthorities ?? [] };
  // Read at every connection: a part that was closed can not be reached any more, whoever takes its port.
  const sampleRules = {
    ...rules,
    get allowPrivate() {
      return new Set([...rules.allowPrivate, ...parseAllowList(deps.sampleParts?.() ?? [])]);
    },
  };
  const connectingSample = { ...connecting, rules: sampleRules };
  const upstreams = createUpstreams(connecting, connectingSample);
  const request: Egress['request'] = (wanted, sink) => send(wanted, sink, upstreams, deps.clock);

  return {
    request,
    requestJson: (wanted) => collect((sink) => request(wanted, sink)),
    check: async (origin, options) => {
      const lane = options?.isSample === true ? connectingSample : connecting;
      const destination = parseDestination(origin);
      if (destination instanceof EgressFault) return destination;
      const refused = refuseDestination(destination, lane.rules.allowPrivate);
      if (refused !== null) return refused;
      return new Promise((resolve) => {
        createConnector(destination, lane)({ hostname: destination.hostname, protocol: '', port: '' }, (error, socket) => {
          socket?.destroy();
          resolve(error === null ? null : (error as EgressFault));
        });
      });
    },
    close: () => upstreams.close(),
  };
}

function send(request: EgressRequest, sink: EgressSink, upstreams: Upstreams, clock: Clock): Promise<void> {
  const { signal, limits } = request;
  if (signal.aborted) return Promise.reject(new EgressFault('EGRESS_ABORTED', false));
  const headers = prepareHeaders(request);
  if (headers instanceof EgressFault) return Promise.reject(headers);
  const upstream = upstreams.acquire(request.destination.origin, request.destination.isSample === true ? 'sample' : 'ordinary');
  if (upstream instanceof EgressFault) return Promise.reject(upstream);
  return new Promise((resolve, reject) => {
    const exchange = new Exchange({ sink, limits, signal, clock, resolve, reject, release: upstream.release });
    const { method, path, body } = request;
    const { headersMs: headersTimeout, idleMs: bodyTimeout } = limits;
    upstream.pool.dispatch({ method, path, headers, body, headersTimeout, bodyTimeout }, exchange);
    exchange.watch();
  });
}
