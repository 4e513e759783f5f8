// What may be reached: integrations with their manifest, destination, credential and limits.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { CUSTOMER_CLASSES, isPublicName, isRefusal } from '#core';
import { MAX_REASON_CHARS } from '../request-origin.ts';
import { type Context, forPerson, notFound, parseInput, seesBy } from '../respond.ts';

const currency = z.string().regex(/^[A-Z]{3}$/, 'use an ISO 4217 code such as EUR');
const decimal = z.string().regex(/^\d{1,12}(?:\.\d{1,4})?$/, 'use a decimal amount such as 100.00');
/** It stands in the events of every call, so no other text passes for one. */
const modelName = z.string().max(200).refine(isPublicName, 'a model is letters, digits and . _ : / + - without spaces');
const integrationBody = z.strictObject({
  kind: z.enum(['http', 'model']),
  baseUrl: z.url({ protocol: /^https?$/ }).max(500),
  manifest: z.unknown().default(null),
  credential: z
    .strictObject({
      header: z.string().regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/),
      prefix: z.string().max(20).default(''),
      secret: z.string().min(1).max(8_000),
    })
    .nullable()
    .default(null),
  models: z.array(modelName).max(200).default([]),
  linkHosts: z.array(z.string().min(1).max(253)).max(200).default([]),
  prompts: z
    .array(z.string().regex(/^[0-9a-f]{64}$/))
    .max(200)
    .default([]),
  autonomy: z
    .record(
      z.string().max(100),
      z.strictObject({
        currency: currency.nullable().default(null),
        perCall: decimal.nullable().default(null),
        perCustomerDay: decimal.nullable().default(null),
        perDay: decimal.nullable().default(null),
        timesPerCustomerDay: z.number().int().min(1).max(100_000).nullable().default(null),
        fourEyesAbove: decimal.nullable().default(null),
        soloPerDay: decimal.nullable().default(null),
      }),
    )
    .default({}),
  spending: z
    .strictObject({
      currency,
      perWorkloadDay: decimal,
      prices: z.record(z.string().max(200), z.strictObject({ input: decimal, output: decimal })),
    })
    .nullable()
    .default(null),
});
const customerBody = z.strictObject({
  /** An open ticket or order, such as ticket:4711. */
  for: z
    .string()
    .regex(
      /^[A-Za-z][A-Za-z0-9_.-]{0,63}:[A-Za-z0-9][A-Za-z0-9._#/-]{0,99}$/,
      'is an open case with its kind in front, such as ticket:4711',
    )
    .refine(isPublicName, 'is no case that can stand in the log'),
  classes: z
    .array(z.enum(CUSTOMER_CLASSES))
    .min(1)
    .max(CUSTOMER_CLASSES.length)
    .refine((all) => new Set(all).size === all.length, 'names one twice'),
  reason: z.string().trim().min(3, 'says why in a few words').max(MAX_REASON_CHARS),
});
const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

export function integrationRoutes(app: FastifyInstance, context: Context): void {
  const { integrations } = context.ports;
  app.get(
    '/api/integrations',
    forPerson(context, async (person, request) => {
      const sees = seesBy(context, person, request);
      return { integrations: (await integrations.list(person.tenant)).filter(({ name }) => sees({ integration: name })) };
    }),
  );
  // Only what the person may read for: a look at the list takes no passkey, reading does.
  app.get(
    '/api/customers/cases',
    forPerson(context, async (person) => {
      const sees = context.ports.sees(person, 'customers.read');
      const cases = context.ports.customers.cases(person.tenant).flatMap(({ integration, kind }) => {
        const classes = CUSTOMER_CLASSES.filter((dataClass) => sees({ integration, dataClass }));
        return classes.length === 0 ? [] : [{ integration, kind, classes }];
      });
      return { cases };
    }),
  );
  app.post(
    '/api/integrations/:name/customer',
    forPerson(context, async (person, request) => {
      const { name } = request.params as { name: string };
      if (!NAME.test(name)) return notFound('integration');
      const body = parseInput(customerBody, request.body);
      if (isRefusal(body)) return body;
      const [entity = '', id = ''] = [body.for.slice(0, body.for.indexOf(':')), body.for.slice(body.for.indexOf(':') + 1)];
      for (const dataClass of body.classes) {
        const refused = context.ports.authorize(person, 'customers.read', { integration: name, dataClass });
        if (refused !== null) return { ...refused, evidence: { ...refused.evidence, dataClass } };
      }
      return context.ports.customers.read(person, {
        ...{ integration: name, case: { entity, id }, classes: body.classes, reason: body.reason },
      });
    }),
  );
  app.put(
    '/api/integrations/:name',
    forPerson(context, async (person, request) => {
      const { name } = request.params as { name: string };
      if (!NAME.test(name) || !isPublicName(name)) return notFound('integration');
      const body = parseInput(integrationBody, request.body);
      return isRefusal(body) ? body : integrations.put(person, { name, ...body });
    }),
  );
  app.delete(
    '/api/integrations/:name',
    forPerson(context, async (person, request) => {
      const { name } = request.params as { name: string };
      return NAME.test(name) && (await integrations.remove(person, name)) ? { removed: true } : notFound('integration');
    }),
  );
}
