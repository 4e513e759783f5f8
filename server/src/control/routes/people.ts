// People who decide beside the owner: who they are, a one-time link for each, and their end. Links are made on the command line only.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { isRefusal, parseId, type Refusal, refuse } from '#core';
import type { InvitationView } from '../ports/people.ts';
import { type Context, forPerson, notFound, parseInput } from '../respond.ts';

const personBody = z.strictObject({ name: z.string().trim().min(1).max(80), roles: z.array(z.string().max(60)).min(1).max(10).optional() });

export function peopleRoutes(app: FastifyInstance, context: Context): void {
  const { people, signIn } = context.ports;
  const withLink = (invitation: InvitationView | Refusal): object => linked(signIn.site().origin, invitation);
  app.get(
    '/api/people',
    forPerson(context, async (person) => ({ people: await people.list(person.tenant) })),
  );
  app.post(
    '/api/people',
    forPerson(context, async (owner, request) => {
      const body = fromTerminal(request) ?? parseInput(personBody, request.body);
      return isRefusal(body) ? body : withLink(await people.add(owner, body.name, body.roles));
    }),
  );
  app.post(
    '/api/people/:id/link',
    forPerson(context, async (owner, request) => {
      const id = idOf(request);
      const refused = fromTerminal(request);
      if (refused !== null) return refused;
      return id === null ? notFound('person') : withLink(await people.invite(owner, id));
    }),
  );
  app.delete(
    '/api/people/:id',
    forPerson(context, async (owner, request) => {
      const id = idOf(request);
      return id === null ? notFound('person') : ((await people.remove(owner, id)) ?? { removed: true });
    }),
  );
}

const idOf = (request: FastifyRequest) => parseId('per', (request.params as { id: string }).id);

/** A page that was taken over must not be able to make a second person out of its owner. */
function fromTerminal(request: FastifyRequest): Refusal | null {
  if (request.headers.authorization !== undefined) return null;
  return refuse('CONTROL_LINK_FROM_TERMINAL', 'Links for people are made on the command line: sallyport people add.');
}

/** The secret stands after the `#`, which no browser sends on. */
function linked(origin: string, invitation: InvitationView | Refusal): object {
  if (isRefusal(invitation)) return invitation;
  const { secret, ...person } = invitation;
  return { ...person, link: `${origin}/sign-in#${secret}` };
}
