// Access reviews: opened with a scope, reviewers and a date; decided item by item.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { isRefusal, parseId } from '#core';
import { type Context, forPerson, notFound, parseInput } from '../respond.ts';

const DAY_MS = 24 * 60 * 60_000;
const DEFAULT_DAYS = 14;

const person = z.string().refine((text) => parseId('per', text) !== null, 'not the id of a person');
const reviewBody = z.strictObject({
  name: z.string().trim().min(1).max(80),
  scope: z.strictObject({
    people: z.boolean(),
    workloads: z.boolean(),
    role: z.string().min(1).max(60).optional(),
    workspace: z.string().min(1).max(63).optional(),
  }),
  reviewers: z.array(person).min(1).max(20),
  /** One of the two. */
  dueAt: z.iso.datetime().optional(),
  dueInDays: z.number().int().min(1).max(365).optional(),
});
const decisionBody = z.strictObject({
  decision: z.enum(['keep', 'remove', 'change']),
  reason: z.string().trim().min(1).max(300),
  role: z.string().min(1).max(60).optional(),
});

export function reviewRoutes(app: FastifyInstance, context: Context): void {
  const { reviews } = context.ports;
  app.get(
    '/api/reviews',
    forPerson(context, async ({ tenant }) => ({ reviews: await reviews.list(tenant) })),
  );
  app.post(
    '/api/reviews',
    forPerson(context, async (by, request) => {
      const body = parseInput(reviewBody, request.body);
      if (isRefusal(body)) return body;
      const dueAtMs =
        body.dueAt === undefined ? context.ports.clock.now() + (body.dueInDays ?? DEFAULT_DAYS) * DAY_MS : Date.parse(body.dueAt);
      const { role, workspace, ...scope } = body.scope;
      return reviews.create(by, {
        name: body.name,
        scope: { ...scope, ...(role === undefined ? {} : { role }), ...(workspace === undefined ? {} : { workspace }) },
        reviewers: body.reviewers.flatMap((id) => parseId('per', id) ?? []),
        dueAtMs,
      });
    }),
  );
  app.get(
    '/api/reviews/:id',
    forPerson(context, async (by, request) => {
      const id = parseId('rev', (request.params as { id: string }).id);
      return id === null ? notFound('review') : reviews.show(by, id);
    }),
  );
  app.post(
    '/api/reviews/:id/items/:item/decide',
    forPerson(context, async (by, request) => {
      const body = parseInput(decisionBody, request.body);
      if (isRefusal(body)) return body;
      const params = request.params as { id: string; item: string };
      const [review, item] = [parseId('rev', params.id), parseId('itm', params.item)];
      if (review === null || item === null) return notFound('item');
      return reviews.decide(by, { review, item, decision: body.decision, reason: body.reason, role: body.role ?? null });
    }),
  );
}
