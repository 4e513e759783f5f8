// The OAuth endpoints: metadata, keys, tokens and revocation in the words of their standards, and the question a person answers.
// INVARIANT: nothing here reads a cookie but the answer to the question; a token is given to whoever proves to be its client.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { isRefusal, parseId } from '#core';
import type { OAuthReply, OAuthRequest } from '../ports/oauth.ts';
import { addressFor } from '../request-origin.ts';
import { type Context, forPerson, notFound, parseInput } from '../respond.ts';

const MAX_FORM_BYTES = 32 * 1024;
const MAX_PROOF_CHARS = 4_096;
const query = z.string().min(1).max(8_192);
const askBody = z.strictObject({ query });
const decideBody = z.strictObject({ query, allow: z.boolean(), scope: z.array(z.string().max(300)).max(200).nullable().default(null) });

export function oauthRoutes(app: FastifyInstance, context: Context): void {
  const { oauth } = context.ports;
  const from = (request: FastifyRequest): string => addressFor(request, context.ports.surroundings.addressOf) ?? 'unknown';
  // Forms are for these endpoints alone: everything else takes JSON, which no page of another origin can send by itself.
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string', bodyLimit: MAX_FORM_BYTES }, (request, body, done) => {
    const isOurs = request.routeOptions.url === '/oauth/token' || request.routeOptions.url === '/oauth/revoke';
    if (isOurs) done(null, body);
    else done(Object.assign(new Error('forms are not taken here'), { statusCode: 415 }));
  });

  app.get('/.well-known/oauth-authorization-server', async (_request, reply) => open(reply).send(oauth.metadata()));
  app.get('/oauth/jwks', async (_request, reply) => open(reply).header('cache-control', 'public, max-age=300').send(oauth.jwks()));
  app.post('/oauth/token', (request, reply) => {
    // A restored state gives nothing out until people have confirmed it.
    if (context.ports.closed() !== null) return reply.code(503).send({ error: 'temporarily_unavailable' });
    return answer(request, reply, (read) => oauth.token(read, from(request)));
  });
  app.post('/oauth/revoke', (request, reply) => answer(request, reply, (read) => oauth.revoke(read, from(request))));

  app.post(
    '/api/oauth/consents/ask',
    forPerson(context, async (person, request) => {
      const body = parseInput(askBody, request.body);
      return isRefusal(body) ? body : oauth.ask(person, body.query);
    }),
  );
  app.post(
    '/api/oauth/consents',
    forPerson(context, async (person, request) => {
      const body = parseInput(decideBody, request.body);
      return isRefusal(body) ? body : oauth.decide(person, body.query, body);
    }),
  );
  app.get(
    '/api/oauth/consents',
    forPerson(context, async (person) => ({ consents: await oauth.consents(person) })),
  );
  app.delete(
    '/api/oauth/consents/:id',
    forPerson(context, async (person, request) => {
      const id = parseId('fam', (request.params as { id: string }).id);
      return id !== null && (await oauth.endConsent(person, id)) ? { ended: true } : notFound('consent');
    }),
  );
}

/** Programs in a browser may read what is public anyway. */
function open(reply: FastifyReply): FastifyReply {
  return reply.header('access-control-allow-origin', '*');
}

async function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  endpoint: (request: OAuthRequest) => Promise<OAuthReply>,
): Promise<FastifyReply> {
  const read = readRequest(request);
  if (read === null) {
    const body = {
      error: 'invalid_request',
      error_description: 'Send a form in which each parameter stands once, and at most one DPoP header.',
    };
    return reply.code(400).send(body);
  }
  const { status, body, retryAfterS } = await endpoint(read);
  if (retryAfterS !== null) reply.header('retry-after', String(retryAfterS));
  return reply.code(status).header('pragma', 'no-cache').send(body);
}

/** RFC 6749 section 3.2: a parameter stands once, and an empty one counts as absent. */
function readRequest(request: FastifyRequest): OAuthRequest | null {
  if (typeof request.body !== 'string') return null;
  const params = new Map<string, string>();
  const seen = new Set<string>();
  for (const [name, value] of new URLSearchParams(request.body)) {
    if (seen.has(name)) return null;
    seen.add(name);
    if (value !== '') params.set(name, value);
  }
  const { dpop } = request.headers;
  // Node joins repeated headers; a comma stands in no proof.
  if (dpop !== undefined && (typeof dpop !== 'string' || dpop.includes(',') || dpop.length > MAX_PROOF_CHARS)) return null;
  return { params, proof: dpop ?? null };
}
