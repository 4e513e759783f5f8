// Stored calls that wait for a person: list, look, decide. Deciding needs the digest of what was shown.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { isRefusal, parseId } from '#core';
import { type Context, forPerson, notFound, parseInput } from '../respond.ts';

const listQuery = z.strictObject({
  state: z.enum(['pending', 'approved', 'executing', 'done', 'failed', 'unknown', 'denied', 'expired']).optional(),
});
const approveBody = z.strictObject({ digest: z.string().regex(/^[0-9a-f]{64}$/) });
const denyBody = z.strictObject({ reason: z.string().trim().min(1).max(500) });
const cancelBody = z.strictObject({ reason: z.string().trim().min(1).max(500).default('cancelled before its time') });

export function approvalRoutes(app: FastifyInstance, context: Context): void {
  const { approvals } = context.ports;
  app.get(
    '/api/approvals',
    forPerson(context, async (person, request) => {
      const query = parseInput(listQuery, request.query);
      if (isRefusal(query)) return query;
      return { approvals: await approvals.list(person, query.state ?? null) };
    }),
  );
  app.get(
    '/api/approvals/:id',
    forPerson(context, async (person, request) => {
      const id = parseId('apr', (request.params as { id: string }).id);
      return (id === null ? null : await approvals.show(person, id)) ?? notFound('approval');
    }),
  );
  app.post(
    '/api/approvals/:id/approve',
    forPerson(context, async (person, request) => {
      const id = parseId('apr', (request.params as { id: string }).id);
      const body = parseInput(approveBody, request.body);
      if (isRefusal(body)) return body;
      return id === null ? notFound('approval') : approvals.approve(person, id, body.digest);
    }),
  );
  app.post(
    '/api/approvals/:id/deny',
    forPerson(context, async (person, request) => {
      const id = parseId('apr', (request.params as { id: string }).id);
      const body = parseInput(denyBody, request.body);
      if (isRefusal(body)) return body;
      return id === null ? notFound('approval') : approvals.deny(person, id, body.reason);
    }),
  );
  app.post(
    '/api/approvals/:id/cancel',
    forPerson(context, async (person, request) => {
      const id = parseId('apr', (request.params as { id: string }).id);
      const body = parseInput(cancelBody, request.body ?? {});
      if (isRefusal(body)) return body;
      return id === null ? notFound('approval') : approvals.cancel(person, id, body.reason);
    }),
  );
}
