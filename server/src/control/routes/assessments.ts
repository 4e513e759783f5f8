// Assessments of risk for people, and the decisions machines take about them.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { isRefusal, parseId } from '#core';
import { ADMT_MODES, CONTENT_FIELDS, DECISION_KINDS, type DecisionKind, RESIDUAL_RISKS } from '#governance';
import { type Context, forPerson, notFound, parseInput } from '../respond.ts';

const MAX_TEXT = 8_000;
const moment = z.iso.datetime({ offset: true, error: 'is a moment as RFC 3339' }).transform((text) => Date.parse(text));
const words = z.string().trim().max(MAX_TEXT);
const required = words.min(1, 'says it in words');
const NAME = /^[a-z0-9][a-z0-9._-]{0,190}$/i;
const recordBody = z.strictObject({
  subject: z
    .string()
    .regex(/^(?:flow|workflow|operation):[A-Za-z0-9][A-Za-z0-9._-]{0,190}$/, 'is flow:, workflow: or operation: and a name'),
  version: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'is the hash of a version')
    .nullable()
    .default(null),
  purpose: required,
  necessity: required,
  risks: required,
  measures: required,
  consulted: words.default(''),
  priorConsultation: words.default(''),
  benefits: words.default(''),
  harms: words.default(''),
  dataKinds: words.default(''),
  keptFor: words.default(''),
  recipients: words.default(''),
  logic: words.default(''),
  residualRisk: z.enum(RESIDUAL_RISKS),
  reviewAt: moment.nullable().default(null),
});
const blockingBody = z.strictObject({ blocking: z.boolean() });
const decisionBody = z.strictObject({
  significant: z.boolean().default(true),
  mode: z.enum(ADMT_MODES).default('wait'),
  decides: required.max(300),
  purpose: words.max(2_000).default(''),
  logic: words.max(4_000).default(''),
});

export function assessmentRoutes(app: FastifyInstance, context: Context): void {
  const { assessments, decisions } = context.ports;
  const decisionOf = (request: FastifyRequest): { readonly kind: DecisionKind; readonly name: string } | null => {
    const { kind, name } = request.params as { kind: string; name: string };
    const known = DECISION_KINDS.find((one) => one === kind);
    return known === undefined || !NAME.test(name) ? null : { kind: known, name };
  };

  app.get(
    '/api/assessments',
    forPerson(context, ({ tenant }) => assessments.list(tenant)),
  );
  app.post(
    '/api/assessments',
    forPerson(context, async (person, request) => {
      const body = parseInput(recordBody, request.body);
      if (isRefusal(body)) return body;
      const { subject, version, residualRisk, reviewAt } = body;
      const content = Object.fromEntries(CONTENT_FIELDS.map((field) => [field, body[field]])) as Record<
        (typeof CONTENT_FIELDS)[number],
        string
      >;
      return assessments.record(person, { subject, version, content, residualRisk, reviewAtMs: reviewAt });
    }),
  );
  app.get(
    '/api/assessments/:id',
    forPerson(context, async ({ tenant }, request) => {
      const id = parseId('asm', (request.params as { id: string }).id);
      return id === null ? notFound('assessment') : assessments.show(tenant, id);
    }),
  );
  app.post(
    '/api/assessments/:id/approve',
    forPerson(context, async (person, request) => {
      const id = parseId('asm', (request.params as { id: string }).id);
      return id === null ? notFound('assessment') : assessments.approve(person, id);
    }),
  );
  app.put(
    '/api/assessments/blocking',
    forPerson(context, async (person, request) => {
      const body = parseInput(blockingBody, request.body);
      if (isRefusal(body)) return body;
      await assessments.setBlocking(person, body.blocking);
      return body;
    }),
  );
  app.get(
    '/api/decisions',
    forPerson(context, ({ tenant }) => decisions.list(tenant)),
  );
  app.put(
    '/api/decisions/:kind/:name',
    forPerson(context, async (person, request) => {
      const named = decisionOf(request);
      if (named === null) return notFound('decision');
      const body = parseInput(decisionBody, request.body);
      return isRefusal(body) ? body : decisions.declare(person, { ...named, ...body });
    }),
  );
  app.delete(
    '/api/decisions/:kind/:name',
    forPerson(context, async (person, request) => {
      const named = decisionOf(request);
      if (named === null) return notFound('decision');
      return (await decisions.withdraw(person, named.kind, named.name)) ?? { withdrawn: true };
    }),
  );
  app.get(
    '/api/decisions/:kind/:name/notice',
    forPerson(context, async ({ tenant }, request) => {
      const named = decisionOf(request);
      return named === null ? notFound('decision') : decisions.notice(tenant, named.kind, named.name);
    }),
  );
}
