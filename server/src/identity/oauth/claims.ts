// The claims of our access tokens (RFC 9068), and how a token's text becomes them.
// INVARIANT: one algorithm, our own keys, `at+jwt`; nothing in the token chooses how it is checked.

import { verify } from 'node:crypto';
import { z } from 'zod';
import {
  type AccessTokenId,
  type Actor,
  isJsonFault,
  type PersonId,
  parseId,
  parseScope,
  parseStrictJson,
  type RunId,
  type TenantId,
  type TokenScope,
  type WorkloadId,
} from '#core';
import type { TokenKeys } from './token-keys.ts';

/** The longest a token lives. What is revoked is refused at once; what is forgotten ends by itself. */
export const MAX_TOKEN_LIFETIME_S = 300;
/** Person, workflow version, run, step, and a few who exchanged in between. */
export const MAX_ACT_DEPTH = 8;
export const MAX_TOKEN_CHARS = 8_192;
const COMPACT = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{86})$/;
const MAX_TIME_S = 4_102_444_800;

export interface AccessClaims {
  readonly iss: string;
  readonly aud: string;
  readonly sub: WorkloadId;
  readonly tenant: TenantId;
  readonly client_id: string;
  readonly scope: TokenScope;
  readonly iat: number;
  readonly exp: number;
  readonly jti: AccessTokenId;
  /** What must still stand for the token to be good: a client, a family or a key. */
  readonly sid: string;
  /** What must stand beside it: of the other token of an exchange. */
  readonly also: readonly string[];
  /** The tokens it was exchanged for, the oldest first; revoking one of them revokes it. */
  readonly anc: readonly AccessTokenId[];
  readonly person: PersonId | null;
  readonly wf: string | null;
  readonly wfv: string | null;
  readonly run: RunId | null;
  readonly step: string | null;
  readonly act: Actor | null;
  /** Thumbprint of the bound key. */
  readonly jkt: string | null;
}

const idOf = <Prefix extends Parameters<typeof parseId>[0]>(prefix: Prefix) =>
  z.string().transform((text, context) => {
    const id = parseId(prefix, text);
    if (id === null) context.addIssue({ code: 'custom', message: `not an id of ${prefix}` });
    return id ?? z.NEVER;
  });

const time = z.int().min(0).max(MAX_TIME_S);
const actor: z.ZodType<Actor> = z.strictObject({
  sub: z.string().min(1).max(300),
  get act() {
    return actor.optional();
  },
}) as z.ZodType<Actor>;

const wire = z.strictObject({
  iss: z.string(),
  aud: z.string(),
  sub: idOf('wkl'),
  tenant: idOf('ten'),
  client_id: z.string(),
  scope: z.string(),
  iat: time,
  exp: time,
  jti: idOf('tok'),
  sid: z.string(),
  also: z.array(z.string()).max(MAX_ACT_DEPTH).optional(),
  anc: z.array(idOf('tok')).max(MAX_ACT_DEPTH).optional(),
  person: idOf('per').optional(),
  wf: z.string().optional(),
  wfv: z.string().optional(),
  run: idOf('run').optional(),
  step: z.string().optional(),
  act: actor.optional(),
  cnf: z.strictObject({ jkt: z.string() }).optional(),
});

/** What is signed: only what there is. */
export function wireOf(claims: AccessClaims): object {
  const { scope, anc, also, person, wf, wfv, run, step, act, jkt, ...rest } = claims;
  const some = Object.entries({ person, wf, wfv, run, step, act }).filter(([, value]) => value !== null);
  return {
    ...rest,
    scope: scope.join(' '),
    ...(anc.length === 0 ? {} : { anc }),
    ...(also.length === 0 ? {} : { also }),
    ...Object.fromEntries(some),
    ...(jkt === null ? {} : { cnf: { jkt } }),
  };
}

/** The claims of a token that we signed, or null. Whether it is still good is another question. */
export function verifyToken(keys: Pick<TokenKeys, 'byHeader'>, text: string): AccessClaims | null {
  const match = text.length > MAX_TOKEN_CHARS ? null : COMPACT.exec(text);
  if (match === null) return null;
  const [, header = '', payload = '', signature = ''] = match;
  const key = keys.byHeader(header);
  if (key === undefined) return null;
  if (!verify(null, Buffer.from(`${header}.${payload}`), key.publicKey, Buffer.from(signature, 'base64url'))) return null;
  const json = parseStrictJson(Buffer.from(payload, 'base64url'), { maxBytes: MAX_TOKEN_CHARS, maxDepth: MAX_ACT_DEPTH + 4 });
  const parsed = isJsonFault(json) ? null : wire.safeParse(json);
  if (parsed?.success !== true) return null;
  const { cnf, anc, also, person, wf, wfv, run, step, act, scope, ...rest } = parsed.data;
  const held = parseScope(scope);
  if (held === null || rest.exp <= rest.iat || rest.exp - rest.iat > MAX_TOKEN_LIFETIME_S) return null;
  return {
    ...rest,
    scope: held,
    anc: anc ?? [],
    also: also ?? [],
    person: person ?? null,
    wf: wf ?? null,
    wfv: wfv ?? null,
    run: run ?? null,
    step: step ?? null,
    act: act ?? null,
    jkt: cnf?.jkt ?? null,
  };
}

/** The chain from the nearest actor outwards. */
export function chainOf(act: Actor | null): readonly string[] {
  const chain: string[] = [];
  for (let at: Actor | undefined = act ?? undefined; at !== undefined && chain.length <= MAX_ACT_DEPTH; at = at.act) chain.push(at.sub);
  return chain;
}
