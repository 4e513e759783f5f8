// Proof of possession (RFC 9449): whether a proof was made for exactly this request, by which key, and a name under which it is used once.
// INVARIANT: cheap checks first, the signature last; a proof that passes here still has to be the first of its kind (`replays.ts`).

import { createHash, createPublicKey, hash, type KeyObject, verify } from 'node:crypto';
import { z } from 'zod';
import { isJsonFault, parseStrictJson, type UnixMs } from '#core';

export const PROOF_ALGORITHMS = ['ES256', 'EdDSA', 'Ed25519'] as const;
const MAX_PROOF_CHARS = 4_096;
const COMPACT = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{86})$/;
/** How old a proof may be. */
export const PROOF_LIFETIME_S = 60;
/** How far a caller's clock may be ahead. */
const AHEAD_S = 10;
/** How long a proof is remembered: longer than any clock could take it for fresh. */
const REMEMBER_S = PROOF_LIFETIME_S + AHEAD_S + 5;
/** Imported keys that are remembered; importing costs as much as a verification. */
const MAX_KEYS = 2_000;

const coordinate = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
const notes = { alg: z.string().max(20).optional(), use: z.literal('sig').optional(), kid: z.string().max(200).optional() };
const more = { key_ops: z.array(z.string().max(20)).max(4).optional(), ext: z.boolean().optional() };
/** A private part is an unknown member, and refused. */
const jwk = z.discriminatedUnion('kty', [
  z.strictObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: coordinate, ...notes, ...more }),
  z.strictObject({ kty: z.literal('EC'), crv: z.literal('P-256'), x: coordinate, y: coordinate, ...notes, ...more }),
]);
export type ProofJwk = z.infer<typeof jwk>;

const header = z.strictObject({ typ: z.literal('dpop+jwt'), alg: z.enum(PROOF_ALGORITHMS), jwk });
const payload = z.looseObject({
  jti: z.string().min(8).max(256),
  htm: z.string().max(20),
  htu: z.string().max(2_048),
  iat: z.int().min(0),
  ath: z.string().max(60).optional(),
  nonce: z.string().max(200).optional(),
});

/** What a proof has to be for. */
export interface ProofTarget {
  readonly method: string;
  /** Scheme, host and path; more than one where this server answers to more than one name. Query and fragment do not count. */
  readonly urls: readonly string[];
  /** The access token that comes with it; null at the token endpoint. */
  readonly token: string | null;
  readonly now: UnixMs;
  /** Asked where proofs must carry a nonce of ours. */
  readonly isNonce?: (nonce: string) => boolean;
}

export interface Proof {
  /** RFC 7638 thumbprint of the key. */
  readonly jkt: string;
  /** The same proof has the same digest wherever it arrives. */
  readonly digest: Uint8Array;
  readonly rememberUntilMs: UnixMs;
}

export type ProofFault = 'form' | 'method' | 'url' | 'time' | 'token' | 'nonce' | 'signature';

interface KnownKey {
  readonly key: KeyObject;
  readonly jkt: string;
}
const known = new Map<string, KnownKey>();

export function checkProof(text: string, target: ProofTarget): Proof | ProofFault {
  const match = text.length > MAX_PROOF_CHARS ? null : COMPACT.exec(text);
  if (match === null) return 'form';
  const [, head = '', body = '', signature = ''] = match;
  const headed = header.safeParse(strict(head));
  const said = payload.safeParse(strict(body));
  if (!headed.success || !said.success) return 'form';
  const { alg, jwk: presented } = headed.data;
  if ((alg === 'ES256') !== (presented.kty === 'EC')) return 'form';
  const { jti, htm, htu, iat, ath, nonce } = said.data;
  if (htm !== target.method) return 'method';
  const place = placeOf(htu);
  if (place === null || !target.urls.some((url) => placeOf(url) === place)) return 'url';
  const nowS = target.now / 1_000;
  if (iat > nowS + AHEAD_S || iat < nowS - PROOF_LIFETIME_S) return 'time';
  if (target.token !== null && ath !== hash('sha256', target.token, 'base64url')) return 'token';
  if (target.isNonce !== undefined && (nonce === undefined || !target.isNonce(nonce))) return 'nonce';
  const holder = keyOf(presented);
  if (holder === null) return 'form';
  const signed = Buffer.from(`${head}.${body}`);
  const bytes = Buffer.from(signature, 'base64url');
  const isRight =
    presented.kty === 'EC'
      ? verify('sha256', signed, { key: holder.key, dsaEncoding: 'ieee-p1363' }, bytes)
      : verify(null, signed, holder.key, bytes);
  if (!isRight) return 'signature';
  const digest = createHash('sha256').update(`dpop ${holder.jkt} ${jti}`).digest();
  return { jkt: holder.jkt, digest, rememberUntilMs: (iat + REMEMBER_S) * 1_000 };
}

export const isProofFault = (checked: Proof | ProofFault): checked is ProofFault => typeof checked === 'string';

function strict(part: string): unknown {
  const json = parseStrictJson(Buffer.from(part, 'base64url'), { maxBytes: MAX_PROOF_CHARS, maxDepth: 4 });
  return isJsonFault(json) ? null : json;
}

/** Scheme, host, port and path in one spelling; null for what is no http address. */
function placeOf(text: string): string | null {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:') || url.username !== '') return null;
  return `${url.origin}${url.pathname}`;
}

function keyOf(presented: ProofJwk): KnownKey | null {
  // RFC 7638: the required members in this order are the key's name.
  const name =
    presented.kty === 'EC'
      ? `{"crv":"P-256","kty":"EC","x":"${presented.x}","y":"${presented.y}"}`
      : `{"crv":"Ed25519","kty":"OKP","x":"${presented.x}"}`;
  const before = known.get(name);
  if (before !== undefined) return before;
  try {
    const { kty, crv, x } = presented;
    const key = createPublicKey({ key: presented.kty === 'EC' ? { kty, crv, x, y: presented.y } : { kty, crv, x }, format: 'jwk' });
    const entry = { key, jkt: hash('sha256', name, 'base64url') };
    if (known.size >= MAX_KEYS) known.delete(known.keys().next().value as string);
    known.set(name, entry);
    return entry;
  } catch {
    return null; // not a point of the curve
  }
}
