// Coming in and going out: by link, passkey or recovery code; confirming that it is still the person; links made at a terminal.
// INVARIANT: nobody is told whether a link, a passkey or a code exists; whoever tries too often from one address waits.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { actionsOf, formatTime, type Grant, isRefusal, isWhole, mainRole, type Refusal, refuse, rolesOf } from '#core';
import { browserLabel } from '../browser-label.ts';
import type { BrowserInput } from '../ports/sign-in.ts';
import type { Session } from '../ports.ts';
import { viaOf } from '../request-origin.ts';
import { type Context, forPerson, parseInput, sendRefusal } from '../respond.ts';
import { clearedCookie, crossSite, sessionCookie } from '../session-cookie.ts';
import { actionsHere } from '../visiting.ts';

const base64url = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[\w-]+$/, 'is not base64url');
const coordinate = base64url(43).length(43);
const key = z
  .strictObject({ kty: z.literal('EC'), crv: z.literal('P-256'), x: coordinate, y: coordinate })
  .nullable()
  .default(null);
/** As browsers give it (WebAuthn, `AuthenticationResponseJSON`), without what nobody reads. */
export const assertion = z.strictObject({
  id: base64url(1_400),
  clientDataJSON: base64url(4_000),
  authenticatorData: base64url(4_000),
  signature: base64url(4_000),
  userHandle: base64url(100).nullable().default(null),
});
const linkBody = z.strictObject({
  secret: z.string().min(1).max(200),
  /** `cookie`: for a browser, which never sees the token. */
  as: z.enum(['token', 'cookie']).default('token'),
  key,
});
const passkeyBody = z.strictObject({ assertion, key });
const recoveryBody = z.strictObject({ code: z.string().min(1).max(80), key });
const stepUpBody = z.strictObject({ assertion });

export function signInRoutes(app: FastifyInstance, context: Context): void {
  const { ports } = context;
  const { signIn } = ports;

  const browserOf = (request: FastifyRequest, made: BrowserInput['key']): BrowserInput => ({
    key: made,
    label: browserLabel(request.headers['user-agent']),
  });

  const tooMany = (request: FastifyRequest, kind: 'any' | 'recovery'): Promise<Refusal | null> => {
    const via = viaOf(request, ports.surroundings.addressOf);
    return signIn.limit(isRefusal(via) ? '' : (via.address ?? ''), kind);
  };

  /** With the cookie; the page learns which session it is, to sign its requests for it. */
  const enter = (reply: FastifyReply, session: Session): object => {
    reply.header('set-cookie', sessionCookie(session.token, session.expiresAtMs - ports.clock.now(), signIn.site()));
    return { session: session.session, expiresAt: formatTime(session.expiresAtMs) };
  };

  app.post('/api/session', async (request, reply) => {
    const body = parseInput(linkBody, request.body);
    if (isRefusal(body)) return sendRefusal(context, reply, body);
    const refused = (body.as === 'cookie' ? crossSite(request) : null) ?? (await tooMany(request, 'any'));
    const session = refused ?? (await signIn.withLink(body.secret, browserOf(request, body.key)));
    if (isRefusal(session)) return sendRefusal(context, reply, session);
    return body.as === 'cookie' ? enter(reply, session) : { token: session.token, expiresAt: formatTime(session.expiresAtMs) };
  });

  app.post('/api/sign-in/passkey/options', async (request, reply) => {
    const refused = crossSite(request) ?? (await tooMany(request, 'any'));
    return refused === null ? { options: await signIn.options() } : sendRefusal(context, reply, refused);
  });

  app.post('/api/sign-in/passkey', async (request, reply) => {
    const body = parseInput(passkeyBody, request.body);
    if (isRefusal(body)) return sendRefusal(context, reply, body);
    const refused = crossSite(request) ?? (await tooMany(request, 'any'));
    const session = refused ?? (await signIn.withPasskey(body.assertion, browserOf(request, body.key)));
    return isRefusal(session) ? sendRefusal(context, reply, session) : enter(reply, session);
  });

  app.post('/api/sign-in/recovery', async (request, reply) => {
    const body = parseInput(recoveryBody, request.body);
    if (isRefusal(body)) return sendRefusal(context, reply, body);
    const refused = crossSite(request) ?? (await tooMany(request, 'recovery'));
    const session = refused ?? (await signIn.withRecoveryCode(body.code, browserOf(request, body.key)));
    return isRefusal(session) ? sendRefusal(context, reply, session) : enter(reply, session);
  });

  app.get(
    '/api/session',
    forPerson(context, async (who) => {
      const { person, tenant, home, proof, session, device } = who;
      const people = await ports.people.list(home);
      const name = people.find(({ id }) => id === person)?.name ?? null;
      const roles = rolesOf(who);
      const can = actionsHere(ports.visits, who);
      const everywhere = actionsOf({ grants: who.grants.filter(({ scope }) => isWhole(scope)) });
      const about = { person, tenant, home, name, role: mainRole(roles), roles, can, proof };
      const limits = { canOnlyIn: can.filter((action) => !everywhere.has(action)), endsAt: endOf(who.grants) };
      return {
        ...about,
        ...limits,
        session,
        device,
        isSolo: people.length < 2 && ports.visits.isSolo(home),
        hasPasskey: signIn.hasPasskey(who),
        origin: signIn.site().origin,
      };
    }),
  );

  app.delete(
    '/api/session',
    forPerson(context, async (person, _request, reply) => {
      await ports.signOut(person);
      reply.header('set-cookie', clearedCookie(signIn.site()));
      // Whatever the browser kept of answers. Its own key stays: by it the next sign-in is known to be from here.
      reply.header('clear-site-data', '"cache"');
      return { signedOut: true };
    }),
  );

  app.post(
    '/api/sign-in-links',
    forPerson(context, async (person, request) => {
      // A page that was taken over must not be able to make itself a session that outlives it.
      if (request.headers.authorization === undefined)
        return refuse('CONTROL_LINK_FROM_TERMINAL', 'Sign-in links are made on the command line: sallyport sign-in.');
      const secret = await ports.signInLink(person);
      return { secret, link: `${signIn.site().origin}/sign-in#${secret}` };
    }),
  );

  app.post(
    '/api/step-up/options',
    forPerson(context, async (person) => ({ options: await signIn.stepUpOptions(person) })),
  );

  app.post(
    '/api/step-up',
    forPerson(context, async (person, request) => {
      const body = parseInput(stepUpBody, request.body);
      return isRefusal(body) ? body : ((await signIn.stepUp(person, body.assertion)) ?? { confirmed: true });
    }),
  );
}

/** When the last grant of somebody whose access ends by itself does; null when one has no end. */
function endOf(grants: readonly Pick<Grant, 'expiresAtMs'>[]): string | null {
  const ends = grants.map(({ expiresAtMs }) => expiresAtMs);
  return ends.length === 0 || ends.includes(null) ? null : formatTime(Math.max(...ends.filter((at) => at !== null)));
}
