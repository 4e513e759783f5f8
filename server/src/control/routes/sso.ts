// Signing in by a company login: the browser is sent there and comes back here. Answers are redirects to our own pages, with a code when
// it did not work; what the provider wrote is shown to nobody.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isRefusal, type PersonPrincipal, type Refusal } from '#core';
import { browserLabel } from '../browser-label.ts';
import { addressFor } from '../request-origin.ts';
import { type Context, forPerson } from '../respond.ts';
import { sessionCookie } from '../session-cookie.ts';

const COOKIE = 'sallyport_sso';
const SECRET = /^[\w-]{43}$/;
const MAX_QUERY_CHARS = 8_000;

export function ssoRoutes(app: FastifyInstance, context: Context): void {
  const { federation, signIn, clock } = context.ports;

  /** Sent along when the provider sends the browser back, which a stricter cookie would not be. Only our own routes see it. */
  const bind = (reply: FastifyReply, secret: string, lifetimeMs: number): void => {
    const secure = signIn.site().isHttps ? '; Secure' : '';
    const maxAge = Math.max(0, Math.floor(lifetimeMs / 1000));
    reply.header('set-cookie', `${COOKIE}=${secret}; Path=/sso; HttpOnly; SameSite=Lax; Max-Age=${maxAge}${secure}`);
  };
  const goTo = (reply: FastifyReply, place: string): FastifyReply => reply.header('referrer-policy', 'no-referrer').redirect(place, 303);
  const back = (reply: FastifyReply, { code, evidence }: Refusal): FastifyReply =>
    goTo(reply, `${typeof evidence.at === 'string' ? evidence.at : '/sign-in'}?refused=${code}`);
  const key = (query: Record<string, unknown>): { x: string; y: string } | null => {
    const { x, y } = query;
    return typeof x === 'string' && typeof y === 'string' && SECRET.test(x) && SECRET.test(y) ? { x, y } : null;
  };
  const nameOf = (request: FastifyRequest): string => (request.params as { provider: string }).provider;

  app.get('/api/sign-in/providers', async () => ({ providers: await federation.offered() }));

  app.get('/sso/:provider/start', async (request, reply) => {
    const query = request.query as Record<string, unknown>;
    const provider = nameOf(request);
    // A tile on the company's start page knows no key: our page makes one and comes back.
    if (key(query) === null) return goTo(reply, `/sign-in?with=${encodeURIComponent(provider.slice(0, 80))}`);
    // A login could make people; on a restored state that nobody has confirmed it makes none.
    const closed = context.ports.closed();
    if (closed !== null) return goTo(reply, `/sign-in?refused=${closed}`);
    const limited = await signIn.limit(addressFor(request, context.ports.surroundings.addressOf) ?? '', 'any');
    if (limited !== null) return back(reply, limited);
    const returnTo = typeof query.return_to === 'string' ? query.return_to : '/';
    const begun = await federation.begin({ provider, returnTo, key: key(query), cookie: cookieOf(request) });
    if (isRefusal(begun)) return back(reply, begun);
    bind(reply, begun.cookie, begun.lifetimeMs);
    return goTo(reply, begun.url);
  });

  app.get('/sso/callback', async (request, reply) => {
    const closed = context.ports.closed();
    if (closed !== null) return goTo(reply, `/sign-in?refused=${closed}`);
    const { search, searchParams } = new URL(request.url, 'http://localhost');
    const params = search.length > MAX_QUERY_CHARS ? new URLSearchParams() : searchParams;
    const label = browserLabel(request.headers['user-agent']);
    const finished = await federation.finish({ params, cookie: cookieOf(request), label });
    if (isRefusal(finished)) return back(reply, finished);
    const { session, returnTo } = finished;
    if (session === null) return goTo(reply, returnTo);
    reply.header('set-cookie', sessionCookie(session.token, session.expiresAtMs - clock.now(), signIn.site()));
    // The page must know which session it is, to sign its requests for it; the id opens nothing.
    return goTo(reply, `/sign-in?session=${session.session}&to=${encodeURIComponent(returnTo)}`);
  });

  /** Begins from a page of somebody who is signed in; the browser then goes to the address. */
  const beginAs = (purpose: 'link' | 'step_up') =>
    forPerson(context, async (person: PersonPrincipal, request, reply) => {
      const { return_to: returnTo } = (request.query ?? {}) as { return_to?: unknown };
      const begun = await federation.begin({
        provider: nameOf(request),
        returnTo: typeof returnTo === 'string' ? returnTo : '/account',
        key: null,
        cookie: cookieOf(request),
        as: { person, purpose },
      });
      if (isRefusal(begun)) return begun;
      bind(reply, begun.cookie, begun.lifetimeMs);
      return { url: begun.url };
    });
  app.post('/api/sso/:provider/link', beginAs('link'));
  app.post('/api/sso/:provider/step-up', beginAs('step_up'));
}

function cookieOf({ headers }: FastifyRequest): string | null {
  for (const part of (headers.cookie ?? '').split(';')) {
    const [name, value] = part.trim().split('=', 2);
    if (name === COOKIE && value !== undefined && SECRET.test(value)) return value;
  }
  return null;
}
