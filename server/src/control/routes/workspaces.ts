// Workspaces: the roll-up of each, and what belongs to it.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { isPublicName, isRefusal } from '#core';
import { type Context, forPerson, parseInput } from '../respond.ts';

/** As many as one request moves. */
const MAX_MEMBERS = 1_000;
const workspaceBody = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'use lower case letters, digits and hyphens')
    .refine(isPublicName, 'is a number; a name stands in the log, use a letter'),
});
const membersBody = z.strictObject({
  members: z
    .array(
      z.strictObject({
        kind: z.enum(['workflow', 'integration', 'workload']),
        name: z
          .string()
          .regex(
            /^[a-z0-9][a-z0-9._-]{0,63}$|^wkl_[0-9a-f-]{36}$/,
            'is not the name of a workflow or integration, or the id of a workload',
          ),
      }),
    )
    .min(1)
    .max(MAX_MEMBERS),
});

export function workspaceRoutes(app: FastifyInstance, context: Context): void {
  const { workspaces } = context.ports;
  const nameOf = (request: FastifyRequest): string => (request.params as { name: string }).name;
  app.get(
    '/api/workspaces',
    forPerson(context, (person) => workspaces.list(person)),
  );
  app.post(
    '/api/workspaces',
    forPerson(context, async (person, request) => {
      const body = parseInput(workspaceBody, request.body);
      if (isRefusal(body)) return body;
      return (await workspaces.create(person, body.name)) ?? { name: body.name };
    }),
  );
  app.delete(
    '/api/workspaces/:name',
    forPerson(context, async (person, request) => (await workspaces.remove(person, nameOf(request))) ?? { removed: true }),
  );
  app.put(
    '/api/workspaces/:name/members',
    forPerson(context, async (person, request) => {
      const body = parseInput(membersBody, request.body);
      return isRefusal(body) ? body : workspaces.move(person, nameOf(request), body.members);
    }),
  );
  // Whichever they are in: a thing belongs to one workspace at most.
  app.delete(
    '/api/workspaces/:name/members',
    forPerson(context, async (person, request) => {
      const body = parseInput(membersBody, request.body);
      return isRefusal(body) ? body : workspaces.move(person, null, body.members);
    }),
  );
}
