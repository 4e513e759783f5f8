// The keys of stored data: how they stand, new epochs, and rotation. No key passes here; the recovery kit is printed at the machine alone.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { isRefusal } from '#core';
import { type Context, forPerson, parseInput } from '../respond.ts';

const rotateBody = z.strictObject({ what: z.enum(['tenants', 'file']) });
const kitBody = z.strictObject({ again: z.boolean().default(false) });

export function dataKeyRoutes(app: FastifyInstance, context: Context): void {
  const { dataKeys } = context.ports;
  app.get(
    '/api/data-keys',
    forPerson(context, () => dataKeys.show()),
  );
  app.post(
    '/api/data-keys/epoch',
    forPerson(context, (person) => dataKeys.begin(person, 'epoch')),
  );
  app.post(
    '/api/data-keys/rewrap',
    forPerson(context, (person) => dataKeys.begin(person, 'rewrap')),
  );
  app.post(
    '/api/data-keys/rotate',
    forPerson(context, async (person, request) => {
      const body = parseInput(rotateBody, request.body);
      return isRefusal(body) ? body : dataKeys.begin(person, body.what);
    }),
  );
  app.post(
    '/api/data-keys/recovery-kit',
    forPerson(context, async (person, request) => {
      const body = parseInput(kitBody, request.body ?? {});
      return isRefusal(body) ? body : dataKeys.kitPrinted(person, body.again);
    }),
  );
}
