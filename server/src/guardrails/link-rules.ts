// Decides whether a link or an image address in a reply may be released. Data leaves through addresses a model writes, so:
// a host on the allow-list passes, what the request itself contained passes as a link, and so does an address too plain to carry data.

import { decodeCharacterReferences, findKeys } from '#core';
import { type ParsedUrl, parseUrl } from './url.ts';

export interface OutputPolicy {
  /** Lower-case host names, `host:port` where the port is not the usual one, or `*.example.com` for every host below. */
  readonly allowedLinkHosts: ReadonlySet<string>;
  /** True when the text stands verbatim in the request. */
  readonly requestText: (needle: string) => boolean;
  readonly hasPlaceholder: (text: string) => boolean;
  /** False: an address too plain to carry data needs the list, too. In a text to a customer it could lead to somebody who poses as us. */
  readonly plainLinks?: boolean;
  /** `json` when the reply as a whole is JSON that a program reads: each string in it is screened on its own. */
  readonly format?: 'text' | 'json';
}

/** `embed` loads by itself when shown, `link` needs a click. */
export type LinkUse = 'embed' | 'link';

/** `refuse`: it carries a placeholder or a secret, so the whole reply is withheld. */
export type LinkVerdict = 'allow' | 'remove' | 'refuse';

const MAX_PLAIN_HOST = 40;
const MAX_PLAIN_LABELS = 4;
const MAX_PLAIN_PATH = 60;
const MAX_PLAIN_SEGMENTS = 5;
const MAX_PLAIN_WORD = 20;
const MAX_PLAIN_DIGITS = 4;

type WebUrl = Extract<ParsedUrl, { kind: 'web' }>;

function isAllowedHost(url: WebUrl, allowed: ReadonlySet<string>): boolean {
  if (url.hasUserInfo || !/^[A-Za-z0-9.-]+$/.test(url.host)) return false;
  const usualPort = url.port === '' || (url.port === '443' && url.scheme === 'https') || (url.port === '80' && url.scheme === 'http');
  if (url.scheme !== 'https' && url.scheme !== 'http' && url.scheme !== '') return false;
  const host = url.host.toLowerCase();
  if (!usualPort) return allowed.has(`${host}:${url.port}`);
  if (allowed.has(host)) return true;
  for (let dot = host.indexOf('.'); dot !== -1; dot = host.indexOf('.', dot + 1)) {
    if (allowed.has(`*${host.slice(dot)}`)) return true;
  }
  return false;
}

/** Words as people write them: `mug`, `Coffee`, `2026`, `v2`. Not `aGVsbG8`, `5f3a9c`. */
function isPlainWord(word: string): boolean {
  if (word.length > MAX_PLAIN_WORD) return false;
  return /^(?:[A-Za-z]?[a-z]*|[0-9]{1,4}|[a-z]{1,3}[0-9]{1,2})$/.test(word);
}

function digitsIn(text: string): number {
  return text.replace(/[^0-9]/g, '').length;
}

function isPlain(url: WebUrl): boolean {
  const isWeb = url.scheme === 'http' || url.scheme === 'https' || url.scheme === '';
  if (url.hasUserInfo || url.hasQuery || (isWeb ? url.port !== '' : !/^[0-9]{0,5}$/.test(url.port))) return false;
  const labels = url.host.split('.');
  if (url.host.length > MAX_PLAIN_HOST || labels.length > MAX_PLAIN_LABELS || digitsIn(url.host) > MAX_PLAIN_DIGITS) return false;
  if (isWeb && labels.length < 2) return false;
  if (!labels.every((label) => /^[a-z][a-z0-9-]*$/.test(label) && !label.startsWith('xn--'))) return false;
  if (url.path.length > MAX_PLAIN_PATH || digitsIn(url.path) > MAX_PLAIN_DIGITS) return false;
  // `\/` is how JSON text may spell a slash.
  const segments = url.path
    .replaceAll('\\/', '/')
    .replace(/^\/|\/$/g, '')
    .split('/');
  return segments.length <= MAX_PLAIN_SEGMENTS && segments.every((segment) => segment.split(/[-_.]/).every(isPlainWord));
}

function decodePercent(text: string): string {
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) => {
    try {
      return decodeURIComponent(run);
    } catch {
      return run;
    }
  });
}

/** True when the address holds a placeholder or a key, in any spelling a reader of the address would undo. */
export function carriesData(written: string, policy: OutputPolicy): boolean {
  const views = new Set([written, decodePercent(written), decodeCharacterReferences(written), written.replaceAll('\\', '')]);
  for (const view of views) if (policy.hasPlaceholder(view) || findKeys(view).length > 0) return true;
  return false;
}

/** A mail address or phone number that is nothing but a placeholder goes to nobody but the person it stands for. */
function isOwnContact(url: ParsedUrl): boolean {
  return url.kind === 'contact' && !url.hasQuery;
}

export function judgeUrl(written: string, use: LinkUse, policy: OutputPolicy): LinkVerdict {
  const url = parseUrl(written);
  if (carriesData(written, policy)) return isOwnContact(url) ? 'remove' : 'refuse';
  switch (url.kind) {
    case 'web':
      if (isAllowedHost(url, policy.allowedLinkHosts)) return 'allow';
      if (use === 'embed' || url.hasUserInfo) return 'remove';
      return (policy.plainLinks !== false && isPlain(url)) || policy.requestText(written) ? 'allow' : 'remove';
    case 'relative':
      // Leads to the site that shows the reply. Shown by itself it must not call anything with parameters.
      return use === 'embed' && url.hasQuery ? 'remove' : 'allow';
    case 'contact':
      return use === 'link' && (!url.hasQuery || policy.requestText(written)) ? 'allow' : 'remove';
    case 'script':
    case 'other':
      return 'remove';
    default:
      return url satisfies never;
  }
}

/** True when the host itself is on the allow-list: then whatever follows in the address goes to that host, too. */
export function leadsToAllowedHost(written: string, policy: OutputPolicy): boolean {
  const url = parseUrl(written);
  return url.kind === 'web' && isAllowedHost(url, policy.allowedLinkHosts);
}
