// Ways that data takes, from settings and what was measured: under TLS, in clear but on this machine only, or in clear. Pure.

import type { PlainTextEvidence, PlainTextHop, PlainTextState, PlainTextWarning } from '#control';
import { isLoopback } from '../listeners.ts';
import type { SettingsFacts, WireFacts } from './facts.ts';

/** What names a host or a folder of the installation: not for people of other tenants. */
export interface Detail extends PlainTextEvidence {
  readonly isOurs?: true;
}

export interface Judged {
  readonly state: PlainTextState;
  readonly evidence: readonly Detail[];
  readonly warnings: readonly PlainTextWarning[];
}

export interface Hop extends Omit<PlainTextHop, 'evidence'> {
  readonly evidence: readonly Detail[];
}

const fault = (text: string): PlainTextWarning => ({ grade: 'fault', text });
const advice = (text: string): PlainTextWarning => ({ grade: 'advice', text });

/** `localhost`, `127.0.0.1`, `[::1]` and every other address of the loopback network. */
export function isHere(host: string): boolean {
  const bare = host
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();
  return isLoopback(bare) || bare.endsWith('.localhost') || /^127(?:\.\d{1,3}){3}$/.test(bare) || /^::ffff:127\./.test(bare);
}

/** A listener, and what stands in front of it. */
export function entrance(
  config: SettingsFacts,
  { host, publicUrl, names }: { host: string; publicUrl: string | null; names: { listener: string; setting: string; crosses: string } },
): Judged {
  const hasTls = config.tlsCertFile !== null;
  const evidence: Detail[] = [];
  const warnings: PlainTextWarning[] = [];
  const isBeyond = !isHere(host);
  if (hasTls) evidence.push({ by: 'setting', text: `the ${names.listener} speaks TLS 1.2 or later (tlsCertFile)` });
  else if (isBeyond) evidence.push({ by: 'setting', text: `the ${names.listener} is bound to ${host} without TLS`, isOurs: true });
  else evidence.push({ by: 'setting', text: `the ${names.listener} is bound to this machine alone, without TLS` });
  if (!hasTls && isBeyond)
    warnings.push(
      fault(`The ${names.listener} is bound beyond this machine without TLS: ${names.crosses}. Set tlsCertFile and tlsKeyFile.`),
    );

  let state: PlainTextState = hasTls ? 'sealed' : isBeyond ? 'clear' : 'clear_here';
  if (publicUrl !== null) {
    const url = new URL(publicUrl);
    if (url.protocol === 'https:') {
      if (hasTls) evidence.push({ by: 'setting', text: `${names.setting} is https` });
      else {
        evidence.push({ by: 'setting', text: `${names.setting} is https: a proxy ends TLS and hands on in clear` });
        if (!isBeyond) state = 'sealed';
      }
    } else if (!isHere(url.hostname)) {
      state = 'clear';
      evidence.push({ by: 'setting', text: `${names.setting} is http` });
      warnings.push(fault(`${names.setting} is http: ${names.crosses}. Use https.`));
    }
  }
  return { state, evidence, warnings };
}

export const consoleEntrance = (config: SettingsFacts): Judged =>
  entrance(config, {
    host: config.controlHost,
    publicUrl: config.publicUrl,
    names: { listener: 'control plane', setting: 'publicUrl', crosses: 'pages, cookies and passkeys cross the network readable' },
  });

export const gatewayEntrance = (config: SettingsFacts): Judged =>
  entrance(config, {
    host: config.gatewayHost,
    publicUrl: config.gatewayPublicUrl,
    names: { listener: 'gateway', setting: 'gatewayPublicUrl', crosses: 'keys and the content of calls cross the network readable' },
  });

export interface PostgresUrl {
  /** Where it is, by what stands in the URL; null: a socket file. */
  readonly host: string | null;
  readonly sslmode: string | null;
  /** Whether the server's certificate is checked when there is TLS. */
  readonly isVerified: boolean;
}

/** As the client library reads it, so that nothing is promised that is not done. */
export function readPostgresUrl(text: string): PostgresUrl {
  const url = new URL(text);
  const query = url.searchParams;
  const named = query.get('host') ?? decodeURIComponent(url.hostname);
  const sslmode = query.get('sslmode');
  const hasRoot = query.has('sslrootcert');
  const isLibpq = query.get('uselibpqcompat') === 'true';
  const isOn = sslmode === null ? ['true', '1'].includes(query.get('ssl') ?? '') : sslmode !== 'disable' && sslmode !== 'no-verify';
  const isVerified = isOn && (!isLibpq || sslmode === null || sslmode === 'verify-full' || (sslmode === 'verify-ca' && hasRoot));
  return { host: named === '' || named.startsWith('/') ? null : named, sslmode, isVerified };
}

/** `wire`: as Postgres itself saw a connection of ours; null where none could be asked. */
export function toPostgres(databaseUrl: string | null, wire: WireFacts | null): Judged {
  if (databaseUrl === null) {
    return {
      state: 'clear_here',
      evidence: [
        { by: 'setting', text: 'our own Postgres on this machine, over 127.0.0.1, with a random password' },
        ...(wire === null ? [] : [measured(wire)]),
      ],
      warnings: [],
    };
  }
  const { host, sslmode, isVerified } = readPostgresUrl(databaseUrl);
  const isLocal = host === null || isHere(host);
  const evidence: Detail[] = [
    { by: 'setting', text: host === null ? 'DATABASE_URL names a socket file' : `DATABASE_URL names ${host}`, isOurs: true },
    { by: 'setting', text: sslmode === null ? 'DATABASE_URL has no sslmode' : `sslmode is ${sslmode}` },
    ...(wire === null ? [] : [measured(wire)]),
  ];
  // What Postgres sees counts; the setting alone is asked only where nobody could look.
  const isTls = wire?.isTls ?? (isVerified || (sslmode !== null && sslmode !== 'disable'));
  if (isTls) {
    const warnings = isVerified
      ? []
      : [
          (isLocal ? advice : fault)(
            'The certificate of Postgres is not checked: whoever stands between reads and changes everything. Set sslmode=verify-full in DATABASE_URL.',
          ),
        ];
    return { state: 'sealed', evidence, warnings };
  }
  if (isLocal) return { state: 'clear_here', evidence, warnings: [] };
  return {
    state: 'clear',
    evidence,
    warnings: [
      fault(
        'Postgres is on another machine and the connection has no TLS: its password, and everything that is not sealed, cross the network readable. Set sslmode=verify-full in DATABASE_URL.',
      ),
    ],
  };
}

const measured = ({ isTls, protocol }: WireFacts): Detail => ({
  by: 'measured',
  text: isTls ? `Postgres sees ${protocol ?? 'TLS'} on our connection` : 'Postgres sees no TLS on our connection',
});

/** Where a request of ours goes: by its scheme, and by whether it leaves this machine. */
export function outbound(origin: string, what: string): Judged {
  const { protocol, hostname } = new URL(origin);
  if (protocol === 'https:')
    return { state: 'sealed', evidence: [{ by: 'setting', text: 'https: its certificate is checked on every connection' }], warnings: [] };
  if (isHere(hostname)) return { state: 'clear_here', evidence: [{ by: 'setting', text: 'plain http, on this machine' }], warnings: [] };
  return {
    state: 'clear',
    evidence: [{ by: 'setting', text: 'plain http to another machine (allowPrivate)' }],
    warnings: [fault(`${what} is spoken to over plain http: everything sent to it crosses the network readable. Use https.`)],
  };
}
