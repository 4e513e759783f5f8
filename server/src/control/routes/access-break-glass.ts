// Emergency access: asked for by one person, agreed to by another, over by itself.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { isRefusal, parseId } from '#core';
import { type Context, forPerson, notFound, parseInput } from '../respond.ts';
import { assertion } from './sign-in.ts';

const askBody = z.strictObject({
  role: z.string().regex(/^(?:custom:)?[a-z][a-z0-9_]{0,39}$/, 'is the name of a role'),
  reason: z.string().trim().min(1).max(500),
});

const agreeBody = z.strictObject({ assertion: assertion.optional() });
const unknown = () => notFound('request for emergency access');

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
  app.post(
    '/api/access/break-glass/:id/approve',
    forPerson(context, async (person, request) => {
      const id = parseId('bgl', (request.params as { id: string }).id);
      const body = parseInput(agreeBody, request.body ?? {});
      if (isRefusal(body)) return body;
      return id === null ? unknown() : ((await access.agree(person, id, body.assertion)) ?? { done: 'approve' });
    }),
  );
  app.post(
    '/api/access/break-glass/:id/approve/options',
    forPerson(context, async (person, request) => {
      const id = parseId('bgl', (request.params as { id: string }).id);
      return id === null ? unknown() : access.agreeOptions(person, id);
    }),
  );
  for (const verdict of ['deny', 'end'] as const) {
    app.post(
      `/api/access/break-glass/:id/${verdict}`,
      forPerson(context, async (person, request) => {
        const id = parseId('bgl', (request.params as { id: string }).id);
        return id === null ? unknown() : ((await access.decide(person, id, verdict)) ?? { done: verdict });
      }),
    );
  }
}
