// The client's side of OpenID Connect: discovery, authorization code with PKCE, and every check of the ID token, by oauth4webapi.
// INVARIANT: nothing a provider says is believed before its issuer, signature, audience, time and nonce were checked.

import type { webcrypto } from 'node:crypto';
import {
  AuthorizationResponseError,
  type AuthorizationServer,
  allowInsecureRequests,
  authorizationCodeGrantRequest,
  type Client,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  calculatePKCECodeChallenge,
  customFetch,
  discoveryRequest,
  getValidatedIdTokenClaims,
  type IDToken,
  OperationProcessingError,
  PrivateKeyJwt,
  processAuthorizationCodeResponse,
  processDiscoveryResponse,
  ResponseBodyError,
  validateApplicationLevelSignature,
  validateAuthResponse,
  WWWAuthenticateChallengeError,
} from 'oauth4webapi';
import { type Clock, isRefusal, type Refusal, refuse } from '#core';
import { type IdentityCode, identityCodes } from '../errors.ts';
import { type FederationTransport, fetchOver, Unreachable } from './transport.ts';

export const AUTH_METHODS = ['client_secret_basic', 'client_secret_post', 'private_key_jwt'] as const;
export type AuthMethod = (typeof AUTH_METHODS)[number];

/** How we prove to the provider who we are. */
export type ClientProof =
  | { readonly method: 'client_secret_basic' | 'client_secret_post'; readonly secret: string }
  | { readonly method: 'private_key_jwt'; readonly privateKey: webcrypto.CryptoKey; readonly kid: string };

export interface OidcClient {
  readonly issuer: string;
  readonly clientId: string;
  readonly redirectUri: string;
}

