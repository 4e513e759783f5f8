// Alerts: the list, one with what it rests on, and taking note of it. No route removes an alert or switches a rule off.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { isRefusal } from '#core';
import { type Context, forPerson, parseInput } from '../respond.ts';

const id = z.string().regex(/^alr_[0-9a-f-]{36}$/, 'is an id such as alr_...');
const alertsQuery = z.strictObject({
  rule: z
    .string()
    .regex(/^[a-z_]{1,40}$/)
    .optional(),
  severity: z.enum(['notice', 'warning', 'critical']).optional(),
  state: z.enum(['open', 'acknowledged', 'all']).default('open'),
  by: z
    .string()
    .regex(/^(?:per|wkl)_[0-9a-f-]{36}$/, 'is the id of a person or workload')
    .optional(),
  before: id.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
const acknowledgeBody = z.strictObject({ note: z.string().trim().max(500).optional() });

export function alertRoutes(app: FastifyInstance, context: Context): void {
  const { alerts } = context.ports;
  app.get(
    '/api/alerts',
    forPerson(context, async (person, request) => {
      const query = parseInput(alertsQuery, request.query);
      if (isRefusal(query)) return query;
      const { rule = null, severity = null, by = null, before = null, ...rest } = query;
      const page = await alerts.list(person, { rule, severity, by, before, ...rest });
      return isRefusal(page) ? page : { ...page, rules: alerts.rules };
    }),
  );
  app.get(
    '/api/flagged',
    forPerson(context, (person) => alerts.flagged(person)),
  );
  app.get(
    '/api/alerts/:id',
    forPerson(context, async (person, request) => alerts.show(person, (request.params as { id: string }).id)),
  );
  app.post(
    '/api/alerts/:id/acknowledge',
    forPerson(context, async (person, request) => {
      const body = parseInput(acknowledgeBody, request.body ?? {});
      if (isRefusal(body)) return body;
      const note = body.note === undefined || body.note === '' ? null : body.note;
      return alerts.acknowledge(person, (request.params as { id: string }).id, note);
    }),
  );
}
