// Serves the built console and the documentation from memory. INVARIANT: only files it was handed are ever sent: a path is looked up, never opened.

import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ConsoleFile } from './ports.ts';

/** Our own files and nothing else: no inline script or style, no other origin, no frame. */
export const CONSOLE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');
const IMMUTABLE = 'public, max-age=31536000, immutable';

/** True when the request was answered: a file, or the page of the app for a path of the app. */
export function sendConsoleFile(files: ReadonlyMap<string, ConsoleFile>, request: FastifyRequest, reply: FastifyReply): boolean {
  if (request.method !== 'GET' && request.method !== 'HEAD') return false;
  const path = request.url.split('?', 1)[0] ?? '/';
  if (path.startsWith('/api/') || path === '/api') return false;
  const isNamed = /\.[a-z0-9]+$/.test(path) || path.startsWith('/assets/');
  // An address that is no page is told so by the app.
  const file = isNamed ? files.get(path) : (files.get(docsPage(path)) ?? files.get('/index.html'));
  if (file === undefined) return false;
  reply
    .code(200)
    .type(file.type)
    .header('cache-control', file.immutable ? IMMUTABLE : 'no-store')
    .header('content-security-policy', CONSOLE_POLICY)
    .header('referrer-policy', 'no-referrer')
    .header('cross-origin-opener-policy', 'same-origin')
    .send(file.body);
  return true;
}

/** The file of a page of the documentation. */
const docsPage = (path: string): string => `${path.replace(/\/$/, '')}/index.html`;
