// Passkeys and recovery codes: one's own, and those of somebody who has to begin anew.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { isRefusal, type PasskeyId, type PersonId, type PersonPrincipal, parseId } from '#core';
import { type Context, forPerson, notFound, parseInput } from '../respond.ts';

const base64url = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[\w-]+$/, 'is not base64url');
const name = z.string().trim().min(1).max(60);
const newBody = z.strictObject({
  name,
  id: base64url(1_400),
  clientDataJSON: base64url(4_000),
  attestationObject: base64url(20_000),
  transports: z.array(z.string().max(20)).max(10).default([]),
});
const nameBody = z.strictObject({ name });

const passkeyOf = (request: FastifyRequest): PasskeyId | null => parseId('psk', (request.params as { id: string }).id);

export function passkeyRoutes(app: FastifyInstance, context: Context): void {
  const { passkeys, signIn } = context.ports;
  app.get(
    '/api/passkeys',
    forPerson(context, async (person) => ({
      passkeys: await passkeys.list(person.home, person.person),
      recoveryCodesLeft: await passkeys.recoveryCodesLeft(person),
    })),
  );
  app.post(
    '/api/passkeys/options',
    forPerson(context, async (person) => {
      const options = await passkeys.options(person);
      return isRefusal(options) ? options : { options };
    }),
  );
  app.post(
    '/api/passkeys',
    forPerson(context, async (person, request) => {
      const body = parseInput(newBody, request.body);
      return isRefusal(body) ? body : passkeys.enrol(person, body);
    }),
  );
  app.put(
    '/api/passkeys/:id',
    forPerson(context, async (person, request) => {
      const id = passkeyOf(request);
      const body = parseInput(nameBody, request.body);
      if (isRefusal(body)) return body;
      return id === null ? notFound('passkey') : passkeys.rename(person, id, body.name);
    }),
  );
  app.delete(
    '/api/passkeys/:id',
    forPerson(context, async (person, request) => {
      const id = passkeyOf(request);
      return id === null ? notFound('passkey') : ((await passkeys.remove(person, person.person, id)) ?? { removed: true });
    }),
  );
  app.post(
    '/api/recovery-codes',
    forPerson(context, async (person) => {
      const codes = await passkeys.makeRecoveryCodes(person);
      return isRefusal(codes) ? codes : { codes };
    }),
  );

  const somebody = (work: (by: PersonPrincipal, person: PersonId, request: FastifyRequest) => Promise<unknown>) =>
    forPerson(context, async (by, request) => {
      const person = parseId('per', (request.params as { person: string }).person);
      return person === null ? notFound('person') : work(by, person, request);
    });
  app.get(
    '/api/people/:person/passkeys',
    somebody(async (by, person) => ({ passkeys: await passkeys.list(by.tenant, person) })),
  );
  app.delete(
    '/api/people/:person/passkeys/:id',
    somebody(async (by, person, request) => {
      const id = passkeyOf(request);
      return id === null ? notFound('passkey') : ((await passkeys.remove(by, person, id)) ?? { removed: true });
    }),
  );
  app.post(
    '/api/people/:person/reset',
    somebody(async (by, person) => {
      const link = await passkeys.reset(by, person);
      if (isRefusal(link)) return link;
      return { person, link: `${signIn.site().origin}/sign-in#${link.secret}`, expiresAt: link.expiresAt };
    }),
  );
}
