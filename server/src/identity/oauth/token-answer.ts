// What comes to the token endpoint, and what it gives out (RFC 6749 section 5.1).

export interface TokenRequest {
  readonly params: ReadonlyMap<string, string>;
  /** The DPoP header, or null. */
  readonly proof: string | null;
}

export interface TokenAnswer {
  readonly access_token: string;
  readonly token_type: 'Bearer' | 'DPoP';
  readonly expires_in: number;
  readonly scope: string;
  readonly refresh_token?: string;
  readonly issued_token_type?: string;
}
