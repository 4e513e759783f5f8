// Who may call: sessions of people, workloads and their keys.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { actionsOf, formatTime, isPublicName, isRefusal, mainRole, parseId, refuse, rolesOf, type WorkloadId } from '#core';
import { type Context, forPerson, notFound, parseInput, sendRefusal } from '../respond.ts';
import { clearedCookie, crossSite, sessionCookie } from '../session-cookie.ts';

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'use lower case letters, digits and hyphens')
  .refine(isPublicName, 'is a number; a name stands in the log, use a letter');
const redeemBody = z.strictObject({
  secret: z.string().min(1).max(200),
  /** `cookie`: for a browser, which never sees the token. */
  as: z.enum(['token', 'cookie']).default('token'),
});
const workloadBody = z.strictObject({
  name,
  workflow: name.nullable().default(null),
  integrations: z.array(name).max(100).default([]),
  publicKey: z
    .strictObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string().regex(/^[\w-]{43}$/) })
    .nullable()
    .default(null),
});
const keyBody = z.strictObject({
  workload: z.string().transform((text, issues) => {
    const id = parseId('wkl', text);
    if (id === null) issues.addIssue({ code: 'custom', message: 'is not a workload id' });
    return id as WorkloadId;
  }),
  expiresInDays: z.number().int().min(1).max(365).default(90),
});

export function accessRoutes(app: FastifyInstance, context: Context): void {
  const { ports } = context;
  app.post('/api/session', async (request, reply) => {
    const body = parseInput(redeemBody, request.body);
    if (isRefusal(body)) return sendRefusal(context, reply, body);
    const foreign = body.as === 'cookie' ? crossSite(request) : null;
    const session = foreign ?? (await ports.redeemLink(body.secret));
    if (isRefusal(session)) return sendRefusal(context, reply, session);
    const expiresAt = formatTime(session.expiresAtMs);
    if (body.as === 'token') return { token: session.token, expiresAt };
    reply.header('set-cookie', sessionCookie(session.token, session.expiresAtMs - ports.clock.now()));
    return { expiresAt };
  });
  app.get(
    '/api/session',
    forPerson(context, async (who) => {
      const { person, tenant, home, proof } = who;
      const name = (await ports.people.list(tenant)).find(({ id }) => id === person)?.name ?? null;
      const roles = rolesOf(who);
      return { person, tenant, home, name, role: mainRole(roles), roles, can: [...actionsOf(who)], proof };
    }),
  );
  app.delete(
    '/api/session',
    forPerson(context, async (person, _request, reply) => {
      await ports.signOut(person);
      reply.header('set-cookie', clearedCookie);
      return { signedOut: true };
    }),
  );
  app.post(
    '/api/sign-in-links',
    forPerson(context, async (person, request) => {
      // A page that was taken over must not be able to make itself a session that outlives it.
      if (request.headers.authorization === undefined)
        return refuse('CONTROL_LINK_FROM_TERMINAL', 'Sign-in links are made on the command line: sallyport sign-in.');
      return { secret: await ports.signInLink(person) };
    }),
  );
  app.get(
    '/api/workloads',
    forPerson(context, async (person) => ({ workloads: await ports.workloads.list(person.tenant) })),
  );
  app.post(
    '/api/workloads',
    forPerson(context, async (person, request) => {
      const body = parseInput(workloadBody, request.body);
      return isRefusal(body) ? body : ports.workloads.create(person, body);
    }),
  );
  app.get(
    '/api/keys',
    forPerson(context, async (person) => ({ keys: await ports.keys.list(person.tenant) })),
  );
  app.post(
    '/api/keys',
    forPerson(context, async (person, request) => {
      const body = parseInput(keyBody, request.body);
      return isRefusal(body) ? body : ports.keys.create(person, body);
    }),
  );
  app.delete(
    '/api/keys/:id',
    forPerson(context, async (person, request) => {
      const id = parseId('key', (request.params as { id: string }).id);
      return id !== null && (await ports.keys.revoke(person, id)) ? { revoked: true } : notFound('key');
    }),
  );
}
