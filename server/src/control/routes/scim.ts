// SCIM 2.0 under /scim/v2: people and groups as an identity provider keeps them. A token of one tenant opens it, and nothing else does.
// INVARIANTS: the token is checked before the body is read; every answer is in SCIM's own form; an error names attributes, never values.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isJsonFault, parseStrictJson, SallyportError } from '#core';
import { isScimFault, readListQuery, renderFault, type ScimCaller, type ScimFault, type ScimResources, scimFault } from '#identity';
import { addressFor } from '../request-origin.ts';
import type { Context } from '../respond.ts';

/** A group of some thousand members. */
const MAX_BODY_BYTES = 1024 * 1024;
const TYPE = 'application/scim+json; charset=utf-8';
const JSON_LIMITS = { maxBytes: MAX_BODY_BYTES, maxDepth: 16, maxMembers: 60_000 };

type Answered = object | ScimFault | null;

export function scimRoutes(app: FastifyInstance, context: Context): void {
  const { scim, federation } = context.ports;
  const callers = new WeakMap<FastifyRequest, ScimCaller>();

  const send = (reply: FastifyReply, status: number, body: object | null): FastifyReply => {
    reply.code(status).type(TYPE);
    return body === null ? reply.send() : reply.send(JSON.stringify(body));
  };
  const sendFault = (reply: FastifyReply, fault: ScimFault): FastifyReply => send(reply, fault.status, renderFault(fault));

  async function letIn(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
    const { authorization } = request.headers;
    const token = /^Bearer +(\S{1,200})$/i.exec(authorization ?? '')?.[1] ?? null;
    const caller = await scim.authenticate(token);
    if (caller === null) {
      const limited = await scim.countFailure(addressFor(request, context.ports.surroundings.addressOf) ?? '');
      reply.header('www-authenticate', 'Bearer realm="scim"');
      if (limited !== null)
        return sendFault(reply, scimFault(429, null, 'There were too many requests with a wrong token; wait a little.'));
      return sendFault(reply, scimFault(401, null, 'The token is missing, was replaced, or is not valid; make one in the console.'));
    }
    // A restored database waits for its people; providers try again by themselves.
    if (context.ports.closed() !== null && request.method !== 'GET')
      return sendFault(reply, scimFault(503, null, 'This installation was restored and waits for its confirmation; try again later.'));
    callers.set(request, caller);
    return undefined;
  }

  /** Answers, and notes that the provider came and whether what it wanted could be done. */
  const answering =
    (work: (caller: ScimCaller, request: FastifyRequest) => Promise<Answered>, success = 200) =>
    async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
      const caller = callers.get(request);
      if (caller === undefined) throw new Error('a route of SCIM was reached without a token');
      const answer = await work(caller, request);
      const fault = isScimFault(answer) ? answer : null;
      const isChange = request.method !== 'GET';
      await scim.note(caller, { isChange, failure: fault === null || isOrdinary(fault) ? null : failureOf(request, fault) });
      if (fault !== null) return sendFault(reply, fault);
      const meta = (answer as { meta?: { version?: string; location?: string } } | null)?.meta;
      if (meta?.version !== undefined) reply.header('etag', meta.version);
      if (success === 201 && meta?.location !== undefined) reply.header('location', meta.location);
      return send(reply, answer === null ? 204 : success, answer);
    };

  const asked = (caller: ScimCaller, request: FastifyRequest) => {
    const { 'if-match': ifMatch } = request.headers;
    return { tenant: caller.tenant, base: federation.scimBase(), ifMatch: ifMatch ?? null };
  };
  const idOf = (request: FastifyRequest): string => (request.params as { id: string }).id;
  const queryOf = (request: FastifyRequest) => readListQuery(request.query as Record<string, unknown>);
  const bodyOf = (request: FastifyRequest): unknown => {
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const parsed = parseStrictJson(body, JSON_LIMITS);
    return isJsonFault(parsed) ? scimFault(400, 'invalidSyntax', 'The body is not JSON that can be read in one way only.') : parsed;
  };
  const withBody =
    (work: (caller: ScimCaller, request: FastifyRequest, body: unknown) => Promise<Answered>) =>
    async (caller: ScimCaller, request: FastifyRequest): Promise<Answered> => {
      const body = bodyOf(request);
      return isScimFault(body) ? body : work(caller, request, body);
    };

  app.register(
    async (scope) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser(
        ['application/scim+json', 'application/json'],
        { parseAs: 'buffer', bodyLimit: MAX_BODY_BYTES },
        (_request, body, done) => done(null, body),
      );
      scope.addHook('onRequest', letIn);
      scope.setErrorHandler((fault, _request, reply) => {
        const status = (fault as { statusCode?: unknown }).statusCode;
        if (status === 413) return sendFault(reply, scimFault(413, 'tooMany', 'The body is larger than 1 MiB.'));
        if (status === 415) return sendFault(reply, scimFault(415, null, 'Send application/scim+json or application/json.'));
        if (typeof status === 'number' && status < 500)
          return sendFault(reply, scimFault(400, 'invalidSyntax', 'The request can not be read.'));
        context.ports.onFault(fault instanceof SallyportError ? fault.code : 'CONTROL_FAULT');
        return sendFault(reply, scimFault(500, null, 'The request failed here; the log has the code. Try again.'));
      });
      scope.setNotFoundHandler((_request, reply) => sendFault(reply, scimFault(404, null, 'There is no such endpoint.')));

      scope.get(
        '/ServiceProviderConfig',
        answering(async () => scim.serviceProviderConfig(federation.scimBase())),
      );
      for (const what of ['ResourceTypes', 'Schemas'] as const) {
        const described = async (id: string | null): Promise<Answered> =>
          scim.describe(what, federation.scimBase(), id) ?? scimFault(404, null, 'There is nothing of that id.');
        scope.get(
          `/${what}`,
          answering(() => described(null)),
        );
        scope.get(
          `/${what}/:id`,
          answering((_caller, request) => described(idOf(request))),
        );
      }
      resources('/Users', scim.users);
      resources('/Groups', scim.groups);

      function resources(path: '/Users' | '/Groups', of: ScimResources): void {
        scope.get(
          path,
          answering((caller, request) => of.list(asked(caller, request), queryOf(request))),
        );
        scope.post(
          path,
          answering(
            withBody((caller, request, body) => of.create(asked(caller, request), body)),
            201,
          ),
        );
        scope.get(
          `${path}/:id`,
          answering((caller, request) => of.get(asked(caller, request), idOf(request), queryOf(request))),
        );
        scope.put(`${path}/:id`, answering(withBody((caller, request, body) => of.replace(asked(caller, request), idOf(request), body))));
        scope.patch(`${path}/:id`, answering(withBody((caller, request, body) => of.patch(asked(caller, request), idOf(request), body))));
        scope.delete(
          `${path}/:id`,
          answering((caller, request) => of.remove(asked(caller, request), idOf(request))),
        );
      }
    },
    { prefix: '/scim/v2' },
  );
}

/** What providers ask and are told in the course of things: whether somebody is there, or is there already. */
const isOrdinary = ({ status }: ScimFault): boolean => status === 404 || status === 409 || status === 412;

function failureOf({ method, routeOptions }: FastifyRequest, { status, scimType }: ScimFault): string {
  return `${method} ${routeOptions.url?.replace('/scim/v2', '') ?? ''} ${status}${scimType === null ? '' : ` ${scimType}`}`;
}
