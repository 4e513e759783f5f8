// Open sessions: one's own, which everybody may see and end, and other people's for whoever holds the action.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { isRefusal, parseId } from '#core';
import { type Context, forPerson, notFound, parseInput } from '../respond.ts';

const listQuery = z.strictObject({
  /** `everybody`, or the id of a person; one's own when it is left out. */
  of: z.string().max(64).optional(),
});

export function sessionRoutes(app: FastifyInstance, context: Context): void {
  const { sessions, authorize } = context.ports;
  app.get(
    '/api/sessions',
    forPerson(context, async (by, request) => {
      const query = parseInput(listQuery, request.query);
      if (isRefusal(query)) return query;
      const { of = by.person } = query;
      if (of === by.person) return { sessions: await sessions.list(by, by.person) };
      const person = parseId('per', of);
      if (person === null && of !== 'everybody') return notFound('person');
      return authorize(by, 'sessions.view', {}) ?? { sessions: await sessions.list(by, person) };
    }),
  );
  app.delete(
    '/api/sessions/:id',
    forPerson(context, async (by, request) => {
      const id = parseId('ses', (request.params as { id: string }).id);
      if (id === null) return notFound('session');
      const isOwn = (await sessions.list(by, by.person)).some((session) => session.id === id);
      const refused = isOwn ? null : authorize(by, 'sessions.end', {});
      return refused ?? (await sessions.end(by, isOwn ? by.home : by.tenant, id)) ?? { ended: true };
    }),
  );
}
