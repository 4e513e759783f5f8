// The keys of stored data: how they stand, new epochs, and rotation. No key passes here; the recovery kit is printed at the machine alone.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { isRefusal, parseId } from '#core';
import { type Context, forPerson, parseInput } from '../respond.ts';

const rotateBody = z.strictObject({ what: z.enum(['tenants', 'file']) });
const reencryptBody = z.strictObject({
  tenant: z
    .string()
    .transform((text) => parseId('ten', text))
    .refine((tenant) => tenant !== null)
    .nullable()
    .default(null),
  destroyOlder: z.boolean().default(false),
});
const minimumBody = z.strictObject({ form: z.union([z.literal(1), z.literal(2)]) });
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
  app.get(
    '/api/data-keys/re-encryption',
    forPerson(context, () => dataKeys.reencryption()),
  );
  app.post(
    '/api/data-keys/re-encrypt',
    forPerson(context, async (person, request) => {
      const body = parseInput(reencryptBody, request.body ?? {});
      return isRefusal(body) ? body : dataKeys.reencrypt(person, body);
    }),
  );
  app.post(
    '/api/data-keys/minimum',
    forPerson(context, async (person, request) => {
      const body = parseInput(minimumBody, request.body);
      return isRefusal(body) ? body : dataKeys.setMinimum(person, body.form);
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
