// The signed statement by which a caller binds a call to its run, customer and tool call: a compact JWS (RFC 7515, RFC 8037).
// INVARIANT: one algorithm, one audience, one issuer, five minutes; nothing in the token chooses how it is checked.

import { generateKeyPairSync } from 'node:crypto';
import { CompactSign, compactVerify, importJWK } from 'jose';
import { z } from 'zod';
import { ASSURANCES, type Binding, isJsonFault, parseId, parseStrictJson, type Refusal, type UnixMs, type WorkloadId } from '#core';
import { refusal } from '../errors.ts';

export const BINDING_AUDIENCE = 'sallyport';
const ALGORITHM = 'EdDSA';
const MAX_CHARS = 4_096;
/** One spelling: no white space, no padding; an Ed25519 signature is 64 bytes. */
const COMPACT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{86}$/;
const MAX_LIFETIME_S = 300;
const CLOCK_SKEW_S = 30;
const SECOND_MS = 1_000;
/** 2100-01-01; a claim beyond it is not a time in seconds. */
const MAX_TIME_S = 4_102_444_800;

const publicJwk = z.strictObject({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  alg: z.enum(['EdDSA', 'Ed25519']).optional(),
  use: z.literal('sig').optional(),
  kid: z.string().max(200).optional(),
});

const header = z.strictObject({ alg: z.literal(ALGORITHM), typ: z.string().max(40).optional(), kid: z.string().max(200).optional() });

const time = z.int().min(0).max(MAX_TIME_S);
const claims = z.strictObject({
  iss: z.string(),
  aud: z.literal(BINDING_AUDIENCE),
  run: z.string().transform((text, context) => {
    const run = parseId('run', text);
    if (run === null) context.addIssue({ code: 'custom', message: 'not a run id' });
    return run ?? z.NEVER;
  }),
  customer: z.strictObject({ id: z.string().min(1).max(200), assurance: z.enum(ASSURANCES) }).optional(),
  tool_call_id: z.string().min(1).max(200).optional(),
  iat: time,
  exp: time,
  jti: z.string().regex(/^[A-Za-z0-9_-]{16,128}$/),
});

export type BindingClaims = z.input<typeof claims>;
export interface BindingKeys {
  readonly publicKeyJwk: object;
  /** For the workload alone; it is never stored here. */
  readonly privateKeyJwk: object;
}

/** A fresh Ed25519 pair for a workload. */
export function createBindingKeys(): BindingKeys {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return { publicKeyJwk: publicKey.export({ format: 'jwk' }), privateKeyJwk: privateKey.export({ format: 'jwk' }) };
}

/** Signs a statement, as the SDK does it. */
export async function signBinding(privateKeyJwk: object, statement: BindingClaims): Promise<string> {
  const payload = Buffer.from(JSON.stringify(statement), 'utf8');
  return new CompactSign(payload).setProtectedHeader({ alg: ALGORITHM }).sign(await importJWK(privateKeyJwk, ALGORITHM));
}

/** The key as canonical text for storing, or null when it is not an Ed25519 public key (a private one is not). */
export function parsePublicKey(jwk: unknown): string | null {
  const parsed = publicJwk.safeParse(jwk);
  if (!parsed.success) return null;
  const { kty, crv, x } = parsed.data;
  return JSON.stringify({ crv, kty, x });
}

export type VerificationKey = Awaited<ReturnType<typeof importJWK>>;

export function importPublicKey(text: string): Promise<VerificationKey> {
  return importJWK(JSON.parse(text) as object, ALGORITHM);
}

export async function verifyBinding(
  presented: string,
  expected: { readonly workload: WorkloadId; readonly key: VerificationKey; readonly now: UnixMs },
): Promise<Binding | Refusal> {
  if (presented.length > MAX_CHARS || !COMPACT.test(presented)) return refusal('IDENTITY_BINDING_INVALID');
  let payload: Uint8Array;
  try {
    const verified = await compactVerify(presented, expected.key, { algorithms: [ALGORITHM] });
    if (!header.safeParse(verified.protectedHeader).success) return refusal('IDENTITY_BINDING_INVALID');
    payload = verified.payload;
  } catch {
    return refusal('IDENTITY_BINDING_INVALID'); // jose says why; the caller only learns that it is not valid
  }
  const json = parseStrictJson(payload, { maxBytes: MAX_CHARS, maxDepth: 4 });
  const parsed = isJsonFault(json) ? null : claims.safeParse(json);
  if (parsed?.success !== true || parsed.data.iss !== expected.workload) return refusal('IDENTITY_BINDING_INVALID');
  const { iat, exp, jti, run, customer, tool_call_id: toolCallId } = parsed.data;
  const nowS = expected.now / SECOND_MS;
  const isInTime = exp > iat && exp - iat <= MAX_LIFETIME_S && iat - CLOCK_SKEW_S <= nowS && nowS < exp + CLOCK_SKEW_S;
  if (!isInTime) return refusal('IDENTITY_BINDING_EXPIRED');
  return {
    tier: 'bound',
    run,
    customer: customer ?? null,
    toolCallId: toolCallId ?? null,
    // One workload can not use up the statements of another.
    statement: `${expected.workload} ${jti}`,
    expiresAtMs: (exp + CLOCK_SKEW_S) * SECOND_MS,
  };
}
