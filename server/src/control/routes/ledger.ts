// What happened: effects whose outcome is unknown, and the ledger's export and state.

import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { isRefusal } from '#core';
import { type Context, forPerson, notFound, parseInput } from '../respond.ts';

const resolveBody = z.strictObject({ effectKey: z.string().min(1).max(300), outcome: z.enum(['done', 'failed']) });
const eventsQuery = z.strictObject({
  type: z
    .string()
    .regex(/^[a-z][a-z._]{0,99}$/)
    .optional(),
  subject: z
    .string()
    .regex(/^[\w:.-]{1,200}$/)
    .optional(),
  actor: z
    .string()
    .regex(/^[\w:.-]{1,200}$/)
    .optional(),
  tokenised: z.enum(['yes', 'no']).optional(),
  before: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

export function ledgerRoutes(app: FastifyInstance, context: Context): void {
  const { effects, ledger } = context.ports;
  app.get(
    '/api/effects/unresolved',
    forPerson(context, async (person) => ({ effects: await effects.unresolved(person.tenant) })),
  );
  app.post(
    '/api/effects/resolve',
    forPerson(context, async (person, request) => {
      const body = parseInput(resolveBody, request.body);
      if (isRefusal(body)) return body;
      return (await effects.resolve(person, body.effectKey, body.outcome)) ? { resolved: true } : notFound('unresolved effect');
    }),
  );
  app.get(
    '/api/ledger',
    forPerson(context, async (person) => ledger.status(person.tenant)),
  );
  app.get(
    '/api/events',
    forPerson(context, async (person, request) => {
      const query = parseInput(eventsQuery, request.query);
      if (isRefusal(query)) return query;
      const { type = null, subject = null, actor = null, before = null, limit } = query;
      const tokenised = query.tokenised === undefined ? null : query.tokenised === 'yes';
      const events = await ledger.events(person.tenant, { type, subject, actor, tokenised, before, limit });
      return { events, next: events.length < limit ? null : (events.at(-1)?.seq ?? null) };
    }),
  );
  app.get(
    '/api/events/:seq',
    forPerson(context, async (person, request) => {
      const { seq } = request.params as { seq: string };
      return (/^\d{1,15}$/.test(seq) ? await ledger.event(person.tenant, Number(seq)) : null) ?? notFound('sealed event');
    }),
  );
  app.post(
    '/api/ledger/verify',
    forPerson(context, (person) => ledger.verify(person)),
  );
  app.get(
    '/api/ledger/export',
    forPerson(context, async (person, _request, reply) => {
      reply.type('application/x-ndjson').header('content-disposition', 'attachment; filename="sallyport-ledger.ndjson"');
      return reply.send(Readable.from(await ledger.export(person)));
    }),
  );
}
