// Programs that describe themselves (OAuth client id metadata documents): the client id is the https address of a document about it.
// INVARIANT: the document is a stranger's word: bounded in size and time, read strictly, never followed anywhere, and shown to a person
// together with the address it came from.

import { z } from 'zod';
import { type Clock, isJsonFault, parseStrictJson, type Refusal, type UnixMs } from '#core';
import { refusal } from '../errors.ts';
import { parseClientKeys } from './client-keys.ts';
import { isRedirectUri } from './redirects.ts';

/** Fetches one document; null for anything that is not a 200 with a body within bounds. Private addresses are the egress's to refuse. */
export type FetchDocument = (url: string, bounds: { readonly maxBytes: number; readonly timeoutMs: number }) => Promise<Uint8Array | null>;

export interface DescribedClient {
  readonly clientId: string;
  readonly name: string;
  readonly redirectUris: readonly string[];
  readonly jwks: string | null;
}

export const DOCUMENT_BOUNDS = { maxBytes: 5_120, timeoutMs: 5_000 } as const;
const KEEP_MS = 10 * 60_000;
/** A failure is remembered too, for less long, so that an address can not be made to be asked again and again. */
const KEEP_FAILURE_MS = 30_000;
const MAX_KEPT = 500;
const MAX_URL_CHARS = 500;
const MAX_REDIRECTS = 20;

const document = z.looseObject({
  client_id: z.string(),
  client_name: z.string().min(1).max(120).optional(),
  redirect_uris: z.array(z.string().refine(isRedirectUri)).min(1).max(MAX_REDIRECTS),
  token_endpoint_auth_method: z.enum(['none', 'private_key_jwt']).optional(),
  jwks: z.looseObject({ keys: z.array(z.unknown()).max(5) }).optional(),
  client_secret: z.never().optional(),
  client_secret_expires_at: z.never().optional(),
});

/** https, with a path, and nothing that could be read in two ways. */
export function isDocumentUrl(text: string): boolean {
  const url = text.length > MAX_URL_CHARS ? null : URL.parse(text);
  if (url === null || url.protocol !== 'https:' || url.username !== '' || url.password !== '' || url.hash !== '') return false;
  return url.pathname !== '/' && url.href === text && !/\/\.{1,2}(?:\/|$)/.test(text);
}

export interface ClientDocuments {
  describe(clientId: string): Promise<DescribedClient | Refusal>;
}

export function createClientDocuments({ clock, fetch }: { readonly clock: Clock; readonly fetch: FetchDocument }): ClientDocuments {
  const kept = new Map<string, { readonly found: DescribedClient | null; readonly untilMs: UnixMs }>();

  async function read(clientId: string): Promise<DescribedClient | null> {
    const bytes = await fetch(clientId, DOCUMENT_BOUNDS).catch(() => null);
    const json = bytes === null ? null : parseStrictJson(bytes, { maxBytes: DOCUMENT_BOUNDS.maxBytes, maxDepth: 8 });
    const parsed = json === null || isJsonFault(json) ? null : document.safeParse(json);
    if (parsed?.success !== true || parsed.data.client_id !== clientId) return null;
    const { client_name: name, redirect_uris: redirectUris, token_endpoint_auth_method: method = 'none', jwks } = parsed.data;
    const keys = jwks === undefined ? null : parseClientKeys(jwks);
    if ((method === 'private_key_jwt') !== (keys !== null)) return null;
    return { clientId, name: shown(name) ?? new URL(clientId).host, redirectUris, jwks: keys };
  }

  return {
    async describe(clientId) {
      if (!isDocumentUrl(clientId)) return refusal('IDENTITY_CLIENT_METADATA');
      const nowMs = clock.now();
      const before = kept.get(clientId);
      if (before !== undefined && before.untilMs > nowMs) return before.found ?? refusal('IDENTITY_CLIENT_METADATA');
      const found = await read(clientId);
      kept.delete(clientId);
      if (kept.size >= MAX_KEPT) kept.delete(kept.keys().next().value as string);
      kept.set(clientId, { found, untilMs: nowMs + (found === null ? KEEP_FAILURE_MS : KEEP_MS) });
      return found ?? refusal('IDENTITY_CLIENT_METADATA');
    },
  };
}

/** A name that could pass for something else on a screen is not shown. */
function shown(name: string | undefined): string | null {
  const plain = name?.normalize('NFC').trim() ?? '';
  return /^[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N} .,'’()&+/-]{0,79}$/u.test(plain) ? plain : null;
}
