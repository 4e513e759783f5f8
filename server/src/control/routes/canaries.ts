// Planted values: planted with what to do next, listed with what was seen and found, retired; and texts from anywhere looked over for them.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { isRefusal } from '#core';
import { CANARY_KINDS, DEFAULT_STALE_DAYS, ON_LEAK, PLACE_KINDS } from '#governance';
import { type Context, forPerson, notFound, parseInput } from '../respond.ts';

const ID = /^cny_[0-9a-f-]{36}$/;
/** As names of integrations, workflows and datasets are; a place of one's own may have spaces. */
const placeName = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9][A-Za-z0-9 ._:/-]{0,99}$/, 'is a short name without signs');
const integration = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'is the name of an integration');
const plantBody = z.strictObject({
  kind: z.enum(CANARY_KINDS).default('person'),
  place: z.strictObject({
    kind: z.enum(PLACE_KINDS),
    name: placeName,
    customer: z.string().trim().min(1).max(200).nullable().default(null),
  }),
  onLeak: z.enum(ON_LEAK).default('refuse'),
  staleDays: z.number().int().min(1).max(365).default(DEFAULT_STALE_DAYS),
  domain: z
    .string()
    .max(253)
    .regex(/^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/, 'is a domain, such as shop.example')
    .optional(),
  mailbox: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,31}$/, 'is what stands before the @ of an address of yours')
    .optional(),
});
const knownBody = z.strictObject({ integrations: z.array(integration).max(20) });
const closeBody = z.strictObject({ reason: z.string().trim().min(5, 'says what it was, in a few words').max(500) });
/** More is for `sallyport secrets scan --self --also`. */
const MAX_CHECKED_CHARS = 900_000;
const checkBody = z.strictObject({ text: z.string().max(MAX_CHECKED_CHARS), note: z.boolean().default(false) });

export function canaryRoutes(app: FastifyInstance, context: Context): void {
  const { canaries } = context.ports;
  const idOf = (params: unknown): string | null => {
    const { id } = params as { id: string };
    return ID.test(id) ? id : null;
  };
  app.get(
    '/api/canaries',
    forPerson(context, async (person) => canaries.list(person.tenant)),
  );
  app.get(
    '/api/canaries/:id',
    forPerson(context, async (person, request) => {
      const id = idOf(request.params);
      return id === null ? notFound('canary') : canaries.show(person.tenant, id);
    }),
  );
  app.post(
    '/api/canaries',
    forPerson(context, async (person, request) => {
      const asked = parseInput(plantBody, request.body);
      return isRefusal(asked) ? asked : canaries.plant(person, asked);
    }),
  );
  app.post(
    '/api/canaries/check',
    { bodyLimit: 2 * MAX_CHECKED_CHARS },
    forPerson(context, async (person, request) => {
      const asked = parseInput(checkBody, request.body);
      return isRefusal(asked) ? asked : canaries.check(person, asked.text, asked.note);
    }),
  );
  app.put(
    '/api/canaries/:id/known-at',
    forPerson(context, async (person, request) => {
      const id = idOf(request.params);
      if (id === null) return notFound('canary');
      const asked = parseInput(knownBody, request.body);
      if (isRefusal(asked)) return asked;
      return (await canaries.knownAt(person, id, asked.integrations)) ?? canaries.show(person.tenant, id);
    }),
  );
  app.post(
    '/api/canaries/:id/close',
    forPerson(context, async (person, request) => {
      const id = idOf(request.params);
      if (id === null) return notFound('canary');
      const asked = parseInput(closeBody, request.body);
      return isRefusal(asked) ? asked : canaries.close(person, id, asked.reason);
    }),
  );
  app.delete(
    '/api/canaries/:id',
    forPerson(context, async (person, request) => {
      const id = idOf(request.params);
      if (id === null) return notFound('canary');
      return (await canaries.retire(person, id)) ?? { retired: id };
    }),
  );
}
