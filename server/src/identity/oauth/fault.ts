// How an OAuth endpoint says no (RFC 6749 section 5.2): in the words of the standard, which clients are written for.

export interface OAuthFault {
  readonly kind: 'oauth_fault';
  readonly error:
    | 'invalid_request'
    | 'invalid_client'
    | 'invalid_grant'
    | 'unauthorized_client'
    | 'unsupported_grant_type'
    | 'unsupported_response_type'
    | 'invalid_scope'
    | 'invalid_target'
    | 'invalid_dpop_proof'
    | 'unsupported_token_type'
    | 'access_denied'
    | 'temporarily_unavailable';
  readonly description: string;
  readonly status: number;
  readonly retryAfterS?: number;
}

export function oauthFault(error: OAuthFault['error'], description: string, status = error === 'invalid_client' ? 401 : 400): OAuthFault {
  return Object.freeze({ kind: 'oauth_fault', error, description, status });
}

export function isOAuthFault(value: unknown): value is OAuthFault {
  return typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'oauth_fault';
}
