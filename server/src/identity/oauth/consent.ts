// A program asks for access (RFC 6749 section 4.1 with PKCE S256, RFC 8707, RFC 9207), and a person says yes or no.
// INVARIANT: nothing is granted without a person's act; nobody grants what they may not do themselves; a code goes nowhere but to an
// address the program named before, and is good once, for a minute, for whoever holds the verifier.

import {
  type Clock,
  coversScope,
  isRefusal,
  narrowScope,
  newId,
  type OAuthClientId,
  type PersonPrincipal,
  parseScope,
  type Random,
  type Refusal,
  refuse,
  type SealChange,
  scopeIntegration,
  type TenantId,
  type TokenScope,
  type Tx,
  type WorkloadId,
} from '#core';
import { appendEvents, type Database } from '#storage';
import { identityCodes, refusal } from '../errors.ts';
import type { Follower } from '../follow.ts';
import { addClient, addFamily, addSecret, findClientByName, redescribeClient } from '../store/oauth.ts';
import { formatToken, type Hasher, newToken } from '../workloads/tokens.ts';
import type { ClientDocuments } from './cimd.ts';
import { addAppWorkload, clientEvent, clientRow } from './clients.ts';
import type { OAuthFault } from './fault.ts';
import { mayThrough } from './person-rights.ts';
import { type OAuthPlace, type OAuthResource, scopeAt } from './place.ts';
import { matchesRedirect } from './redirects.ts';
import type { OAuthRegistry } from './registry.ts';

/** What the page shows before a person decides. */
export interface ConsentQuestion {
  readonly client: {
    readonly clientId: string;
    readonly name: string;
    /** Host of the document that describes it; null for one that was registered here. */
    readonly describedBy: string | null;
    readonly isBound: boolean;
  };
  /** Where the answer goes. */
  readonly redirectHost: string;
  readonly resource: string;
  readonly integration: string | null;
  readonly scope: TokenScope;
  /** What was asked and this person can not give. */
  readonly withheld: TokenScope;
  readonly lastsDays: number;
}

/** A fault the program is told of, at its own address. */
export interface SentBack {
  readonly kind: 'sent_back';
  readonly error: OAuthFault['error'];
  readonly description: string;
  readonly redirectTo: string;
}

export interface Consents {
  ask(person: PersonPrincipal, query: string): Promise<ConsentQuestion | SentBack | Refusal>;
  /** Where the browser goes next. `scope`: what the person left of what was asked. */
  decide(
    person: PersonPrincipal,
    query: string,
    decision: { readonly allow: boolean; readonly scope?: readonly string[]; readonly seal?: SealChange },
  ): Promise<{ readonly redirectTo: string } | Refusal>;
}

export interface ConsentDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: Hasher;
  readonly follower: Pick<Follower, 'refresh'>;
  readonly registry: OAuthRegistry;
  readonly documents: ClientDocuments;
  readonly place: OAuthPlace;
  /** Names of the integrations a tenant has. */
  readonly integrations: (tenant: TenantId) => readonly string[];
  /** Why this person has to prove first that it is them, by more than the session they are in; null when they just did or can not. */
  readonly confirmed: (person: PersonPrincipal) => Refusal | null;
}

export const CODE_LIFETIME_MS = 60_000;
/** How long a consent lasts when nobody uses it, and at most. */
export const CONSENT_IDLE_DAYS = 30;
export const CONSENT_MAX_DAYS = 90;
const MAX_QUERY_CHARS = 8_192;
const MAX_STATE_CHARS = 1_024;
const CHALLENGE = /^[A-Za-z0-9_-]{43}$/;

interface Asked {
  readonly client: {
    readonly id: OAuthClientId | null;
    readonly clientId: string;
    readonly name: string;
    readonly jwks: string | null;
    readonly isBound: boolean;
    /** The most it may be given; null for no limit. */
    readonly scope: TokenScope | null;
    readonly redirectUris: readonly string[];
  };
  readonly redirectUri: string;
  readonly state: string | null;
  readonly challenge: string;
  readonly resource: OAuthResource;
  readonly scope: TokenScope;
  readonly withheld: TokenScope;
}

