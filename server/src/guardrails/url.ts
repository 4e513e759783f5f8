// Takes a link apart the way a browser would, so that no spelling hides where it leads (WHATWG URL, section 4.4).
// Judges nothing; what it does not understand is `other`.

import { decodeCharacterReferences } from '#core';

export type ParsedUrl =
  | {
      readonly kind: 'web';
      /** Lower case `http`, `https`, `ftp`, another scheme with `//`, or empty for `//host`. */
      readonly scheme: string;
      /** As written, not decoded and not folded. */
      readonly host: string;
      readonly port: string;
      readonly hasUserInfo: boolean;
      /** Path without query and fragment. */
      readonly path: string;
      readonly hasQuery: boolean;
    }
  | { readonly kind: 'relative'; readonly hasQuery: boolean }
  /** mailto, tel and sms: opens a program of the reader, loads nothing. */
  | { readonly kind: 'contact' /** Anything besides the one address or number. */; readonly hasQuery: boolean }
  /** Runs or embeds: javascript, data and their like. */
  | { readonly kind: 'script' }
  | { readonly kind: 'other' };

const SCRIPT_SCHEMES = new Set([
  'javascript',
  'vbscript',
  'livescript',
  'data',
  'blob',
  'file',
  'filesystem',
  'view-source',
  'jar',
  'about',
]);
const CONTACT_SCHEMES = new Set(['mailto', 'tel', 'sms']);
const SPECIAL_SCHEMES = new Set(['http', 'https', 'ftp', 'ws', 'wss']);

// Browsers drop tabs and line breaks anywhere, and control characters and spaces at both ends.
const DROPPED = /[\t\n\r]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: exactly the characters browsers drop; quotes are leftovers of markup.
const LEADING = /^(?:[\x00-\x20"']|\\["'])+/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above.
const TRAILING = /(?:[\x00-\x20"']|\\["'])+$/;

function splitAuthority(scheme: string, rest: string): ParsedUrl {
  const end = rest.search(/[/\\?#]/);
  const authority = end === -1 ? rest : rest.slice(0, end);
  const tail = end === -1 ? '' : rest.slice(end);
  const at = authority.lastIndexOf('@');
  const server = authority.slice(at + 1);
  const colon = server.startsWith('[') ? server.indexOf(':', server.indexOf(']')) : server.indexOf(':');
  const query = tail.search(/[?#]/);
  return {
    kind: 'web',
    scheme,
    host: colon === -1 ? server : server.slice(0, colon),
    port: colon === -1 ? '' : server.slice(colon + 1),
    hasUserInfo: at !== -1,
    path: query === -1 ? tail : tail.slice(0, query),
    hasQuery: query !== -1,
  };
}

export function parseUrl(written: string): ParsedUrl {
  const url = decodeCharacterReferences(written).replace(DROPPED, '').replace(LEADING, '').replace(TRAILING, '');
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(url)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    const slashes = /^[/\\]{2,}/.exec(url)?.[0];
    return slashes === undefined ? { kind: 'relative', hasQuery: url.includes('?') } : splitAuthority('', url.slice(slashes.length));
  }
  const rest = url.slice(scheme.length + 1);
  if (SCRIPT_SCHEMES.has(scheme)) return { kind: 'script' };
  if (CONTACT_SCHEMES.has(scheme)) return { kind: 'contact', hasQuery: /[?/\\]/.test(rest) };
  const slashes = /^[/\\]*/.exec(rest)?.[0] ?? '';
  if (SPECIAL_SCHEMES.has(scheme) || slashes.length >= 2) return splitAuthority(scheme, rest.slice(slashes.length));
  return { kind: 'other' };
}
