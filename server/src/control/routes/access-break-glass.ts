// Emergency access: asked for by one person, agreed to by another, over by itself.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { isRefusal, parseId } from '#core';
import { type Context, forPerson, notFound, parseInput } from '../respond.ts';

const askBody = z.strictObject({
  role: z.string().regex(/^(?:custom:)?[a-z][a-z0-9_]{0,39}$/, 'is the name of a role'),
  reason: z.string().trim().min(1).max(500),
});

export function breakGlassRoutes(app: FastifyInstance, context: Context): void {
  const { accessGrants: access } = context.ports;
  app.get(
    '/api/access/break-glass',
    forPerson(context, async (person) => ({ requests: await access.breakGlass(person) })),
  );
  app.post(
    '/api/access/break-glass',
    forPerson(context, async (person, request) => {
      const body = parseInput(askBody, request.body);
      return isRefusal(body) ? body : access.ask(person, body);
    }),
  );
  for (const verdict of ['approve', 'deny', 'end'] as const) {
    app.post(
      `/api/access/break-glass/:id/${verdict}`,
      forPerson(context, async (person, request) => {
        const id = parseId('bgl', (request.params as { id: string }).id);
        return id === null ? notFound('request for emergency access') : ((await access.decide(person, id, verdict)) ?? { done: verdict });
      }),
    );
  }
}
