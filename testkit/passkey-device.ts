// An authenticator in memory: makes passkeys and signs with them as a browser hands it over (WebAuthn level 3), and lies on request.
// For tests only; it shares no code with what checks it.

import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

export interface DeviceLies {
  /** The page's address, as the browser states it. */
  readonly origin?: string;
  readonly rpId?: string;
  /** Whether the user was verified, not only there. */
  readonly isVerified?: boolean;
  readonly counter?: number;
  readonly challenge?: string;
  readonly userHandle?: string | null;
  readonly crossOrigin?: boolean;
}

export interface DeviceAssertion {
  readonly id: string;
  readonly clientDataJSON: string;
  readonly authenticatorData: string;
  readonly signature: string;
  readonly userHandle: string | null;
}

export interface PasskeyDevice {
  readonly credential: string;
  /** What `navigator.credentials.create` gives for these options. */
  create(options: object, lies?: DeviceLies): { id: string; clientDataJSON: string; attestationObject: string; transports: string[] };
  /** What `navigator.credentials.get` gives. */
  get(options: object, lies?: DeviceLies): DeviceAssertion;
  /** The same key in another device: it does not know how far the first one counted. */
  copy(): PasskeyDevice;
}

interface Options {
  readonly challenge: string;
  readonly rp?: { readonly id: string };
  readonly rpId?: string;
  readonly user?: { readonly id: string };
}

const base64 = (bytes: Uint8Array | string): string => Buffer.from(bytes).toString('base64url');
const sha256 = (bytes: Uint8Array | string): Buffer => createHash('sha256').update(bytes).digest();

export function passkeyDevice({ origin = 'http://localhost:4810', isCounting = true } = {}): PasskeyDevice {
  return device({
    origin,
    isCounting,
    keys: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    id: randomBytes(20),
    user: null,
    counter: 0,
  });
}

interface State {
  readonly origin: string;
  readonly isCounting: boolean;
  readonly keys: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
  readonly id: Buffer;
  user: string | null;
  counter: number;
}

function device(state: State): PasskeyDevice {
  const client = (type: string, challenge: string, lies: DeviceLies): Buffer =>
    Buffer.from(
      JSON.stringify({
        type,
        challenge: lies.challenge ?? challenge,
        origin: lies.origin ?? state.origin,
        crossOrigin: lies.crossOrigin ?? false,
      }),
    );
  const data = (rpId: string, lies: DeviceLies, attested: Buffer | null): Buffer => {
    if (state.isCounting) state.counter += 1;
    const flags = 0x01 | (lies.isVerified === false ? 0 : 0x04) | (attested === null ? 0 : 0x40);
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(lies.counter ?? state.counter);
    return Buffer.concat([sha256(lies.rpId ?? rpId), Buffer.of(flags), counter, attested ?? Buffer.alloc(0)]);
  };
  return {
    credential: base64(state.id),
    create(options, lies = {}) {
      const { challenge, rp, user } = options as Options;
      state.user = user?.id ?? null;
      const clientDataJSON = client('webauthn.create', challenge, lies);
      const { x, y } = state.keys.publicKey.export({ format: 'jwk' });
      const point = (value?: string): Buffer => Buffer.from(value ?? '', 'base64url');
      const cose = Buffer.concat([Buffer.from('a5010203262001215820', 'hex'), point(x), Buffer.from('225820', 'hex'), point(y)]);
      const attested = Buffer.concat([Buffer.alloc(16), Buffer.of(0, state.id.byteLength), state.id, cose]);
      const authData = data(rp?.id ?? '', lies, attested);
      const length = Buffer.of(0x58, authData.byteLength);
      const attestation = Buffer.concat([Buffer.from('a363666d74646e6f6e656761747453746d74a0686175746844617461', 'hex'), length, authData]);
      return {
        id: base64(state.id),
        clientDataJSON: base64(clientDataJSON),
        attestationObject: base64(attestation),
        transports: ['internal'],
      };
    },
    get(options, lies = {}) {
      const { challenge, rpId = '' } = options as Options;
      const clientDataJSON = client('webauthn.get', challenge, lies);
      const authenticatorData = data(rpId, lies, null);
      const signature = sign('sha256', Buffer.concat([authenticatorData, sha256(clientDataJSON)]), state.keys.privateKey);
      return {
        id: base64(state.id),
        clientDataJSON: base64(clientDataJSON),
        authenticatorData: base64(authenticatorData),
        signature: base64(signature),
        userHandle: lies.userHandle === undefined ? state.user : lies.userHandle,
      };
    },
    copy: () => device({ ...state }),
  };
}
