// The browser's session cookie, and whether a request that carries it comes from our own pages.
// INVARIANT: a cookie alone changes nothing: the browser must also say that the request is same-origin. Another program on this
// machine is the same "site" for a browser, so only the origin counts.

import type { FastifyRequest } from 'fastify';
import { type Refusal, refuse, type UnixMs } from '#core';

/** Without the `__Host-` prefix, which browsers take over https only; this listener speaks http on loopback. */
const NAME = 'sallyport_session';
const TOKEN = /^[\w-]{1,300}$/;

export const CROSS_SITE: Refusal = refuse(
  'CONTROL_CROSS_SITE',
  'Changes are taken from this server’s own pages and from the command line only.',
);

export function sessionCookie(token: string, lifetimeMs: UnixMs): string {
  return `${NAME}=${token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${Math.max(0, Math.floor(lifetimeMs / 1000))}`;
}

export const clearedCookie: string = `${NAME}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0`;

export function cookieOf(header: string | undefined): string | null {
  for (const part of (header ?? '').split(';')) {
    const [name, value] = part.trim().split('=', 2);
    if (name === NAME && value !== undefined && TOKEN.test(value)) return value;
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
