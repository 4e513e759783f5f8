// How every control route authenticates, parses and answers.

import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { type ActedOn, type CodeTable, isRefusal, type PersonPrincipal, type Refusal, refuse } from '#core';
import type { ControlPorts } from './ports.ts';
import { viaOf } from './request-origin.ts';
import { accessOf, askedOn, isOpenBeforeConfirmation, routeName, takesAway } from './route-actions.ts';
import { CROSS_SITE, cookieOf, crossSite } from './session-cookie.ts';
import { asSigned, enrolFirst, proofOf, touch } from './session-proof.ts';
import { noteVisit, refuseElsewhere, visitOf } from './visiting.ts';

export interface Context {
  readonly ports: ControlPorts;
  readonly codes: CodeTable;
  /** Who sent a request, once it was let in. */
  readonly callers: WeakMap<FastifyRequest, PersonPrincipal>;
}

export function sendRefusal(context: Context, reply: FastifyReply, refusal: Refusal): FastifyReply {
  const status = context.codes[refusal.code]?.status ?? 403;
  // `open`: a page of the console, for whoever asked elsewhere.
  const { retryAfterSeconds, open } = refusal.evidence;
  if (status === 429 && typeof retryAfterSeconds === 'number') reply.header('retry-after', String(retryAfterSeconds));
  return reply
    .code(status)
    .type('application/problem+json')
    .send({
      type: `urn:sallyport:code:${refusal.code}`,
      title: 'Refused',
      status,
      code: refusal.code,
      detail: refusal.reason,
      evidence: {
        ...refusal.evidence,
        ...(typeof open === 'string' ? { open: new URL(open, context.ports.signIn.site().origin).href } : {}),
      },
    });
}

/** Lets a request in or answers it: before its body is read, and whatever its route does. */
export async function admit(context: Context, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
  const { url } = request.routeOptions;
  if (request.is404 || url === undefined) return undefined;
  const access = accessOf(request.method, url);
  if (access === 'anyone') return undefined;
  const somebody = await personOf(context, request);
  if (isRefusal(somebody)) return sendRefusal(context, reply, somebody);
  const unproven = proofOf(context.ports, request, somebody) ?? enrolFirst(somebody, routeName(request.method, url));
  if (unproven !== null) return sendRefusal(context, reply, unproven);
  const person = visitOf(context.ports.visits, request, somebody, access);
  if (isRefusal(person)) return sendRefusal(context, reply, person);
  const elsewhere = refuseElsewhere(context.ports.visits, request, person);
  if (elsewhere !== null) return sendRefusal(context, reply, elsewhere);
  const via = viaOf(request, context.ports.surroundings.addressOf);
  if (isRefusal(via)) return sendRefusal(context, reply, via);
  const arrived = await context.ports.visits.actAs(person, () => context.ports.surroundings.arrive({ ...person, via }));
  if (isRefusal(arrived)) return sendRefusal(context, reply, arrived);
  if (access !== 'self') {
    const on = askedOn(request.method, url, (request.params as { name?: unknown } | undefined)?.name);
    const asked = asSigned(context.ports, arrived, routeName(request.method, url), context.ports.clock.now());
    const refused = context.ports.authorize(asked, access, on, takesAway(request.method, url));
    if (refused !== null) {
      context.ports.visits.actAs(arrived, () => context.ports.surroundings.denied(arrived, { action: access, code: refused.code }));
      return sendRefusal(context, reply, refused);
    }
  }
  const closed = context.ports.closed();
  if (closed !== null && !isOpenBeforeConfirmation(request.method, url))
    return sendRefusal(context, reply, refuse(closed, context.codes[closed]?.sentence ?? closed));
  await noteVisit(context.ports.visits, person, access);
  touch(context.ports, request, somebody);
  context.callers.set(request, arrived);
  return undefined;
}

/** The signed-in person, or a refusal. A browser comes with the cookie, the command line with a bearer token. */
async function personOf(context: Context, request: FastifyRequest): Promise<PersonPrincipal | Refusal> {
  const bearer = bearerOf(request);
  if (isRefusal(bearer)) return bearer;
  if (bearer !== null) return context.ports.authenticateSession(bearer);
  const cookie = cookieOf(request.headers.cookie, context.ports.signIn.site());
  if (cookie === null) return refuse('CONTROL_SESSION_REQUIRED', 'Sign in first: this route needs a person’s session.');
  return crossSite(request) ?? context.ports.authenticateSession(cookie);
}

function bearerOf(request: FastifyRequest): string | Refusal | null {
  const site = request.headers['sec-fetch-site'];
  const value = request.headers.authorization;
  if (value === undefined) return null;
  if (request.method !== 'GET' && site !== undefined && site !== 'same-origin' && site !== 'none') return CROSS_SITE;
  const token = value.startsWith('Bearer ') ? value.slice('Bearer '.length).trim() : '';
  return token === '' ? refuse('CONTROL_SESSION_REQUIRED', 'Sign in first: this route needs a person’s session.') : token;
}

/** Which things the action of this route covers for the person: of a list, and of one thing that was looked up. */
export function seesBy(context: Context, person: PersonPrincipal, request: FastifyRequest): (on: ActedOn) => boolean {
  const access = accessOf(request.method, request.routeOptions.url ?? '');
  if (access === 'anyone' || access === 'self')
    throw new Error('a route that filters by grants names an action in control/route-actions.ts');
  return context.ports.sees(person, access);
}

/** Nesting of the largest real manifest is under 12. */
const MAX_DEPTH = 64;

/** Whether every text in it can be stored: no NUL, no half of a surrogate pair, and not nested without bound. */
function isStorable(input: unknown): boolean {
  const open: { value: unknown; depth: number }[] = [{ value: input, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth } = next;
    if (typeof value === 'string') {
      if (value.includes('\0') || !value.isWellFormed()) return false;
    } else if (typeof value === 'object' && value !== null) {
      if (depth === MAX_DEPTH) return false;
      for (const [key, item] of Object.entries(value)) open.push({ value: key, depth: depth + 1 }, { value: item, depth: depth + 1 });
    }
  }
  return true;
}

export function parseInput<T>(schema: z.ZodType<T>, value: unknown): T | Refusal {
  if (!isStorable(value))
    return refuse('CONTROL_REQUEST_INVALID', 'The request holds text that can not be stored, or is nested too deep.', { field: 'body' });
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  return refuse('CONTROL_REQUEST_INVALID', `Field ${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'not valid'}.`, {
    field: issue?.path.join('.') ?? '',
  });
}

/** Runs a route for the person who was let in; whatever it returns is sent, a refusal as a problem. */
export function forPerson(
  context: Context,
  work: (person: PersonPrincipal, request: FastifyRequest, reply: FastifyReply) => Promise<unknown>,
): (request: FastifyRequest, reply: FastifyReply) => Promise<unknown> {
  return async (request, reply) => {
    const person = context.callers.get(request);
    if (person === undefined) throw new Error('a route for people is open to anyone in control/route-actions.ts');
    const result = await context.ports.visits.actAs(person, () => work(person, request, reply));
    if (!isRefusal(result)) return result;
    // What a route itself refuses is a denial like any other; what is only wrong with the request is not.
    const { kind, status } = context.codes[result.code] ?? {};
    if (kind === 'refusal' && status === 403) {
      const access = accessOf(request.method, request.routeOptions.url ?? '');
      context.ports.surroundings.denied(person, { action: access, code: result.code });
    }
    return sendRefusal(context, reply, result);
  };
}

export const notFound = (what: string): Refusal => refuse('CONTROL_NOT_FOUND', `There is no ${what} of that name or id.`);
