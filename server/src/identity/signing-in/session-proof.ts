// Whether a request was signed by the browser its session belongs to: a copied cookie alone opens nothing.
// A compact JWS (RFC 7515), ES256: `htm` method, `htu` path and query, `sid` session, `iat`, `jti`. One is good once in this process.
// INVARIANT: a session with a key is let in only with a good proof, however its token came here.

import { type KeyObject, verify } from 'node:crypto';
import { type Clock, isJsonFault, isObject, parseStrictJson, type Refusal, refuse, type SessionId, type UnixMs } from '#core';
import { identityCodes, refusal } from '../errors.ts';
import { importBoundKey } from './bound-key.ts';

export interface PresentedProof {
  readonly proof: string | null;
  readonly method: string;
  /** Path and query as they were sent. */
  readonly target: string;
}

export interface ProofChecker {
  /** Null when it is good. `key`: the session's key. */
  check(session: { readonly id: SessionId; readonly boundKey: string }, presented: PresentedProof): Refusal | null;
}

export const PROOF_TYPE = 'sallyport-proof+jwt';
const MAX_PROOF_CHARS = 4_096;
const MAX_SKEW_MS = 60_000;
const JTI = /^[\w-]{16,64}$/;
/** A page asks for far less in two minutes; more is somebody who fills the memory. */
const MAX_SEEN_OF_ONE = 5_000;
const MAX_KEYS = 5_000;

interface Claims {
  readonly htm: string;
  readonly htu: string;
  readonly sid: string;
  readonly iat: number;
  readonly jti: string;
}

export function createProofChecker({ clock }: { readonly clock: Clock }): ProofChecker {
  const keys = new Map<string, KeyObject>();
  /** By session: proofs that were used, with the moment from which they are too old anyway. */
  const seen = new Map<SessionId, Map<string, UnixMs>>();
  let sweptAtMs = 0;

  const keyOf = (text: string): KeyObject => {
    const known = keys.get(text);
    if (known !== undefined) return known;
    if (keys.size >= MAX_KEYS) keys.clear();
    const key = importBoundKey(text);
    keys.set(text, key);
    return key;
  };

  const sweep = (nowMs: UnixMs): void => {
    if (nowMs - sweptAtMs < MAX_SKEW_MS) return;
    sweptAtMs = nowMs;
    for (const [session, used] of seen) {
      for (const [jti, untilMs] of used) if (untilMs < nowMs) used.delete(jti);
      if (used.size === 0) seen.delete(session);
    }
  };

  /** False when it was used before, or when one session used more than anybody needs. */
  const isFirst = (session: SessionId, { jti, iat }: Claims, nowMs: UnixMs): boolean => {
    sweep(nowMs);
    const used = seen.get(session) ?? new Map<string, UnixMs>();
    if (used.has(jti) || used.size >= MAX_SEEN_OF_ONE) return false;
    used.set(jti, iat * 1_000 + MAX_SKEW_MS);
    seen.set(session, used);
    return true;
  };

  return {
    check({ id, boundKey }, { proof, method, target }) {
      if (proof === null) return refusal('IDENTITY_PROOF_MISSING');
      const signed = read(proof);
      if (signed === null || !isSignedBy(keyOf(boundKey), signed)) return refusal('IDENTITY_PROOF_INVALID');
      const { claims } = signed;
      if (claims.htm !== method || claims.htu !== target || claims.sid !== id) return refusal('IDENTITY_PROOF_INVALID');
      const nowMs = clock.now();
      if (Math.abs(nowMs - claims.iat * 1_000) > MAX_SKEW_MS) {
        // The browser corrects its clock by this and tries again.
        return refuse('IDENTITY_PROOF_STALE', identityCodes.IDENTITY_PROOF_STALE.sentence, { serverSeconds: Math.floor(nowMs / 1_000) });
      }
      return isFirst(id, claims, nowMs) ? null : refusal('IDENTITY_PROOF_INVALID');
    },
  };
}

interface Signed {
  readonly claims: Claims;
  readonly input: string;
  readonly signature: Buffer;
}

function read(proof: string): Signed | null {
  if (proof.length > MAX_PROOF_CHARS) return null;
  const [header, payload, signature, more] = proof.split('.');
  if (header === undefined || payload === undefined || signature === undefined || more !== undefined) return null;
  const [head, claims] = [objectOf(header), objectOf(payload)];
  // Exactly this header: nothing a caller could ask us to understand differently (RFC 8725).
  if (head?.alg !== 'ES256' || head.typ !== PROOF_TYPE || Object.keys(head).length !== 2 || claims === null) return null;
  const { htm, htu, sid, iat, jti } = claims;
  if (typeof htm !== 'string' || typeof htu !== 'string' || typeof sid !== 'string') return null;
  if (typeof jti !== 'string' || !JTI.test(jti) || typeof iat !== 'number' || !Number.isSafeInteger(iat)) return null;
  return { claims: { htm, htu, sid, iat, jti }, input: `${header}.${payload}`, signature: Buffer.from(signature, 'base64url') };
}

function objectOf(part: string): Readonly<Record<string, unknown>> | null {
  const value = parseStrictJson(Buffer.from(part, 'base64url'));
  return isJsonFault(value) || !isObject(value) ? null : value;
}

function isSignedBy(key: KeyObject, { input, signature }: Signed): boolean {
  return signature.byteLength === 64 && verify('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }, signature);
}
