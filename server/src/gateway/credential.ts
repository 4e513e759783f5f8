// Reads what a caller presents: an API key or access token, the proof beside it, and what both have to be for. Believes nothing of it.
// INVARIANT: none of these headers ever leaves towards an upstream.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PresentedAt } from '#core';
import type { Failure } from './failure.ts';
import { acceptsPath, type GatewayOrigins, metadataUrl } from './resources.ts';

export interface Credential {
  readonly presentedKey: string | null;
  readonly presentedAt: PresentedAt;
}

/** A proof is one line of some hundred characters. */
const MAX_PROOF_CHARS = 4_096;
const SCHEME = /^(Bearer|DPoP) +(.+)$/i;

export function readCredential(request: IncomingMessage, at: GatewayOrigins): Credential {
  const match = SCHEME.exec(request.headers.authorization ?? '');
  const path = (request.url ?? '').split('?', 1)[0] ?? '';
  const proof = request.headers.dpop;
  const origins = at.origins();
  const [canonical = ''] = origins;
  return {
    presentedKey: match?.[2]?.trim() ?? null,
    presentedAt: {
      scheme: match?.[1]?.toLowerCase() === 'dpop' ? 'dpop' : 'bearer',
      proof: typeof proof === 'string' && proof !== '' && proof.length <= MAX_PROOF_CHARS ? proof : null,
      method: request.method ?? 'GET',
      urls: origins.map((origin) => `${origin}${path}`),
      accepts: (audience) => canonical !== '' && audience.startsWith(canonical) && acceptsPath(path, audience.slice(canonical.length)),
    },
  };
}

/** The name of this gateway that the caller used; the first one when it used none of them. */
export function calledOrigin(request: IncomingMessage, at: GatewayOrigins): string {
  const origins = at.origins();
  const host = request.headers.host?.toLowerCase();
  return origins.find((origin) => URL.parse(origin)?.host === host) ?? origins[0] ?? '';
}

/** RFC 6750 section 3, RFC 9728 section 5.1, RFC 9449 section 7.1: where to get a token, and what was wrong with this one. */
export function challenge(
  request: IncomingMessage,
  response: ServerResponse,
  { failure, at }: { failure: Failure; at: GatewayOrigins },
): void {
  const isScope = failure.code === 'IDENTITY_TOKEN_SCOPE';
  if (response.headersSent || (failure.status !== 401 && !isScope)) return;
  const route = (request.url ?? '').split('?', 1)[0] ?? '';
  const metadata = `resource_metadata="${metadataUrl(calledOrigin(request, at), route)}"`;
  const { integration, operation } = failure.evidence;
  if (isScope) {
    response.setHeader(
      'www-authenticate',
      `Bearer error="insufficient_scope", scope="${quoted(`${integration}:${operation}`)}", ${metadata}`,
    );
    return;
  }
  const hasToken = request.headers.authorization !== undefined;
  const isProof = failure.code.startsWith('IDENTITY_DPOP_');
  const bearer = hasToken && !isProof ? `Bearer error="invalid_token", ${metadata}` : `Bearer ${metadata}`;
  const dpop = `DPoP algs="ES256 EdDSA Ed25519"${isProof ? ', error="invalid_dpop_proof"' : ''}, ${metadata}`;
  response.setHeader('www-authenticate', [bearer, dpop]);
}

const quoted = (text: string): string => text.replace(/[^\x21\x23-\x5b\x5d-\x7e]/g, '');
