// Hooks: who may deliver, and the secret each signs with. The secret stands in the answer that made it and nowhere after.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { isRefusal } from '#core';
import { type Context, forPerson, notFound, parseInput, seesBy } from '../respond.ts';

const hookBody = z.strictObject({
  secret: z.string().max(200).nullable().default(null),
  shop: z
    .string()
    .trim()
    .toLowerCase()
    .max(253)
    .regex(/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$/, 'is the domain of a shop')
    .nullable()
    .default(null),
});
const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

export function hookRoutes(app: FastifyInstance, context: Context): void {
  const { hooks } = context.ports;
  const nameOf = (params: unknown): string | null => {
    const { name } = params as { name: string };
    return NAME.test(name) ? name : null;
  };
  app.get(
    '/api/hooks',
    forPerson(context, async (person, request) => {
      const sees = seesBy(context, person, request);
      return { hooks: (await hooks.list(person.tenant)).filter(({ integration }) => sees({ integration })) };
    }),
  );
  app.post(
    '/api/integrations/:name/hook',
    forPerson(context, async (person, request) => {
      const integration = nameOf(request.params);
      const body = parseInput(hookBody, request.body ?? {});
      if (isRefusal(body)) return body;
      return integration === null ? notFound('integration') : hooks.create(person, { integration, ...body });
    }),
  );
  app.delete(
    '/api/integrations/:name/hook',
    forPerson(context, async (person, request) => {
      const integration = nameOf(request.params);
      return integration !== null && (await hooks.remove(person, integration)) ? { removed: true } : notFound('hook');
    }),
  );
}
