// The tenants of the installation: listed, made and handed to their owners. Links are made on the command line only.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { isPublicName, isRefusal, type Refusal, refuse } from '#core';
import type { NewTenant } from '../ports/agency.ts';
import { type Context, forPerson, notFound, parseInput } from '../respond.ts';

const tenantBody = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'use lower case letters, digits and hyphens')
    .refine(isPublicName, 'is a number; a name stands in the log, use a letter'),
});

const linkBody = z.strictObject({ recover: z.boolean().optional() });

export function tenantRoutes(app: FastifyInstance, context: Context): void {
  const { tenants, signIn } = context.ports;
  const nameOf = (request: FastifyRequest): string => (request.params as { name: string }).name;
  app.get(
    '/api/tenants',
    forPerson(context, async () => ({ tenants: tenants.list() })),
  );
  app.post(
    '/api/tenants',
    forPerson(context, async (operator, request) => {
      const body = fromTerminal(request) ?? parseInput(tenantBody, request.body);
      return isRefusal(body) ? body : withLink(signIn.site().origin, await tenants.create(operator, body.name));
    }),
  );
  app.get(
    '/api/tenants/:name',
    forPerson(context, async (_operator, request) => (await tenants.show(nameOf(request))) ?? notFound('tenant')),
  );
  app.post(
    '/api/tenants/:name/owner-link',
    forPerson(context, async (operator, request) => {
      const body = fromTerminal(request) ?? parseInput(linkBody, request.body ?? {});
      return isRefusal(body)
        ? body
        : withLink(signIn.site().origin, await tenants.ownerLink(operator, nameOf(request), body.recover ?? false));
    }),
  );
}

/** A page that was taken over must not be able to make itself the owner of a tenant. */
function fromTerminal(request: FastifyRequest): Refusal | null {
  if (request.headers.authorization !== undefined) return null;
  return refuse('CONTROL_LINK_FROM_TERMINAL', 'Links for owners are made on the command line: sallyport tenants create.');
}

/** The secret stands after the `#`, which no browser sends on. */
function withLink(origin: string, made: NewTenant | Refusal): object {
  if (isRefusal(made)) return made;
  const { secret, ...tenant } = made;
  return { ...tenant, link: `${origin}/sign-in#${secret}` };
}
