// Breaches of personal data: the clock, what was found, every step, the draft for the authority.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type BreachId, isRefusal, type PersonPrincipal, parseId } from '#core';
import { RISKS } from '#governance';
import { type Context, forPerson, notFound, parseInput } from '../respond.ts';

const MAX_TEXT = 8_000;
const moment = z.iso.datetime({ offset: true, error: 'is a moment as RFC 3339' }).transform((text) => Date.parse(text));
const words = z.string().trim().min(1, 'says it in words').max(MAX_TEXT);
const reason = z.string().trim().max(MAX_TEXT).nullable().default(null);
const openBody = z.strictObject({
  what: words,
  awareAt: moment.nullable().default(null),
  reason,
  alert: z.string().max(64).nullable().default(null),
});
const backBody = z.strictObject({ awareAt: moment, reason: words });
const scopeBody = z.strictObject({
  from: moment,
  /** Null: until now. */
  to: moment.nullable().default(null),
  actor: z
    .string()
    .regex(/^(?:per|wkl)_[0-9a-f-]{36}$/, 'is a person or a workload, by its id')
    .nullable()
    .default(null),
  integration: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'is the name of an integration')
    .nullable()
    .default(null),
});
const stepBody = z.strictObject({
  kind: z.enum(['note', 'contained', 'risk']),
  text: words,
  risk: z.enum(RISKS).nullable().default(null),
});
const toldBody = z.strictObject({
  whom: z.enum(['authority', 'persons']),
  needed: z.boolean().default(true),
  text: words,
  at: moment.nullable().default(null),
  delayReason: reason,
});
const closeBody = z.strictObject({ text: words });

export function breachRoutes(app: FastifyInstance, context: Context): void {
  const { breaches } = context.ports;
  const onBreach = (act: (person: PersonPrincipal, id: BreachId, request: FastifyRequest) => Promise<unknown>) =>
    forPerson(context, async (person, request) => {
      const id = parseId('bre', (request.params as { id: string }).id);
      return id === null ? notFound('breach') : act(person, id, request);
    });

  app.get(
    '/api/breaches',
    forPerson(context, async ({ tenant }) => ({
      breaches: await breaches.list(tenant),
      proposals: await breaches.proposals(tenant),
    })),
  );
  app.post(
    '/api/breaches',
    forPerson(context, async (person, request) => {
      const body = parseInput(openBody, request.body);
      if (isRefusal(body)) return body;
      const { awareAt, ...rest } = body;
      return breaches.open(person, { ...rest, awareAtMs: awareAt });
    }),
  );
  app.get(
    '/api/breaches/:id',
    onBreach(({ tenant }, id) => breaches.show(tenant, id)),
  );
  app.post(
    '/api/breaches/:id/aware',
    onBreach(async (person, id, request) => {
      const body = parseInput(backBody, request.body);
      return isRefusal(body) ? body : breaches.setBack(person, id, { awareAtMs: body.awareAt, reason: body.reason });
    }),
  );
  app.post(
    '/api/breaches/:id/scope',
    onBreach(async (person, id, request) => {
      const body = parseInput(scopeBody, request.body);
      if (isRefusal(body)) return body;
      const { from, to, ...rest } = body;
      return breaches.scope(person, id, { ...rest, fromMs: from, toMs: to });
    }),
  );
  app.post(
    '/api/breaches/:id/people',
    onBreach((person, id) => breaches.people(person, id)),
  );
  app.post(
    '/api/breaches/:id/steps',
    onBreach(async (person, id, request) => {
      const body = parseInput(stepBody, request.body);
      return isRefusal(body) ? body : breaches.note(person, id, body);
    }),
  );
  app.post(
    '/api/breaches/:id/notify',
    onBreach(async (person, id, request) => {
      const body = parseInput(toldBody, request.body);
      if (isRefusal(body)) return body;
      const { at, ...rest } = body;
      return breaches.tell(person, id, { ...rest, atMs: at });
    }),
  );
  app.post(
    '/api/breaches/:id/close',
    onBreach(async (person, id, request) => {
      const body = parseInput(closeBody, request.body);
      return isRefusal(body) ? body : breaches.close(person, id, body.text);
    }),
  );
  app.get(
    '/api/breaches/:id/draft',
    onBreach(({ tenant }, id) => breaches.draft(tenant, id)),
  );
}
