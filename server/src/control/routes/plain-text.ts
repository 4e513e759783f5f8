// Where plain text exists. A look, at any time: nothing is kept of it.

import type { FastifyInstance } from 'fastify';
import { type Context, forPerson } from '../respond.ts';

export function plainTextRoutes(app: FastifyInstance, context: Context): void {
  const { plainText } = context.ports;
  app.get(
    '/api/data/plain-text',
    forPerson(context, (person) => plainText.show(person)),
  );
}
