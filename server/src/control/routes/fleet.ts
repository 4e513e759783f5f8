// One inbox and one board over every tenant one may enter. Deciding goes through the tenant's own route, with its name in the header.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { isRefusal } from '#core';
import { type Context, forPerson, parseInput } from '../respond.ts';

/** Tenants on a page: each is read for itself. */
const pageQuery = z.strictObject({
  after: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/)
    .optional(),
  limit: z.coerce.number().int().min(1).max(50).default(20),
});

export function fleetRoutes(app: FastifyInstance, context: Context): void {
  const { fleet } = context.ports;
  app.get(
    '/api/fleet/tenants',
    forPerson(context, async (person) => ({
      tenants: fleet.tenants(person),
      // What a client needs to give this person access.
      address: `${person.home}/${person.person}`,
    })),
  );
  app.get(
    '/api/fleet/inbox',
    forPerson(context, async (person, request) => {
      const query = parseInput(pageQuery, request.query);
      return isRefusal(query) ? query : fleet.inbox(person, { after: query.after ?? null, limit: query.limit });
    }),
  );
  app.get(
    '/api/fleet/health',
    forPerson(context, async (person, request) => {
      const query = parseInput(pageQuery, request.query);
      return isRefusal(query) ? query : fleet.health(person, { after: query.after ?? null, limit: query.limit });
    }),
  );
}
