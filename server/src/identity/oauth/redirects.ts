// Where a code may be sent: to exactly an address the client named before.
// INVARIANT: https, or http on this machine; no address that a browser would run instead of open.

const MAX_CHARS = 2_000;
const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);

export function isRedirectUri(text: string): boolean {
  const url = text.length > MAX_CHARS ? null : URL.parse(text);
  if (url === null || url.hash !== '' || text.includes('#') || url.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname));
}

/** Exactly one of them. On the loopback the port may differ: a program takes a free one each time (RFC 8252 section 7.3). */
export function matchesRedirect(registered: readonly string[], presented: string): boolean {
  if (!isRedirectUri(presented)) return false;
  return registered.some(
    (one) => one === presented || (isLoopback(one) && isLoopback(presented) && withoutPort(one) === withoutPort(presented)),
  );
}

function isLoopback(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === 'http:' && LOOPBACK.has(url.hostname);
}

function withoutPort(text: string): string {
  const url = new URL(text);
  url.port = '';
  return url.href;
}
