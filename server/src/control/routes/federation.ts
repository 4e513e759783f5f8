// Settings of company logins and of provisioning. A secret goes in and never comes out; a token stands in the answer that made it.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { isRefusal, type PersonPrincipal } from '#core';
import { AUTH_METHODS, type ProviderView, type ProvisioningState } from '#identity';
import { type Context, forPerson, notFound, parseInput } from '../respond.ts';

const NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;
const text = (max: number) => z.string().min(1).max(max);
const providerBody = z.strictObject({
  label: text(60),
  issuer: text(500),
  clientId: text(200),
  authMethod: z.enum(AUTH_METHODS).default('client_secret_basic'),
  secret: text(500).nullable().default(null),
  mode: z.enum(['invited', 'just_in_time']).default('invited'),
  scopes: z.array(text(100)).max(20).default(['profile']),
  groupsClaim: text(128).nullable().default(null),
  groups: z.record(text(256), text(60)).default({}),
  externalIdClaim: text(128).nullable().default(null),
  deviceClaim: text(128).nullable().optional(),
  secondFactorAcr: z.array(text(256)).max(20).default([]),
  enabled: z.boolean().default(true),
});

export function federationRoutes(app: FastifyInstance, context: Context): void {
  const { federation } = context.ports;
  const named = (work: (person: PersonPrincipal, name: string, request: FastifyRequest) => Promise<unknown>) =>
    forPerson(context, async (person, request) => {
      const { name } = request.params as { name: string };
      return NAME.test(name) ? work(person, name, request) : notFound('company login');
    });

  app.get(
    '/api/federation',
    forPerson(context, async (person) => ({ providers: (await federation.list(person.tenant)).map(shown) })),
  );
  app.put(
    '/api/federation/:name',
    named(async (person, name, request) => {
      const body = parseInput(providerBody, request.body);
      const saved = isRefusal(body) ? body : await federation.save(person, { name, ...body });
      return isRefusal(saved) ? saved : shown(saved);
    }),
  );
  app.delete(
    '/api/federation/:name',
    named(async (person, name) => ((await federation.remove(person, name)) ? { removed: true } : notFound('company login'))),
  );
  app.post(
    '/api/federation/:name/test',
    named(async (person, name) => {
      const tested = await federation.test(person, name);
      if (isRefusal(tested)) return tested;
      const { testCode } = tested;
      return { ...shown(tested), ok: testCode === null, sentence: testCode === null ? null : (context.codes[testCode]?.sentence ?? null) };
    }),
  );

  app.get(
    '/api/scim',
    forPerson(context, async (person) => ({
      baseUrl: federation.scimBase(),
      ...provisioning(await federation.provisioning(person.tenant)),
    })),
  );
  app.post(
    '/api/scim/token',
    forPerson(context, async (person) => {
      const { token, overlapUntil } = await federation.createToken(person);
      return { baseUrl: federation.scimBase(), token, overlapUntil: overlapUntil?.toISOString() ?? null };
    }),
  );
  app.delete(
    '/api/scim',
    forPerson(context, async (person) => ({ removed: await federation.removeTokens(person) })),
  );
}

function shown({ createdAt, testedAt, usedAt, ...provider }: ProviderView): object {
  return {
    ...provider,
    createdAt: createdAt.toISOString(),
    testedAt: testedAt?.toISOString() ?? null,
    usedAt: usedAt?.toISOString() ?? null,
  };
}

function provisioning({ tokens, sync }: ProvisioningState): object {
  return {
    on: tokens.length > 0,
    tokens: tokens.map(({ createdAt, expiresAt, usedAt, madeBy, makerLeft }) => ({
      madeBy,
      makerLeft,
      createdAt: createdAt.toISOString(),
      expiresAt: expiresAt?.toISOString() ?? null,
      usedAt: usedAt?.toISOString() ?? null,
    })),
    lastRequestAt: sync?.request_at.toISOString() ?? null,
    lastChangeAt: sync?.change_at?.toISOString() ?? null,
    lastFailure: sync?.failed_at == null ? null : { at: sync.failed_at.toISOString(), what: sync.failure },
  };
}
