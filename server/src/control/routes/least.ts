// What was granted and is not used: what a workflow may reach, usage, and proposals to take access away.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { isRefusal, type PersonPrincipal, type ProposalId, parseId, type Refusal } from '#core';
import { type Context, forPerson, notFound, parseInput } from '../respond.ts';

const SUBJECT = /^(?:per|wkl)_[0-9a-f-]{36}$/;
const segmentQuery = z.strictObject({
  hash: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
});
const usageQuery = z.strictObject({ subject: z.string().regex(SUBJECT) });
const stateQuery = z.strictObject({ state: z.enum(['open', 'applied', 'undone', 'dismissed', 'gone', 'all']).default('open') });
const dismissBody = z.strictObject({ reason: z.string().trim().min(1).max(300) });
const settingsBody = z.strictObject({
  windowDays: z.number().int().min(1).max(90),
  autoApply: z.boolean(),
  graceDays: z.number().int().min(1).max(90),
});
const expiryBody = z.strictObject({ expireUnusedDays: z.number().int().min(1).max(365).nullable() });

export function leastRoutes(app: FastifyInstance, context: Context): void {
  const { least } = context.ports;
  app.get(
    '/api/workflows/:name/segment',
    forPerson(context, async (person, request) => {
      const query = parseInput(segmentQuery, request.query);
      return isRefusal(query) ? query : least.segment(person.tenant, (request.params as { name: string }).name, query.hash ?? null);
    }),
  );
  app.get(
    '/api/least/usage',
    forPerson(context, async (person, request) => {
      const query = parseInput(usageQuery, request.query);
      return isRefusal(query) ? query : least.usage(person.tenant, query.subject);
    }),
  );
  app.get(
    '/api/least/proposals',
    forPerson(context, async (person, request) => {
      const query = parseInput(stateQuery, request.query);
      return isRefusal(query) ? query : least.proposals(person.tenant, query.state === 'all' ? null : query.state);
    }),
  );
  app.post(
    '/api/least/proposals',
    forPerson(context, async (person) => least.propose(person.tenant)),
  );
  for (const verb of ['apply', 'undo'] as const) {
    app.post(
      `/api/least/proposals/:id/${verb}`,
      forPerson(context, async (person, request) => withId(request, (id) => least[verb](person, id))),
    );
  }
  app.post(
    '/api/least/proposals/:id/dismiss',
    forPerson(context, async (person, request) => {
      const body = parseInput(dismissBody, request.body);
      return isRefusal(body) ? body : withId(request, (id) => least.dismiss(person, id, body.reason));
    }),
  );
  app.get(
    '/api/least/settings',
    forPerson(context, async (person) => least.settings(person.tenant)),
  );
  app.put(
    '/api/least/settings',
    forPerson(context, async (person, request) => {
      const body = parseInput(settingsBody, request.body);
      return isRefusal(body) ? body : least.configure(person, body);
    }),
  );
  app.put(
    '/api/least/grants/:id',
    forPerson(context, async (person: PersonPrincipal, request) => {
      const body = parseInput(expiryBody, request.body);
      if (isRefusal(body)) return body;
      const id = parseId('grt', (request.params as { id: string }).id);
      const refused = id === null ? notFound('grant') : await least.expireUnused(person, id, body.expireUnusedDays);
      return refused ?? { ok: true };
    }),
  );
}

async function withId(request: FastifyRequest, work: (id: ProposalId) => Promise<object | Refusal>): Promise<object> {
  const id = parseId('prp', (request.params as { id: string }).id);
  return id === null ? notFound('proposal') : work(id);
}