/** Secrets of one attempt to sign in. */
export interface Attempt {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

export interface AskOptions {
  readonly scopes: readonly string[];
  /** Asks for a fresh login, at best with more than a password. */
  readonly isStepUp: boolean;
}

export interface Oidc {
  /** What the provider says of itself, checked. */
  discover(issuer: string, options?: { readonly fresh: boolean }): Promise<AuthorizationServer | Refusal>;
  authorizationUrl(client: OidcClient, attempt: Attempt, options: AskOptions): Promise<string | Refusal>;
  /** The claims of the ID token that the answer leads to. */
  finish(client: OidcClient, proof: ClientProof, attempt: Attempt, answer: URLSearchParams, isStepUp: boolean): Promise<IDToken | Refusal>;
  /** Whether the provider knows us: asks its token endpoint with a code that can not be one. */
  tryCredential(client: OidcClient, proof: ClientProof): Promise<Refusal | null>;
}

export interface OidcDeps {
  readonly transport: FederationTransport;
  readonly clock: Clock;
  /** Told what went wrong in the words of the protocol, never a value. */
  readonly onFault?: (fault: unknown) => void;
}

/** So that opening the sign-in page again and again does not ask the provider each time. */
const DISCOVERY_KEPT_MS = 5 * 60_000;
const MAX_KEPT = 200;
/** How old a login may be that was asked for anew. */
const STEP_UP_MAX_AGE_S = 300;
const MAX_URL_CHARS = 2_000;
const ENDPOINTS = ['authorization_endpoint', 'token_endpoint', 'jwks_uri'] as const;
/** The provider's clock may be a little off. */
export const CLOCK_TOLERANCE_S = 30;

const refused = (code: IdentityCode, evidence?: Record<string, string>): Refusal => refuse(code, identityCodes[code].sentence, evidence);

export function createOidc({ transport, clock, onFault = () => undefined }: OidcDeps): Oidc {
  const kept = new Map<string, { readonly server: AuthorizationServer; readonly untilMs: number }>();
  const http = { [customFetch]: fetchOver(transport), [allowInsecureRequests]: false } as const;

  const judged = async <T>(work: () => Promise<T | Refusal>): Promise<T | Refusal> => {
    try {
      return await work();
    } catch (fault) {
      onFault(fault);
      return refusalFor(fault);
    }
  };

  const discover: Oidc['discover'] = (issuer, options) =>
    judged(async () => {
      const known = kept.get(issuer);
      if (options?.fresh !== true && known !== undefined && known.untilMs > clock.now()) return known.server;
      const url = new URL(issuer);
      const server = await processDiscoveryResponse(url, await discoveryRequest(url, http));
      // The library compares addresses; the specification compares texts (OpenID Connect Discovery 4.3).
      if (server.issuer !== issuer) return refused('IDENTITY_SSO_ISSUER_MISMATCH');
      for (const name of ENDPOINTS) if (!isHttps(server[name])) return refused('IDENTITY_SSO_PROVIDER_UNUSABLE', { field: name });
      if (server.code_challenge_methods_supported?.includes('S256') === false)
        return refused('IDENTITY_SSO_PROVIDER_UNUSABLE', { field: 'code_challenge_methods_supported' });
      if (kept.size >= MAX_KEPT) kept.delete(kept.keys().next().value as string);
      kept.set(issuer, { server, untilMs: clock.now() + DISCOVERY_KEPT_MS });
      return server;
    });

  return {
    discover,

    authorizationUrl: (client, attempt, { scopes, isStepUp }) =>
      judged(async () => {
        const server = await discover(client.issuer);
        if (isRefusal(server)) return server;
        const url = new URL(server.authorization_endpoint as string);
        const asked = {
          client_id: client.clientId,
          redirect_uri: client.redirectUri,
          response_type: 'code',
          response_mode: 'query',
          scope: [...new Set(['openid', ...scopes])].join(' '),
          state: attempt.state,
          nonce: attempt.nonce,
          code_challenge: await calculatePKCECodeChallenge(attempt.verifier),
          code_challenge_method: 'S256',
          ...(isStepUp ? { prompt: 'login', max_age: '0' } : {}),
        };
        for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
        return url.href;
      }),

    finish: (client, proof, attempt, answer, isStepUp) =>
      judged(async () => {
        const server = await discover(client.issuer);
        if (isRefusal(server)) return server;
        const us: Client = { client_id: client.clientId };
        // State, `iss` of RFC 9207, and whether the provider refused.
        const params = validateAuthResponse(server, us, answer, attempt.state);
        const auth = clientAuth(proof);
        const response = await authorizationCodeGrantRequest(server, us, auth, params, client.redirectUri, attempt.verifier, http);
        const result = await processAuthorizationCodeResponse(server, us, response, {
          expectedNonce: attempt.nonce,
          requireIdToken: true,
          ...(isStepUp ? { maxAge: STEP_UP_MAX_AGE_S } : {}),
        });
        await validateApplicationLevelSignature(server, response, http);
        return getValidatedIdTokenClaims(result) ?? refused('IDENTITY_SSO_TOKEN_INVALID');
      }),

    async tryCredential(client, proof) {
      const answer = await judged(async () => {
        const server = await discover(client.issuer);
        if (isRefusal(server)) return server;
        const us: Client = { client_id: client.clientId };
        const params = validateAuthResponse(server, us, new URLSearchParams({ code: 'test', state: 'test', iss: server.issuer }), 'test');
        const verifier = 'x'.repeat(43);
        const response = await authorizationCodeGrantRequest(server, us, clientAuth(proof), params, client.redirectUri, verifier, http);
        await processAuthorizationCodeResponse(server, us, response);
        return true;
      });
      if (answer === true) return null;
      const { evidence } = answer as Refusal;
      // It knows us and refuses the code, as it should.
      return (evidence as { error?: string }).error === 'invalid_grant' ? null : (answer as Refusal);
    },
  };
}

function isHttps(value: unknown): boolean {
  return typeof value === 'string' && value.length <= MAX_URL_CHARS && URL.canParse(value) && new URL(value).protocol === 'https:';
}

function clientAuth(proof: ClientProof): ClientAuth {
  switch (proof.method) {
    case 'client_secret_basic':
      return ClientSecretBasic(proof.secret);
    case 'client_secret_post':
      return ClientSecretPost(proof.secret);
    case 'private_key_jwt':
      return PrivateKeyJwt({ key: proof.privateKey, kid: proof.kid });
    default:
      proof satisfies never;
      throw new Error('no such method');
  }
}

/** An error word of OAuth, as it may stand in evidence; whatever else a provider wrote may not. */
const ERROR_WORD = /^[a-z][a-z_]{2,60}$/;

function refusalFor(fault: unknown): Refusal {
  if (hasUnreachable(fault)) return refused('IDENTITY_SSO_UNREACHABLE');
  if (fault instanceof AuthorizationResponseError) return refused('IDENTITY_SSO_DECLINED', wordOf(fault.error));
  if (fault instanceof ResponseBodyError) {
    const word = wordOf(fault.error);
    return refused(fault.error === 'invalid_grant' ? 'IDENTITY_SSO_TOKEN_INVALID' : 'IDENTITY_SSO_CLIENT_REJECTED', word);
  }
  if (fault instanceof WWWAuthenticateChallengeError) return refused('IDENTITY_SSO_CLIENT_REJECTED');
  if (fault instanceof OperationProcessingError && fault.code === 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED')
    return refused('IDENTITY_SSO_ISSUER_MISMATCH');
  if (fault instanceof OperationProcessingError && /METADATA|HTTP_REQUEST_FORBIDDEN/.test(fault.code ?? ''))
    return refused('IDENTITY_SSO_PROVIDER_UNUSABLE');
  return refused('IDENTITY_SSO_TOKEN_INVALID');
}

function hasUnreachable(fault: unknown): boolean {
  return fault instanceof Unreachable || (fault instanceof Error && fault.cause instanceof Unreachable);
}

function wordOf(error: unknown): Record<string, string> {
  return typeof error === 'string' && ERROR_WORD.test(error) ? { error } : {};
}
