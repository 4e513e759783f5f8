// OAuth for the control plane: endpoints in the form of their standards, and what a program asks for in words a person can judge.

import type { AskedAccess, ConsentView, OAuthPorts, OAuthReply } from '#control';
import { formatScope, isRefusal, maySomewhere, type PersonPrincipal, scopeIntegrations, type TenantId, type TokenScope } from '#core';
import { type ConsentQuestion, isOAuthFault, type OAuthFault } from '#identity';
import { recordChange, sealFor } from './change-records.ts';
import type { OpenDatabase } from './database.ts';
import type { Rooms } from './rooms.ts';
import { underOf } from './visitor.ts';

export function oauthPorts(rooms: Rooms, { database }: Pick<OpenDatabase, 'database'>): { readonly oauth: OAuthPorts } {
  const { oauth } = rooms.identity;
  const by = (person: PersonPrincipal) => ({ tenant: person.tenant, actor: person.person, seal: sealFor(rooms, person) });

  return {
    oauth: {
      metadata: oauth.metadata,
      jwks: oauth.jwks,
      token: async (request, from) => {
        const answer = await oauth.token(request, from);
        return isOAuthFault(answer) ? replyOf(answer) : { status: 200, body: answer, retryAfterS: null };
      },
      revoke: async (request, from) => {
        const fault = await oauth.revoke(request, from);
        return fault === null ? { status: 200, body: {}, retryAfterS: null } : replyOf(fault);
      },
      ask: async (person, query) => {
        const asked = await oauth.ask(person, query);
        if (isRefusal(asked)) return asked;
        if ('kind' in asked) {
          const { error, description, redirectTo } = asked;
          return { state: 'faulty', error, description, redirectTo };
        }
        return questionOf(rooms, person.tenant, asked);
      },
      decide: (person, query, { allow, scope }) =>
        oauth.decide(person, query, { allow, seal: sealFor(rooms, person), ...(scope === null ? {} : { scope }) }),

      clients: async (tenant) => {
        const consents = await oauth.listConsents(tenant);
        return (await oauth.listClients(tenant)).map(({ isBound, scope, createdAt, endedAt, ...client }) => ({
          ...client,
          bound: isBound,
          scope: scope === null ? null : formatScope(scope),
          createdAt: createdAt.toISOString(),
          endedAt: endedAt?.toISOString() ?? null,
          consents: consents.filter((consent) => consent.client === client.id).length,
        }));
      },
      addClient: async (person, { bound, ...client }) => {
        const made = await oauth.addClient({ ...by(person), ...underOf(person, 'oauth_clients.manage'), ...client, isBound: bound });
        const issuer = rooms.origins.issuer();
        return { ...made, issuer, tokenEndpoint: `${issuer}/oauth/token` };
      },
      removeClient: (person, client) => oauth.removeClient({ ...by(person), client }),

      consents: async (person) => {
        const seesAll = maySomewhere(person, 'oauth_clients.view');
        const names = new Map((await oauth.listClients(person.tenant)).map(({ id, name }) => [id, name]));
        return (await oauth.listConsents(person.tenant))
          .filter((consent) => seesAll || consent.person === person.person)
          .map(({ isBound, scope, createdAt, expiresAt, ...consent }) => ({
            ...consent,
            clientName: names.get(consent.client) ?? consent.client,
            scope: formatScope(scope),
            bound: isBound,
            createdAt: createdAt.toISOString(),
            expiresAt: expiresAt.toISOString(),
          }));
      },
      endConsent: (person, consent) => {
        const mayEndAll = maySomewhere(person, 'oauth_clients.manage');
        return oauth.endConsent({ ...by(person), consent, ...(mayEndAll ? {} : { of: person.person }) });
      },
      replaceKeys: async (person) => {
        await oauth.replaceTokenKeys();
        const change = { before: null, after: null, public: {}, subject: person.tenant, type: 'identity.token_keys.replaced' };
        await database.inTenant(person.tenant, (tx) => recordChange(rooms, tx, { person, ...change }));
      },
    },
  };
}

function replyOf({ error, description, status, retryAfterS }: OAuthFault): OAuthReply {
  return { status, body: { error, error_description: description }, retryAfterS: retryAfterS ?? null };
}

function questionOf({ catalogue }: Pick<Rooms, 'catalogue'>, tenant: TenantId, question: ConsentQuestion): ConsentView {
  const { client, redirectHost, resource, scope, withheld, lastsDays } = question;
  return {
    state: 'asks',
    client: { clientId: client.clientId, name: client.name, describedBy: client.describedBy, bound: client.isBound },
    redirectHost,
    resource,
    access: [...scopeIntegrations(scope)].flatMap((name) => accessOf(catalogue, tenant, { name, scope }) ?? []),
    withheld,
    lastsDays,
  };
}

function accessOf(
  catalogue: Rooms['catalogue'],
  tenant: TenantId,
  { name, scope }: { readonly name: string; readonly scope: TokenScope },
): AskedAccess | null {
  const integration = catalogue.integration(tenant, name);
  if (integration === null) return null;
  const isWhole = scope.includes(name);
  const offered =
    integration.manifest === null
      ? [...integration.models].map((model) => ({ name: model, effect: 'model', entry: `${name}:${model}` }))
      : integration.manifest.operations.map((operation) => ({
          name: operation.name,
          effect: operation.effect,
          entry: `${name}:${operation.name}`,
        }));
  return {
    integration: name,
    kind: integration.manifest === null ? 'model' : 'http',
    origin: integration.origin,
    operations: offered.filter(({ entry }) => isWhole || scope.includes(entry)),
    isWhole,
  };
}
