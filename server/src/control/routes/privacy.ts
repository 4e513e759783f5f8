// What people ask about their data, legal holds, and how long data is kept. An erasure can not be undone, so the caller repeats whom it is about.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { isDataClass, isRefusal, type PersonPrincipal, type PrivacyRequestId, parseId, type Refusal } from '#core';
import { REFUSED_WHY, VERIFIED_HOW } from '#governance';
import { type Context, forPerson, notFound, parseInput } from '../respond.ts';

const subject = z.string().trim().min(1).max(320);
const openBody = z.strictObject({ kind: z.enum(['export', 'erase']), subject });
const verifyBody = z.strictObject({ how: z.enum(VERIFIED_HOW) });
const refuseBody = z.strictObject({ reason: z.enum(REFUSED_WHY) });
const eraseBody = z.strictObject({ confirm: subject });
const taskBody = z.strictObject({ note: z.string().trim().max(500).default('') });
const name = z.string().trim().min(1).max(128);
const moment = z.iso.datetime({ offset: true, error: 'is a moment as RFC 3339' }).transform((text) => Date.parse(text));
const holdBody = z.strictObject({
  subject: subject.nullable().default(null),
  place: name.nullable().default(null),
  purpose: name.nullable().default(null),
  reason: z.string().trim().min(1, 'says why').max(500),
  until: moment.nullable().default(null),
});
const ruleBody = z.strictObject({
  dataClass: z
    .string()
    .nullable()
    .default(null)
    .transform((text, refined) => {
      if (text === null || isDataClass(text)) return text;
      refined.addIssue({ code: 'custom', message: 'is the name of a kind of data' });
      return z.NEVER;
    }),
  place: name.nullable().default(null),
  purpose: name.nullable().default(null),
  minutes: z.number().int().nullable(),
});
const runBody = z.strictObject({ dryRun: z.boolean().default(false) });

export function privacyRoutes(app: FastifyInstance, context: Context): void {
  const { privacy } = context.ports;
  const idOf = (request: FastifyRequest): PrivacyRequestId | null => parseId('dsr', (request.params as { id: string }).id);
  const onRequest = (act: (person: PersonPrincipal, id: PrivacyRequestId, request: FastifyRequest) => Promise<unknown>) =>
    forPerson(context, async (person, request) => {
      const id = idOf(request);
      return id === null ? notFound('privacy request') : act(person, id, request);
    });

  app.get(
    '/api/privacy/requests',
    forPerson(context, async ({ tenant }) => ({ requests: await privacy.list(tenant) })),
  );
  app.post(
    '/api/privacy/requests',
    forPerson(context, async (person, request) => {
      const body = parseInput(openBody, request.body);
      return isRefusal(body) ? body : privacy.open(person, body);
    }),
  );
  app.get(
    '/api/privacy/requests/:id',
    onRequest(async ({ tenant }, id) => (await privacy.show(tenant, id)) ?? notFound('privacy request')),
  );
  app.post(
    '/api/privacy/requests/:id/verify',
    onRequest(async (person, id, request) => {
      const body = parseInput(verifyBody, request.body);
      return isRefusal(body) ? body : privacy.verify(person, id, body.how);
    }),
  );
  app.post(
    '/api/privacy/requests/:id/refuse',
    onRequest(async (person, id, request) => {
      const body = parseInput(refuseBody, request.body);
      return isRefusal(body) ? body : privacy.refuse(person, id, body.reason);
    }),
  );
  // A copy is made once for both forms: `data` for programs, `page` to be read.
  app.post(
    '/api/privacy/requests/:id/export',
    onRequest(async (person, id) => {
      const data = await privacy.export(person, id);
      return isRefusal(data) ? data : { data, page: privacy.page(data) };
    }),
  );
  app.post(
    '/api/privacy/requests/:id/erase',
    onRequest(async (person, id, request) => {
      const body = parseInput(eraseBody, request.body);
      return isRefusal(body) ? body : privacy.erase(person, id, body.confirm);
    }),
  );
  app.get(
    '/api/privacy/requests/:id/receipt',
    onRequest(async ({ tenant }, id) => (await privacy.receipt(tenant, id)) ?? notFound('receipt whose event is sealed')),
  );
  app.post(
    '/api/privacy/tasks/:id/close',
    forPerson(context, async (person, request) => {
      const body = parseInput(taskBody, request.body);
      if (isRefusal(body)) return body;
      const id = parseId('vtk', (request.params as { id: string }).id);
      return id === null ? notFound('task') : privacy.closeTask(person, id, body.note);
    }),
  );
  app.post(
    '/api/privacy/tasks/:id/again',
    forPerson(context, async (person, request) => {
      const id = parseId('vtk', (request.params as { id: string }).id);
      return id === null ? notFound('task') : privacy.againTask(person, id);
    }),
  );
  holdRoutes(app, context);
  retentionRoutes(app, context);
}

function holdRoutes(app: FastifyInstance, context: Context): void {
  const { privacy } = context.ports;
  app.get(
    '/api/privacy/holds',
    forPerson(context, async ({ tenant }) => ({ holds: await privacy.holds(tenant) })),
  );
  app.post(
    '/api/privacy/holds',
    forPerson(context, async (person, request) => {
      const body = parseInput(holdBody, request.body);
      if (isRefusal(body)) return body;
      const { until, ...rest } = body;
      return privacy.hold(person, { ...rest, untilMs: until });
    }),
  );
  app.post(
    '/api/privacy/holds/:id/release',
    forPerson(context, async (person, request): Promise<Refusal | { released: true }> => {
      const id = parseId('hld', (request.params as { id: string }).id);
      return id === null ? notFound('legal hold') : ((await privacy.release(person, id)) ?? { released: true });
    }),
  );
}

function retentionRoutes(app: FastifyInstance, context: Context): void {
  const { retention } = context.ports;
  app.get(
    '/api/retention',
    forPerson(context, ({ tenant }) => retention.show(tenant)),
  );
  app.put(
    '/api/retention/rules',
    forPerson(context, async (person, request) => {
      const body = parseInput(ruleBody, request.body);
      return isRefusal(body) ? body : retention.set(person, body);
    }),
  );
  app.post(
    '/api/retention/runs',
    forPerson(context, async (person, request) => {
      const body = parseInput(runBody, request.body ?? {});
      return isRefusal(body) ? body : retention.run(person, body.dryRun);
    }),
  );
}
