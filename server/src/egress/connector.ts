// Opens one connection to a pinned address, with TLS verified against the destination's name.
// INVARIANT: the socket's far end is an address `pinAddresses` returned for this very connection.

import { connect as connectTcp, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls, getCACertificates } from 'node:tls';
import type { buildConnector } from 'undici';
import type { Destination } from './destination.ts';
import { EgressFault } from './errors.ts';
import { isPinned, type PinnedAddress, type PinRules, pinAddresses } from './pin.ts';
import { errorCode, outline } from './wire-fault.ts';

/** Longest any connection attempt lives; a request's own limit may be shorter. */
export const CONNECT_CEILING_MS = 15_000;
const TCP_KEEPALIVE_DELAY_MS = 30_000;

export interface ConnectorOptions {
  readonly rules: PinRules;
  /** Further certificate authorities (PEM), on top of the machine's. */
  readonly extraAuthorities: readonly string[];
}

type Connector = buildConnector.connector;

export function createConnector(destination: Destination, options: ConnectorOptions): Connector {
  const authorities = options.extraAuthorities.length === 0 ? undefined : [...getCACertificates('default'), ...options.extraAuthorities];
  let session: Buffer | undefined;

  const openSocket = (pinned: readonly PinnedAddress[]): { socket: Socket; ready: string } => {
    const target = { host: destination.hostname, port: destination.port, lookup: answerWith(pinned), autoSelectFamily: true };
    if (!destination.isTls) return { socket: connectTcp(target), ready: 'connect' };
    const socket = connectTls({
      ...target,
      ...(destination.isLiteral ? {} : { servername: destination.hostname }),
      ...(authorities === undefined ? {} : { ca: authorities }),
      ...(session === undefined ? {} : { session }),
      minVersion: 'TLSv1.2',
      rejectUnauthorized: true, // said aloud: an environment variable could turn the default off
      ALPNProtocols: ['http/1.1'],
    });
    socket.on('session', (fresh: Buffer) => {
      session = fresh;
    });
    return { socket, ready: 'secureConnect' };
  };

  const open = (pinned: readonly PinnedAddress[]): Promise<Socket> =>
    new Promise((resolve, reject) => {
      const { socket, ready } = openSocket(pinned);
      const isTlsStep = (): boolean => destination.isTls && !socket.connecting;
      const timer = setTimeout(() => socket.destroy(new EgressFault('EGRESS_CONNECT_TIMEOUT', false)), CONNECT_CEILING_MS);
      const fail = (error: unknown): void => {
        clearTimeout(timer);
        reject(connectFault(error, isTlsStep()));
      };
      socket.setNoDelay(true).setKeepAlive(true, TCP_KEEPALIVE_DELAY_MS);
      socket.on('error', fail);
      socket.once(ready, () => {
        clearTimeout(timer);
        if (!isPinned(socket.remoteAddress, pinned)) {
          socket.destroy();
          reject(new EgressFault('EGRESS_ADDRESS_FORBIDDEN', false));
          return;
        }
        resolve(socket);
      });
    });

  return (_options, callback) => {
    withCeiling(pinAddresses(destination, options.rules))
      .then(open)
      .then(
        (socket) => callback(null, socket),
        (error: unknown) => callback(connectFault(error, false), null),
      );
  };
}

/** A resolver that never answers must not hold a place in the pool for ever. */
function withCeiling<T>(work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new EgressFault('EGRESS_DNS_FAILED', false)), CONNECT_CEILING_MS);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** A lookup that knows only the checked answers. */
function answerWith(pinned: readonly PinnedAddress[]): LookupFunction {
  return (_hostname, options, callback) => {
    const first = pinned[0] as PinnedAddress; // never empty: pinAddresses throws instead
    if (options.all === true) callback(null, [...pinned]);
    else callback(null, first.address, first.family);
  };
}

const UNTRUSTED = /^(CERT_|ERR_TLS_CERT|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH|PATH_LENGTH)/;

function connectFault(error: unknown, isTlsStep: boolean): EgressFault {
  if (error instanceof EgressFault) return error;
  const name = errorCode(error);
  const cause = outline(error);
  if (UNTRUSTED.test(name)) return new EgressFault('EGRESS_TLS_UNTRUSTED', false, cause);
  if (name === 'ETIMEDOUT') return new EgressFault('EGRESS_CONNECT_TIMEOUT', false, cause);
  if (isTlsStep || name.startsWith('ERR_SSL') || name === 'EPROTO') return new EgressFault('EGRESS_TLS_FAILED', false, cause);
  return new EgressFault('EGRESS_CONNECT_FAILED', false, cause);
}
