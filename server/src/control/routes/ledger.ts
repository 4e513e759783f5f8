// What happened: effects whose outcome is unknown, and the ledger's export and state.

import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { isRefusal } from '#core';
import { type Context, forPerson, notFound, parseInput } from '../respond.ts';

const resolveBody = z.strictObject({ effectKey: z.string().min(1).max(300), outcome: z.enum(['done', 'failed']) });
const continuityQuery = z.strictObject({
  epoch: z.coerce.number().int().min(1).max(1_000_000_000),
  from: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
});

export function ledgerRoutes(app: FastifyInstance, context: Context): void {
  const { effects, eventDetails, ledger, events } = context.ports;
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
    '/api/events/:seq',
    forPerson(context, async (person, request) => {
      const { seq } = request.params as { seq: string };
      const event = /^\d{1,15}$/.test(seq) ? await ledger.event(person.tenant, Number(seq)) : null;
      if (event === null) return notFound('sealed event');
      const details = await eventDetails.open(person, Number(seq));
      // Opened details are an event of their own.
      if (details.details === null) await events.looked(person, Number(seq));
      return { ...event, ...details };
    }),
  );
  app.get(
    '/api/ledger/consistency',
    forPerson(context, async (_person, request) => {
      const query = parseInput(continuityQuery, request.query);
      return isRefusal(query) ? query : ledger.continuity(query);
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
