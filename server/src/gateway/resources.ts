// The protected resources of the gateway: which address stands for what, which tokens a route takes, and what says so (RFC 9728).
// INVARIANT: a token for one integration opens no other; the MCP surface takes tokens that were issued for exactly it.

export interface ResourcePath {
  /** As it stands in a token, behind the origin: empty for the gateway as a whole. */
  readonly path: string;
  readonly integration: string | null;
}

/** Where the gateway is found, and who issues tokens for it; known once both listen. */
export interface GatewayOrigins {
  /** The one that stands in tokens first, then other names of this gateway. */
  origins(): readonly string[];
  issuer(): string;
}

const RESOURCE = /^(?:\/(?:v1|(?:connect|mcp)\/([a-z0-9][a-z0-9-]{0,62})))?$/;
const METADATA = '/.well-known/oauth-protected-resource';

/** Null for what is no resource of a gateway. */
export function parseResourcePath(path: string): ResourcePath | null {
  const trimmed = path.endsWith('/') ? path.slice(0, -1) : path;
  const match = RESOURCE.exec(trimmed);
  return match === null ? null : { path: trimmed, integration: match[1] ?? null };
}

/** Whether a token whose audience is that path may come in by this route. */
export function acceptsPath(route: string, audience: string): boolean {
  const [, surface = '', integration = ''] = route.split('/', 3);
  switch (surface) {
    case 'v1':
      return audience === '' || audience === '/v1';
    case 'connect':
      // What became of a stored call is told to the workload that asked, whichever of its tokens it holds.
      if (integration === '-') return audience === '' || audience.startsWith('/connect/');
      return audience === '' || audience === `/connect/${integration}`;
    case 'mcp':
      return audience === `/mcp/${integration}`;
    default:
      return false;
  }
}

/** The path of the resource a metadata address is about; null for another address. */
export function metadataOf(path: string): ResourcePath | null {
  return path === METADATA || path.startsWith(`${METADATA}/`) ? parseResourcePath(path.slice(METADATA.length)) : null;
}

export function isMetadataPath(path: string): boolean {
  return path === METADATA || path.startsWith(`${METADATA}/`);
}

/** RFC 9728 section 2. `origin`: the name of this gateway that the caller used. */
export function resourceMetadata(origin: string, { path, integration }: ResourcePath, issuer: string): object {
  return {
    resource: `${origin}${path}`,
    authorization_servers: [issuer],
    bearer_methods_supported: ['header'],
    dpop_signing_alg_values_supported: ['ES256', 'EdDSA', 'Ed25519'],
    resource_name: integration === null ? 'Sallyport gateway' : `Sallyport: ${integration}`,
    ...(integration === null ? {} : { scopes_supported: [integration] }),
  };
}

/** What a route belongs to, for whoever came without a token that is good. */
export function metadataUrl(origin: string, route: string): string {
  const [, surface = '', integration = ''] = route.split('/', 3);
  const of = surface === 'v1' ? '/v1' : `/${surface}/${integration}`;
  const isResource = RESOURCE.test(of);
  return `${origin}${METADATA}${isResource ? of : ''}`;
}
