// The public keys a client authenticates with: a small JWK set of kinds we verify, and never a private part.

import { z } from 'zod';

const text = z.string().max(200);
const base64url = z.string().regex(/^[A-Za-z0-9_-]{1,1024}$/);
const notes = { kid: text.optional(), alg: text.optional(), use: z.literal('sig').optional(), key_ops: z.array(text).max(4).optional() };
const key = z.discriminatedUnion('kty', [
  z.strictObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: base64url, ...notes }),
  z.strictObject({ kty: z.literal('EC'), crv: z.enum(['P-256', 'P-384']), x: base64url, y: base64url, ...notes }),
  // 2048 bits and more: 342 characters.
  z.strictObject({ kty: z.literal('RSA'), n: base64url.min(342), e: base64url.max(8), ...notes }),
]);
const keySet = z.object({ keys: z.array(key).min(1).max(5) });

/** As text for storing; one key is a set of one. Null when it is not a set of public keys we know. */
export function parseClientKeys(jwks: unknown): string | null {
  const set = typeof jwks === 'object' && jwks !== null && 'kty' in jwks ? { keys: [jwks] } : jwks;
  const parsed = keySet.safeParse(set);
  return parsed.success ? JSON.stringify({ keys: parsed.data.keys }) : null;
}
