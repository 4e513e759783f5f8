// What this authorization server says about itself (RFC 8414): exactly what is built, so that a client asks for nothing else.

import { ASSERTION_ALGORITHMS } from './client-auth.ts';
import { PROOF_ALGORITHMS } from './dpop.ts';
import { EXCHANGE_GRANT } from './exchange-grant.ts';
import type { OAuthPlace } from './place.ts';

export function serverMetadata(place: Pick<OAuthPlace, 'issuer'>): Readonly<Record<string, unknown>> {
  const issuer = place.issuer();
  return {
    issuer,
    authorization_endpoint: `${issuer}/oauth/authorize`,
    token_endpoint: `${issuer}/oauth/token`,
    revocation_endpoint: `${issuer}/oauth/revoke`,
    jwks_uri: `${issuer}/oauth/jwks`,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials', EXCHANGE_GRANT],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['private_key_jwt', 'none'],
    token_endpoint_auth_signing_alg_values_supported: [...ASSERTION_ALGORITHMS],
    revocation_endpoint_auth_methods_supported: ['private_key_jwt', 'none'],
    revocation_endpoint_auth_signing_alg_values_supported: [...ASSERTION_ALGORITHMS],
    dpop_signing_alg_values_supported: [...PROOF_ALGORITHMS],
    authorization_response_iss_parameter_supported: true,
    client_id_metadata_document_supported: true,
    resource_indicators_supported: true,
  };
}
