// OAuth clients, as people register and remove them; and new signing keys after a leak.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { isRefusal, parseId, type WorkloadId } from '#core';
import { type Context, forPerson, notFound, parseInput } from '../respond.ts';

const clientBody = z.strictObject({
  name: z.string().trim().min(1).max(80),
  workload: z
    .string()
    .transform((text, issues) => {
      const id = parseId('wkl', text);
      if (id === null) issues.addIssue({ code: 'custom', message: 'is not a workload id' });
      return id as WorkloadId;
    })
    .nullable()
    .default(null),
  /** One public key or a set of them. */
  jwks: z.looseObject({}).nullable().default(null),
  redirectUris: z.array(z.string().max(2_000)).max(20).default([]),
  bound: z.boolean().default(false),
  scope: z.string().max(8_192).nullable().default(null),
});

export function oauthClientRoutes(app: FastifyInstance, context: Context): void {
  const { oauth } = context.ports;
  app.get(
    '/api/oauth-clients',
    forPerson(context, async ({ tenant }) => ({ clients: await oauth.clients(tenant) })),
  );
  app.post(
    '/api/oauth-clients',
    forPerson(context, async (person, request) => {
      const body = parseInput(clientBody, request.body);
      return isRefusal(body) ? body : oauth.addClient(person, body);
    }),
  );
  app.delete(
    '/api/oauth-clients/:id',
    forPerson(context, async (person, request) => {
      const id = parseId('oac', (request.params as { id: string }).id);
      return id !== null && (await oauth.removeClient(person, id)) ? { removed: true } : notFound('client');
    }),
  );
  app.post(
    '/api/oauth-keys/replace',
    forPerson(context, async (person) => {
      await oauth.replaceKeys(person);
      return { replaced: true };
    }),
  );
}
