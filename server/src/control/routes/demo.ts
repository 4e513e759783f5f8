// The demonstration: what it shows, starting it, removing everything of it; and the first call of a program somebody connects.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { isRefusal, parseId } from '#core';
import { type Context, forPerson, notFound, parseInput } from '../respond.ts';

const startBody = z
  .strictObject({
    model: z.strictObject({ integration: z.string().min(1).max(63), model: z.string().min(1).max(200) }).optional(),
  })
  .default({});
const removeBody = z.strictObject({}).default({});
const connectQuery = z.strictObject({ workload: z.string().max(64).optional() });

export function demoRoutes(app: FastifyInstance, context: Context): void {
  const { demo } = context.ports;
  app.get(
    '/api/demo',
    forPerson(context, (person) => demo.view(person.tenant)),
  );
  app.post(
    '/api/demo/start',
    forPerson(context, async (person, request) => {
      const body = parseInput(startBody, request.body ?? undefined);
      return isRefusal(body) ? body : demo.start(person, body.model ?? null);
    }),
  );
  app.post(
    '/api/demo/remove',
    forPerson(context, async (person, request) => {
      const body = parseInput(removeBody, request.body ?? undefined);
      return isRefusal(body) ? body : demo.remove(person);
    }),
  );
}

export function connectRoutes(app: FastifyInstance, context: Context): void {
  app.get(
    '/api/connect',
    forPerson(context, async (person, request) => {
      const query = parseInput(connectQuery, request.query);
      if (isRefusal(query)) return query;
      const workload = query.workload === undefined ? null : parseId('wkl', query.workload);
      if (query.workload !== undefined && workload === null) return notFound('workload');
      return context.ports.connect(person.tenant, workload);
    }),
  );
}
