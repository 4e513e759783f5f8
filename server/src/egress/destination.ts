// The strict form of a destination. One spelling only, so that no two parsers can disagree on the host:
// decimal, octal and hexadecimal addresses, userinfo, trailing dots, international names and upper case are refused, not repaired.

import { parseAddress } from './address.ts';
import { EgressFault } from './errors.ts';

export interface Destination {
  readonly origin: string;
  readonly isTls: boolean;
  /** Without brackets. */
  readonly hostname: string;
  readonly port: number;
  readonly isLiteral: boolean;
  /** `host:port`, the form of the operator's allow-list. */
  readonly authority: string;
}

const ORIGIN = /^(https?):\/\/(\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?)(?::([1-9][0-9]{0,4}))?$/;
const MAX_ORIGIN_CHARS = 300; // a DNS name has at most 253 characters
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

export function parseDestination(origin: string): Destination | EgressFault {
  const match = origin.length > MAX_ORIGIN_CHARS ? null : ORIGIN.exec(origin);
  // The platform's own parser has the last word: whatever it would rewrite is not the one spelling.
  if (match === null || !URL.canParse(origin) || new URL(origin).origin !== origin) return malformed();
  const [, scheme, host = '', explicitPort] = match;
  const hostname = host.startsWith('[') ? host.slice(1, -1) : host;
  const isLiteral = parseAddress(hostname) !== null;
  if (!isLiteral && !hostname.split('.').every((label) => LABEL.test(label))) return malformed();
  const isTls = scheme === 'https';
  const port = explicitPort === undefined ? (isTls ? 443 : 80) : Number(explicitPort);
  if (port > 65_535) return malformed();
  return { origin, isTls, hostname, port, isLiteral, authority: `${host}:${port}` };
}

function malformed(): EgressFault {
  return new EgressFault('EGRESS_DESTINATION_MALFORMED', false);
}

/** Below 1024 only 443: the rest belongs to mail, files, names and the like. */
function isWebPort(port: number): boolean {
  return port === 443 || port >= 1024;
}

/** What can be said before any name is resolved; null when nothing speaks against it. */
export function refuseDestination(destination: Destination, allowPrivate: ReadonlySet<string>): EgressFault | null {
  if (allowPrivate.has(destination.authority)) return null;
  if (!destination.isTls) return new EgressFault('EGRESS_PLAINTEXT_FORBIDDEN', false);
  return isWebPort(destination.port) ? null : new EgressFault('EGRESS_PORT_FORBIDDEN', false);
}

/** The operator's list in the one spelling; throws on an entry that is not `host:port`, naming its position. */
export function parseAllowList(entries: readonly string[]): ReadonlySet<string> {
  const allowed = new Set<string>();
  for (const [index, entry] of entries.entries()) {
    const parsed = parseDestination(`http://${entry.replace(/:80$/, '')}`);
    if (parsed instanceof EgressFault || !/:[0-9]+$/.test(entry)) {
      throw new EgressFault('EGRESS_DESTINATION_MALFORMED', false, new Error(`allow-list entry ${index + 1} is not host:port`));
    }
    allowed.add(parsed.authority);
  }
  return allowed;
}
