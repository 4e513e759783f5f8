// The browser's session cookie, and whether a request that carries it comes from our own pages.
// INVARIANT: a cookie alone changes nothing: the browser must also say that the request is same-origin. Another program on this
// machine is the same "site" for a browser, so only the origin counts.

import type { FastifyRequest } from 'fastify';
import { type Refusal, refuse, type UnixMs } from '#core';

/** Over plain http, which this server speaks on this machine only. */
const PLAIN_NAME = 'sallyport_session';
/** Over https: a browser takes it from this very host over https only, and nobody else's page can set it. */
const HOST_NAME = '__Host-sallyport_session';
const TOKEN = /^[\w-]{1,300}$/;

export const CROSS_SITE: Refusal = refuse(
  'CONTROL_CROSS_SITE',
  'Changes are taken from this server’s own pages and from the command line only.',
);

export interface Site {
  readonly isHttps: boolean;
}

export function sessionCookie(token: string, lifetimeMs: UnixMs, { isHttps }: Site): string {
  const name = isHttps ? HOST_NAME : PLAIN_NAME;
  const lifetime = Math.max(0, Math.floor(lifetimeMs / 1000));
  return `${name}=${token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${lifetime}${isHttps ? '; Secure' : ''}`;
}

export const clearedCookie = (site: Site): string => sessionCookie('', 0, site);

/** The plain cookie counts for nothing where the site is https: a page of a neighbouring host could have set it. */
export function cookieOf(header: string | undefined, { isHttps }: Site): string | null {
  const wanted = isHttps ? HOST_NAME : PLAIN_NAME;
  for (const part of (header ?? '').split(';')) {
    const [name, value] = part.trim().split('=', 2);
    if (name === wanted && value !== undefined && TOKEN.test(value)) return value;
  }
  return null;
}

/** Null when the request comes from our own page, or reads by an address somebody typed. */
export function crossSite(request: FastifyRequest): Refusal | null {
  const reads = request.method === 'GET' || request.method === 'HEAD';
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || (reads && site === 'none') ? null : CROSS_SITE;
  const { origin, host } = request.headers;
  if (origin === undefined) return reads ? null : CROSS_SITE;
  return host !== undefined && (origin === `http://${host}` || origin === `https://${host}`) ? null : CROSS_SITE;
}
