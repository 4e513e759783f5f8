// Signs where a call comes from: workload, run, verified customer, tool call. The guard believes this header, not the text.
// Compact JWS, RFC 7515, algorithm EdDSA (RFC 8037). The private key never leaves this process.

import { createPrivateKey, createPublicKey, generateKeyPairSync, type JsonWebKey, type KeyObject, randomBytes, sign } from 'node:crypto';

/** Long enough for a slow call, far below the five minutes which the guard accepts at most. */
const LIFETIME_S = 120;

export const BINDING_HEADER = 'sallyport-binding';

export interface VerifiedCustomer {
  readonly id: string;
  readonly assurance: 'none' | 'claimed' | 'email_otp' | 'session' | 'sso_mfa';
}

export interface CallOrigin {
  readonly run: string;
  readonly customer: VerifiedCustomer | null;
  readonly toolCallId: string | null;
}

export interface BindingSigner {
  /** Header value for one call. Each has its own `jti`, so that it can be used once only. */
  sign(origin: CallOrigin): string;
}

export interface BindingSignerOptions {
  /** Workload id, the `iss` claim. */
  readonly workload: string;
  readonly privateKey: KeyObject | JsonWebKey | string;
  readonly clock?: { now(): number };
}

export function createBindingSigner(options: BindingSignerOptions): BindingSigner {
  const key = toPrivateKey(options.privateKey);
  const clock = options.clock ?? { now: () => Date.now() };
  const header = encode({ alg: 'EdDSA', typ: 'JWT' });
  return {
    sign: ({ run, customer, toolCallId }) => {
      const issued = Math.floor(clock.now() / 1000);
      const claims = {
        iss: options.workload,
        aud: 'sallyport',
        run,
        ...(customer === null ? {} : { customer: { id: customer.id, assurance: customer.assurance } }),
        ...(toolCallId === null ? {} : { tool_call_id: toolCallId }),
        iat: issued,
        exp: issued + LIFETIME_S,
        jti: randomBytes(16).toString('base64url'),
      };
      const signed = `${header}.${encode(claims)}`;
      return `${signed}.${sign(null, Buffer.from(signed), key).toString('base64url')}`;
    },
  };
}

/** A fresh Ed25519 pair: the public half is registered with the workload. */
export function generateBindingKey(): { readonly privateKey: KeyObject; readonly publicKeyJwk: JsonWebKey } {
  const { privateKey } = generateKeyPairSync('ed25519');
  return { privateKey, publicKeyJwk: createPublicKey(privateKey).export({ format: 'jwk' }) };
}

/** `run_` and a UUIDv7 (RFC 9562 section 5.7), the guard's form of a run id. */
export function newRunId(nowMs: number): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(nowMs, 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return `run_${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

function toPrivateKey(source: KeyObject | JsonWebKey | string): KeyObject {
  if (typeof source === 'string') return createPrivateKey(source);
  return 'asymmetricKeyType' in source ? (source as KeyObject) : createPrivateKey({ key: source as JsonWebKey, format: 'jwk' });
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
