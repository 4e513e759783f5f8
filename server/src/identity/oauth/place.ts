// Where this authorization server and what it protects are found. Known once the listeners listen, so it is asked, not kept.

import type { TokenScope } from '#core';

export interface OAuthResource {
  /** The one spelling that stands in tokens. */
  readonly audience: string;
  /** The integration it leads to; null for the gateway as a whole. */
  readonly integration: string | null;
}

export interface OAuthPlace {
  issuer(): string;
  /** A path of this server under each of its names, the issuer's first. */
  urls(path: string): readonly string[];
  /** Null for what is not ours. */
  resource(text: string): OAuthResource | null;
}

/** The part of a scope that a resource can serve. */
export function scopeAt(scope: TokenScope, { integration }: OAuthResource): TokenScope {
  return integration === null ? scope : scope.filter((entry) => entry === integration || entry.startsWith(`${integration}:`));
}
