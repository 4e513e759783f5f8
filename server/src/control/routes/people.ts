// People who decide beside the owner: who they are, a one-time link for each, and their end. A page makes links only for whoever has just
// proven with a passkey that it is them; everybody else makes them on the command line.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { isRefusal, type PersonPrincipal, parseId, type Refusal, refuse } from '#core';
import type { InvitationView } from '../ports/people.ts';
import { type Context, forPerson, notFound, parseInput } from '../respond.ts';

const personBody = z.strictObject({
  name: z.string().trim().min(1).max(80),
  roles: z.array(z.string().max(60)).min(1).max(10).optional(),
  /** When everything that is granted here ends by itself. */
  expiresAt: z.iso
    .datetime({ offset: true, error: 'is a moment as RFC 3339, e.g. 2026-11-01T00:00:00Z' })
    .transform((text) => Date.parse(text))
    .optional(),
});

export function peopleRoutes(app: FastifyInstance, context: Context): void {
  const { people, signIn } = context.ports;
  /**
   * A page that was taken over must not be able to make a second person out of its owner. Of whoever has a passkey a fresh one was asked for
   * before this route ran (`people.manage`).
   */
  const mayMakeLink = (person: PersonPrincipal, request: FastifyRequest): Refusal | null =>
    request.headers.authorization !== undefined || signIn.hasPasskey(person)
      ? null
      : refuse('CONTROL_LINK_FROM_TERMINAL', 'Links for people are made on the command line: sallyport people add.');
  const withLink = (invitation: InvitationView | Refusal): object => linked(signIn.site().origin, invitation);
  app.get(
    '/api/people',
    forPerson(context, async (person) => ({ people: await people.list(person.tenant) })),
  );
  app.post(
    '/api/people',
    forPerson(context, async (owner, request) => {
      const body = mayMakeLink(owner, request) ?? parseInput(personBody, request.body);
      if (isRefusal(body)) return body;
      const { name, roles, expiresAt } = body;
      return withLink(
        await people.add(owner, {
          name,
          ...(roles === undefined ? {} : { roles }),
          ...(expiresAt === undefined ? {} : { expiresAtMs: expiresAt }),
        }),
      );
    }),
  );
  app.post(
    '/api/people/:id/link',
    forPerson(context, async (owner, request) => {
      const id = idOf(request);
      const refused = mayMakeLink(owner, request);
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

/** The secret stands after the `#`, which no browser sends on. */
function linked(origin: string, invitation: InvitationView | Refusal): object {
  if (isRefusal(invitation)) return invitation;
  const { secret, ...person } = invitation;
  return { ...person, link: `${origin}/sign-in#${secret}` };
}
