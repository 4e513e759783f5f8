// Under which names both listeners are reached, what follows for access tokens, and how a program's own description is fetched.

import type { Egress } from '#egress';
import { type GatewayOrigins, parseResourcePath } from '#gateway';
import type { OAuthOptions, OAuthPlace } from '#identity';
import type { Config } from '../settings.ts';

export interface Origins extends GatewayOrigins {
  /** Of the control plane; the issuer first. */
  control(): readonly string[];
}

const LOOPBACK = ['127.0.0.1', 'localhost', '::1'];
const ANY = ['0.0.0.0', '::'];

/** `listeners`: gateway, then control plane, once they listen. */
export function originsOf(
  config: Pick<Config, 'publicUrl' | 'gatewayPublicUrl' | 'gatewayHost' | 'gatewayPort' | 'controlHost' | 'controlPort' | 'tlsCertFile'>,
  listeners: () => readonly { readonly port: number }[],
): Origins {
  const scheme = config.tlsCertFile === null ? 'http' : 'https';
  const names = (host: string, port: number, preferred: string): readonly string[] => {
    const hosts = LOOPBACK.includes(host) || ANY.includes(host) ? [preferred, ...LOOPBACK.filter((name) => name !== preferred)] : [host];
    return hosts.map((name) => `${scheme}://${name.includes(':') ? `[${name}]` : name}:${port}`);
  };
  const outside = (url: string | null): readonly string[] => (url === null ? [] : [new URL(url).origin]);
  const control = (): readonly string[] => [
    ...outside(config.publicUrl),
    ...names(config.controlHost, listeners()[1]?.port ?? config.controlPort, 'localhost'),
  ];
  return {
    control,
    issuer: () => control()[0] as string,
    origins: () => [
      ...outside(config.gatewayPublicUrl),
      ...names(config.gatewayHost, listeners()[0]?.port ?? config.gatewayPort, '127.0.0.1'),
    ],
  };
}

export function oauthPlace(at: Origins): OAuthPlace {
  return {
    issuer: at.issuer,
    urls: (path) => at.control().map((origin) => `${origin}${path}`),
    resource: (text) => {
      const origins = at.origins();
      const origin = origins.find((one) => text === one || text.startsWith(`${one}/`));
      const resource = origin === undefined ? null : parseResourcePath(text.slice(origin.length));
      return resource === null ? null : { audience: `${origins[0]}${resource.path}`, integration: resource.integration };
    },
  };
}

/** One document over the one outbound door: no redirect, no private address, a few kilobytes, a few seconds. */
export function fetchDocument(egress: () => Pick<Egress, 'requestJson'>): OAuthOptions['fetch'] {
  return async (url, { maxBytes, timeoutMs }) => {
    const { origin, pathname, search } = new URL(url);
    const limits = { connectMs: timeoutMs, headersMs: timeoutMs, idleMs: timeoutMs, totalMs: timeoutMs, maxResponseBytes: maxBytes };
    const { status, body } = await egress().requestJson({
      destination: { origin, pathPrefix: pathname, methods: ['GET'] },
      method: 'GET',
      path: `${pathname}${search}`,
      headers: { accept: 'application/json' },
      body: null,
      signal: AbortSignal.timeout(timeoutMs),
      limits,
    });
    return status === 200 ? body : null;
  };
}
