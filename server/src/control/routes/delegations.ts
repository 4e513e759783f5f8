// Access that this tenant gives to an agency's people, and access that its own people hold elsewhere.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type DelegationId, isRefusal, PII_CLASSES, parseId, type Refusal } from '#core';
import { type Context, forPerson, notFound, parseInput } from '../respond.ts';

const MAX_DAYS = 90;
const name = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/);
const scope = z.strictObject({
  workspace: name.exactOptional(),
  workflow: name.exactOptional(),
  integration: name.exactOptional(),
  dataClass: z.enum(PII_CLASSES).exactOptional(),
});
const tenant = z.string().refine((text) => parseId('ten', text) !== null, 'is not the id of a tenant');
const days = z.number().int().min(1).max(MAX_DAYS);
const offerBody = z.strictObject({
  agency: tenant,
  holder: z.string().refine((text) => parseId('per', text) !== null || parseId('grp', text) !== null, 'is not the id of a person or group'),
  role: name,
  scope: scope.default({}),
  days,
  reason: z.string().trim().min(1).max(300),
});
const narrowBody = z.strictObject({ role: name.optional(), scope: scope.optional(), days: days.optional() });
const clientBody = z.strictObject({ client: z.union([tenant, name]) });

export function delegationRoutes(app: FastifyInstance, context: Context): void {
  const { delegations } = context.ports;
  const withId = (request: FastifyRequest, work: (id: DelegationId) => Promise<object>): Promise<object> | Refusal => {
    const id = parseId('dlg', (request.params as { id: string }).id);
    return id === null ? notFound('delegation') : work(id);
  };
  app.get(
    '/api/delegations',
    forPerson(context, async (person) => ({ delegations: await delegations.given(person) })),
  );
  app.post(
    '/api/delegations',
    forPerson(context, async (person, request) => {
      const body = parseInput(offerBody, request.body);
      return isRefusal(body) ? body : delegations.offer(person, body);
    }),
  );
  app.post(
    '/api/delegations/:id/narrow',
    forPerson(context, async (person, request) => {
      const body = parseInput(narrowBody, request.body);
      return isRefusal(body) ? body : withId(request, (id) => delegations.narrow(person, id, body));
    }),
  );
  app.delete(
    '/api/delegations/:id',
    forPerson(context, async (person, request) => withId(request, (id) => delegations.end(person, id))),
  );
  app.get(
    '/api/delegations/held',
    forPerson(context, async (person) => ({ delegations: await delegations.held(person), address: person.tenant })),
  );
  app.post(
    '/api/delegations/held/:id/accept',
    forPerson(context, async (person, request) => {
      const body = parseInput(clientBody, request.body);
      return isRefusal(body) ? body : withId(request, (id) => delegations.accept(person, body.client, id));
    }),
  );
  app.delete(
    '/api/delegations/held/:id',
    forPerson(context, async (person, request) => {
      const body = parseInput(clientBody, request.body);
      return isRefusal(body) ? body : withId(request, (id) => delegations.giveBack(person, body.client, id));
    }),
  );
}
