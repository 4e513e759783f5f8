// Which programs may call: workloads and their keys.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { isPublicName, isRefusal, parseId, type WorkloadId } from '#core';
import { type Context, forPerson, notFound, parseInput, seesBy } from '../respond.ts';

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'use lower case letters, digits and hyphens')
  .refine(isPublicName, 'is a number; a name stands in the log, use a letter');
const workloadBody = z.strictObject({
  name,
  workflow: name.nullable().default(null),
  integrations: z.array(name).max(100).default([]),
  publicKey: z
    .strictObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string().regex(/^[\w-]{43}$/) })
    .nullable()
    .default(null),
});
const keyBody = z.strictObject({
  workload: z.string().transform((text, issues) => {
    const id = parseId('wkl', text);
    if (id === null) issues.addIssue({ code: 'custom', message: 'is not a workload id' });
    return id as WorkloadId;
  }),
  expiresInDays: z.number().int().min(1).max(365).default(90),
});

export function accessRoutes(app: FastifyInstance, context: Context): void {
  const { ports } = context;
  app.get(
    '/api/workloads',
    forPerson(context, async (person, request) => {
      const sees = seesBy(context, person, request);
      const all = await ports.workloads.list(person.tenant);
      return { workloads: all.filter(({ id }) => sees(ports.calls.place(person.tenant, { integration: null, workload: id }))) };
    }),
  );
  app.post(
    '/api/workloads',
    forPerson(context, async (person, request) => {
      const body = parseInput(workloadBody, request.body);
      return isRefusal(body) ? body : ports.workloads.create(person, body);
    }),
  );
  app.get(
    '/api/keys',
    forPerson(context, async (person) => ({ keys: await ports.keys.list(person.tenant) })),
  );
  app.post(
    '/api/keys',
    forPerson(context, async (person, request) => {
      const body = parseInput(keyBody, request.body);
      return isRefusal(body) ? body : ports.keys.create(person, body);
    }),
  );
  app.delete(
    '/api/keys/:id',
    forPerson(context, async (person, request) => {
      const id = parseId('key', (request.params as { id: string }).id);
      return id !== null && (await ports.keys.revoke(person, id)) ? { revoked: true } : notFound('key');
    }),
  );
}
