// The authorization server in one place: what it is made of, and what the rest of the installation asks of it.

import type { Clock, KeyId, PersonPrincipal, Principal, Random, Refusal, TenantId, WorkloadId } from '#core';
import type { Database } from '#storage';
import type { Follower } from '../follow.ts';
import type { FurtherEnd } from '../people/deprovision.ts';
import { type Attempts, createAttempts } from '../signing-in/attempts.ts';
import type { Snapshot } from '../snapshot.ts';
import { sweepOAuth } from '../store/oauth-rows.ts';
import type { Watchers } from '../watchers.ts';
import type { Hasher } from '../workloads/tokens.ts';
import { type AccessTokens, createAccessTokens } from './access-tokens.ts';
import { type CallAuthenticator, createCallAuthenticator } from './authenticate-call.ts';
import { createClientDocuments, type FetchDocument } from './cimd.ts';
import { claimedClient } from './client-auth.ts';
import { createOAuthClients, type OAuthClients } from './clients.ts';
import { type Consents, createConsents } from './consent.ts';
import { type OAuthFault, oauthFault } from './fault.ts';
import { serverMetadata } from './metadata.ts';
import type { OAuthPlace } from './place.ts';
import { openRegistry } from './registry.ts';
import { createReplays, type Replays } from './replays.ts';
import { createRevocation } from './revoke.ts';
import { createStepTokens, type StepTokens } from './step-tokens.ts';
import type { TokenAnswer, TokenRequest } from './token-answer.ts';
import { createTokenEndpoint } from './token-endpoint.ts';
import { openTokenKeys } from './token-keys.ts';

/** What main hands in. Without it nothing is issued to anybody outside; our own runtime still has its step tokens. */
export interface OAuthOptions {
  readonly place: OAuthPlace;
  readonly fetch: FetchDocument;
  readonly integrations: (tenant: TenantId) => readonly string[];
  /** Every token bound to a key, whatever its client says. */
  readonly needsProof: boolean;
}

export interface OAuth extends OAuthClients, Consents {
  metadata(): Readonly<Record<string, unknown>>;
  jwks(): { readonly keys: readonly object[] };
  /** `from`: where the request came from, counted and not kept. */
  token(request: TokenRequest, from: string): Promise<TokenAnswer | OAuthFault>;
  revoke(request: TokenRequest, from: string): Promise<OAuthFault | null>;
  /** After a key may have leaked: every token made before is void. */
  replaceTokenKeys(): Promise<void>;
}

export interface OAuthParts {
  readonly oauth: OAuth;
  readonly calls: CallAuthenticator;
  readonly steps: StepTokens;
  readonly tokens: AccessTokens;
  readonly replays: Replays;
  reachOfApp(tenant: TenantId, workload: WorkloadId): ReadonlySet<string>;
  /** What rests on a person who is removed, in the same transaction. */
  readonly endOf: FurtherEnd;
  sweep(before: Date): Promise<number>;
  close(): Promise<void>;
}

export interface OAuthDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly pepper: Uint8Array;
  readonly hasher: Hasher;
  readonly follower: Pick<Follower, 'refresh'>;
  readonly snapshot: Pick<Snapshot, 'workload' | 'principal' | 'grants'>;
  readonly ofKey: (key: KeyId) => Principal | Refusal;
  readonly isUnsure: () => boolean;
  readonly onFault: (fault: unknown) => void;
  readonly options: OAuthOptions | undefined;
  readonly confirmed: (person: PersonPrincipal) => Refusal | null;
  readonly watchers?: Pick<Watchers, 'changed' | 'lost'>;
}

const NOWHERE: OAuthPlace = { issuer: () => 'urn:sallyport:unset', urls: () => [], resource: () => null };
const CLOSED: OAuthOptions = { place: NOWHERE, fetch: async () => null, integrations: () => [], needsProof: false };
/** A client asks once in five minutes for each of its processes; an address may hold many clients. */
const BY_CLIENT = { name: 'oauth client', count: 120, windowMs: 60_000 } as const;
const BY_ADDRESS = { name: 'oauth address', count: 600, windowMs: 60_000 } as const;

export async function openOAuth(deps: OAuthDeps): Promise<OAuthParts> {
  const { db, clock, hasher } = deps;
  const { place, fetch, integrations, needsProof } = deps.options ?? CLOSED;
  const keys = await openTokenKeys(deps);
  const registry = await openRegistry(deps);
  const replays = createReplays(deps);
  const tokens = createAccessTokens({ ...deps, keys, registry });
  const parts = { ...deps, keys, registry, replays, tokens, place, needsProof };
  const attempts = createAttempts({ db, clock, hasher });
  const endpoint = createTokenEndpoint(parts);
  const revocation = createRevocation(parts);
  const documents = createClientDocuments({ clock, fetch });
  const clients = createOAuthClients(parts);

  return {
    tokens,
    replays,
    reachOfApp: registry.reachOfApp,
    calls: createCallAuthenticator(parts),
    steps: createStepTokens(parts),
    oauth: {
      ...clients,
      ...createConsents({ ...parts, documents, integrations }),
      metadata: () => serverMetadata(place),
      jwks: keys.jwks,
      token: async (request, from) => (await tooMany(attempts, request, from)) ?? endpoint(request),
      revoke: async (request, from) => (await tooMany(attempts, request, from)) ?? revocation(request),
      replaceTokenKeys: keys.replaceAll,
    },
    endOf: async (tx, ending) => ({
      consents: (await clients.endConsentsOf(tx, ending)).length,
      clients: (await clients.endClientsOf(tx, ending)).length,
    }),
    sweep: async (before) => {
      await keys.keepFresh();
      registry.prune();
      return (await replays.sweep()) + (await sweepOAuth(db, before));
    },
    close: () => registry.close(),
  };
}

async function tooMany(attempts: Attempts, { params }: TokenRequest, from: string): Promise<OAuthFault | null> {
  const byAddress = await attempts.count(BY_ADDRESS, from);
  const client = claimedClient(params);
  const over = byAddress ?? (client === null ? null : await attempts.count(BY_CLIENT, `${client.slice(0, 500)} ${from}`));
  if (over === null) return null;
  const retryAfterS = Number(over.evidence.retryAfterSeconds ?? 60);
  return { ...oauthFault('temporarily_unavailable', 'Too many requests; wait a little and try again.', 429), retryAfterS };
}
