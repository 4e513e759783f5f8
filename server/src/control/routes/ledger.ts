// What happened: effects whose outcome is unknown, and the ledger's export and state.

import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { isRefusal } from '#core';
import { type Context, forPerson, notFound, parseInput, seesBy } from '../respond.ts';
import { eventFilterShape, placeOfEvent, questionOf } from './events.ts';

/** Checkpoints named by hand; those of earlier exports need no naming. */
const MAX_SINCE = 20;
const resolveBody = z.strictObject({ effectKey: z.string().min(1).max(300), outcome: z.enum(['done', 'failed']) });
const checkpointBody = z.strictObject({
  epoch: z.number().int().min(1).max(1_000_000_000),
  size: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
});
const continuityQuery = z.strictObject({
  epoch: z.coerce.number().int().min(1).max(1_000_000_000),
  from: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
});

const size = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER);
const exportQuery = z.strictObject({
  ...eventFilterShape,
  format: z.literal('zip').default('zip'),
  since: z.union([size.transform((one) => [one]), z.array(size).max(MAX_SINCE, `names at most ${MAX_SINCE} sizes`)]).default([]),
});

export function ledgerRoutes(app: FastifyInstance, context: Context): void {
  const { effects, eventDetails, ledger, events } = context.ports;
  app.get(
    '/api/effects/unresolved',
    forPerson(context, async (person, request) => {
      const sees = seesBy(context, person, request);
      return { effects: (await effects.unresolved(person.tenant)).filter(({ integration }) => sees({ integration })) };
    }),
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
      if (event === null || !seesBy(context, person, request)(placeOfEvent(event.leaf))) return notFound('sealed event');
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
    '/api/ledger/checkpoint',
    forPerson(context, async (person, request) => {
      const which = parseInput(checkpointBody, request.body);
      if (isRefusal(which)) return which;
      const checkpoint = await ledger.handOut(person.tenant, which);
      return checkpoint === null ? notFound('checkpoint') : { checkpoint };
    }),
  );
  app.post(
    '/api/ledger/verify',
    forPerson(context, (person) => ledger.verify(person)),
  );
  app.get(
    '/api/ledger/export',
    forPerson(context, async (person, request, reply) => {
      const query = parseInput(exportQuery, request.query);
      if (isRefusal(query)) return query;
      const { format: _, since, ...filter } = query;
      const pack = await ledger.export(person, { ...questionOf(filter), since });
      reply.type('application/zip').header('content-disposition', `attachment; filename="sallyport-audit-${pack.shows}.zip"`);
      reply.header('x-sallyport-events', String(pack.events));
      return reply.send(Readable.from(pack.bytes));
    }),
  );
}