export function createConsents(deps: ConsentDeps): Consents {
  const { db, clock, random, hasher, follower, registry, documents, place } = deps;

  const clientOf = async (tenant: TenantId, clientId: string): Promise<Asked['client'] | Refusal> => {
    const known = registry.app(tenant, clientId);
    // An app that describes itself is read again each time: where it may be answered is its to change.
    if (known !== undefined && known.clientId === known.id) return known;
    if (clientId.startsWith('oac_')) return refusal('IDENTITY_CLIENT_UNKNOWN');
    const described = await documents.describe(clientId);
    if (isRefusal(described)) return described;
    return { ...described, id: known?.id ?? null, isBound: known?.isBound ?? false, scope: known?.scope ?? null };
  };

  async function read(person: PersonPrincipal, query: string): Promise<Asked | SentBack | Refusal> {
    const params = readParams(query);
    if (params === null) return invalid('query');
    const clientId = params.get('client_id');
    const redirectUri = params.get('redirect_uri');
    if (clientId === undefined) return invalid('client_id');
    const client = await clientOf(person.tenant, clientId);
    if (isRefusal(client)) return client;
    if (redirectUri === undefined || !matchesRedirect(client.redirectUris, redirectUri)) return invalid('redirect_uri');
    const state = params.get('state') ?? null;
    if (state !== null && state.length > MAX_STATE_CHARS) return invalid('state');
    const back = (error: OAuthFault['error'], description: string): SentBack => ({
      kind: 'sent_back',
      error,
      description,
      redirectTo: answer(redirectUri, { error, error_description: description, state, iss: place.issuer() }),
    });
    if (params.get('response_type') !== 'code') return back('unsupported_response_type', 'response_type is code.');
    if (params.has('request') || params.has('request_uri')) return back('invalid_request', 'Request objects are not taken.');
    const challenge = params.get('code_challenge') ?? '';
    if (params.get('code_challenge_method') !== 'S256' || !CHALLENGE.test(challenge))
      return back('invalid_request', 'PKCE is required: code_challenge with code_challenge_method S256.');
    const resource = place.resource(params.get('resource') ?? '');
    if (resource === null)
      return back('invalid_target', 'resource is required: the address of the protected resource, as its metadata names it.');
    const text = params.get('scope');
    const named = text === undefined ? null : parseScope(text);
    if (text !== undefined && named === null)
      return back('invalid_scope', 'scope holds integration or integration:operation, divided by spaces.');
    const asked = scopeAt(named ?? (resource.integration === null ? deps.integrations(person.tenant) : [resource.integration]), resource);
    if (asked.length === 0) return back('invalid_scope', 'Nothing of the scope belongs to this resource.');
    const known = new Set(deps.integrations(person.tenant));
    const mayGive = (entry: string): boolean => {
      const integration = scopeIntegration(entry);
      return known.has(integration) && mayThrough(person.grants, 'guard.read', { integration });
    };
    const scope = (client.scope === null ? asked : narrowScope(client.scope, asked)).filter(mayGive);
    const withheld = asked.filter((entry) => !coversScope(scope, [entry]));
    return { client, redirectUri, state, challenge, resource, scope, withheld };
  }

  /** The app's row, made at the first consent in this tenant; with what other processes have to hear. */
  async function remember(
    tx: Tx,
    person: PersonPrincipal,
    client: Asked['client'],
  ): Promise<{ id: OAuthClientId; made: WorkloadId | null }> {
    const { tenant } = person;
    const known = await findClientByName(tx, tenant, client.clientId);
    if (known !== null) {
      const said = { name: client.name, jwks: client.jwks, redirect_uris: [...client.redirectUris] };
      if (known.client_id !== known.id && known.jwks !== said.jwks) await redescribeClient(tx, tenant, { id: known.id, ...said });
      return { id: known.id, made: null };
    }
    const id = newId('oac', clock, random);
    const workload = newId('wkl', clock, random);
    const createdAt = new Date(clock.now());
    await addAppWorkload(tx, tenant, workload, createdAt);
    const { clientId, name, jwks, redirectUris } = client;
    const row = { id, clientId, kind: 'app', name, workload, jwks, redirectUris, binding: 'none', scope: null } as const;
    await addClient(tx, tenant, clientRow({ ...row, createdAt, actor: person.person }));
    const facts = { kind: 'app', workload, bound: false };
    await appendEvents(tx, [clientEvent(deps, { tenant, actor: person.person, type: 'client.added', subject: id, facts, sealed: null })]);
    return { id, made: workload };
  }

  return {
    async ask(person, query) {
      const asked = await read(person, query);
      if (isRefusal(asked) || 'kind' in asked) return asked;
      const { client, resource, scope, withheld, redirectUri } = asked;
      return {
        client: {
          clientId: client.clientId,
          name: client.name,
          describedBy: client.clientId.startsWith('https://') ? new URL(client.clientId).host : null,
          isBound: client.isBound,
        },
        redirectHost: new URL(redirectUri).host,
        resource: resource.audience,
        integration: resource.integration,
        scope,
        withheld,
        lastsDays: CONSENT_IDLE_DAYS,
      };
    },

    async decide(person, query, { allow, scope: left, seal }) {
      const asked = await read(person, query);
      if (isRefusal(asked)) return asked;
      if ('kind' in asked) return { redirectTo: asked.redirectTo };
      // What is let in here acts for weeks, long after whoever found a page open has gone.
      const unconfirmed = allow ? deps.confirmed(person) : null;
      if (unconfirmed !== null) return unconfirmed;
      const { tenant } = person;
      const { client, redirectUri, state, challenge, resource } = asked;
      const chosen = left === undefined ? asked.scope : parseScope(left.join(' '));
      if (allow && (chosen === null || !coversScope(asked.scope, chosen))) return invalid('scope');
      const scope = chosen === null ? [] : narrowScope(asked.scope, chosen);
      const back = (facts: Readonly<Record<string, string | null>>): { redirectTo: string } => ({
        redirectTo: answer(redirectUri, { ...facts, state, iss: place.issuer() }),
      });
      if (!allow || scope.length === 0) {
        const facts = { client: client.id, reason: allow ? 'nothing_to_give' : 'denied' };
        const told = { tenant, actor: person.person, type: 'consent.denied', subject: person.person, facts, sealed: null };
        await db.inTenant(tenant, (tx) => appendEvents(tx, [clientEvent(deps, told)]));
        return back({ error: 'access_denied', error_description: 'The person did not grant access.' });
      }
      const code = newToken(random);
      const family = newId('fam', clock, random);
      const expiresAt = new Date(clock.now() + CODE_LIFETIME_MS);
      const made = await db.inTenant(tenant, async (tx) => {
        const remembered = await remember(tx, person, client);
        const { id } = remembered;
        const { audience } = resource;
        const row = { id: family, client: id, person: person.person, resource: audience, scope: [...scope], jkt: null };
        await addFamily(tx, tenant, { ...row, created_at: new Date(clock.now()), expires_at: expiresAt });
        const secret = { lookup: code.lookup, hash: hasher.hash('spc', code), pepper: hasher.pepperId, kind: 'code', family } as const;
        await addSecret(tx, tenant, { ...secret, redirect_uri: redirectUri, challenge, expires_at: expiresAt });
        const facts = { client: id, integrations: [...new Set(scope.map(scopeIntegration))] };
        const after = { consent: family, client: id, name: client.name, resource: audience, scope: [...scope] };
        const sealed = (await seal?.(tx, { before: null, after })) ?? null;
        const told = { tenant, actor: person.person, type: 'consent.given', subject: family, facts, sealed };
        await appendEvents(tx, [clientEvent(deps, told)]);
        return remembered;
      });
      if (made.made !== null) await follower.refresh({ tenant, kind: 'workload', id: made.made });
      await registry.refresh({ tenant, kind: 'client', id: made.id });
      await registry.refresh({ tenant, kind: 'family', id: family });
      return back({ code: formatToken('spc', code) });
    },
  };
}

function invalid(parameter: string): Refusal {
  return refuse('IDENTITY_CONSENT_INVALID', identityCodes.IDENTITY_CONSENT_INVALID.sentence, { parameter });
}

/** Null when one is there twice: which of them counts must not depend on who reads it. */
function readParams(query: string): ReadonlyMap<string, string> | null {
  if (query.length > MAX_QUERY_CHARS) return null;
  const params = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    if (params.has(name)) return null;
    if (value !== '') params.set(name, value);
  }
  return params;
}

function answer(redirectUri: string, facts: Readonly<Record<string, string | null>>): string {
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries(facts)) if (value !== null) url.searchParams.set(name, value);
  return url.href;
}
