// What access depends on: hours, networks, countries, devices, training; change freezes; and the risk of sessions.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { isRefusal, parseId } from '#core';
import { type Context, forPerson, notFound, parseInput } from '../respond.ts';

const moment = z.iso
  .datetime({ offset: true, error: 'is a moment as RFC 3339, e.g. 2026-11-26T00:00:00Z' })
  .transform((text) => Date.parse(text));
const reason = z.string().trim().min(1, 'says why').max(200);
const freezeBody = z.strictObject({
  from: moment,
  to: moment,
  stops: z
    .array(z.enum(['publishing', 'policy', 'access']))
    .min(1)
    .max(3),
  reason,
});
const liftBody = z.strictObject({ reason });
const acknowledgeBody = z.strictObject({
  person: z.string().transform((text, refined) => {
    const id = parseId('per', text);
    if (id === null) refined.addIssue({ code: 'custom', message: 'is the id of a person' });
    return id ?? z.NEVER;
  }),
  course: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'is a name such as data-protection'),
  expiresAt: moment,
});

export function conditionRoutes(app: FastifyInstance, context: Context): void {
  const { conditions } = context.ports;
  app.get(
    '/api/conditions',
    forPerson(context, async (person) => conditions.show(person)),
  );
  app.put(
    '/api/conditions',
    forPerson(context, async (person, request) => {
      // The room that keeps them owns their form.
      const body = parseInput(z.record(z.string(), z.unknown()), request.body);
      return isRefusal(body) ? body : conditions.set(person, body);
    }),
  );
  app.post(
    '/api/conditions/freezes',
    forPerson(context, async (person, request) => {
      const body = parseInput(freezeBody, request.body);
      if (isRefusal(body)) return body;
      const { from, to, ...rest } = body;
      return conditions.freeze(person, { ...rest, fromMs: from, toMs: to });
    }),
  );
  app.post(
    '/api/conditions/freezes/:id/lift',
    forPerson(context, async (person, request) => {
      const body = parseInput(liftBody, request.body);
      if (isRefusal(body)) return body;
      const id = parseId('frz', (request.params as { id: string }).id);
      return id === null ? notFound('freeze') : conditions.lift(person, id, body.reason);
    }),
  );
  app.post(
    '/api/conditions/acknowledgements',
    forPerson(context, async (person, request) => {
      const body = parseInput(acknowledgeBody, request.body);
      if (isRefusal(body)) return body;
      return conditions.acknowledge(person, { person: body.person, course: body.course, expiresAtMs: body.expiresAt });
    }),
  );
  app.post(
    '/api/sessions/:id/clear-risk',
    forPerson(context, async (person, request) => {
      const id = parseId('ses', (request.params as { id: string }).id);
      return id === null ? notFound('session') : ((await conditions.clearRisk(person, id)) ?? { cleared: true });
    }),
  );
}
