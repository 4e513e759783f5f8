// What a session's own browser adds to each request, and what somebody with a recovery code alone may not do yet.

import type { FastifyRequest } from 'fastify';
import { type PersonPrincipal, type Refusal, refuse } from '#core';
import type { SignInPorts } from './ports/sign-in.ts';
import type { Route } from './route-actions.ts';

/** A signature of this request by the key of the browser; see docs/sign-in.md. */
export const PROOF_HEADER = 'x-sallyport-proof';
/** Asked by the page itself while nobody touches it: it keeps no session open. */
const BACKGROUND_HEADER = 'x-sallyport-background';

/** Null when the request is by the browser its session belongs to. */
export function proofOf(ports: Pick<SignInPorts, 'signIn'>, request: FastifyRequest, person: PersonPrincipal): Refusal | null {
  const proof = request.headers[PROOF_HEADER];
  const presented = { proof: typeof proof === 'string' ? proof : null, method: request.method, target: request.url };
  return ports.signIn.prove(person, presented);
}

/** What makes a passkey, or uses one that was found again, and what a page needs for it. */
const ENROLS: ReadonlySet<string> = new Set<Route>([
  'GET /api/session',
  'DELETE /api/session',
  'GET /api/passkeys',
  'POST /api/passkeys/options',
  'POST /api/passkeys',
  'POST /api/step-up/options',
  'POST /api/step-up',
]);

/** Whoever came in with a recovery code makes a passkey first, and nothing else. */
export function enrolFirst({ proof }: PersonPrincipal, route: string): Refusal | null {
  if (proof.method !== 'recovery' || ENROLS.has(route)) return null;
  return refuse('CONTROL_ENROLMENT_REQUIRED', 'You came in with a recovery code: make a passkey, then go on.');
}

/** These take a signature over exactly what they do from whoever has a passkey, so that the use of one before is not asked for as well. */
const SIGNED: ReadonlySet<string> = new Set(['POST /api/approvals/:id/approve']);

/** The person as they stand once such a route has checked the signature it asks for. */
export function asSigned(ports: Pick<SignInPorts, 'signIn'>, person: PersonPrincipal, route: string, nowMs: number): PersonPrincipal {
  if (!SIGNED.has(route) || !ports.signIn.hasPasskey(person)) return person;
  return { ...person, proof: { ...person.proof, passkeyAtMs: nowMs } };
}

export function touch(ports: Pick<SignInPorts, 'signIn'>, request: FastifyRequest, person: PersonPrincipal): void {
  if (request.headers[BACKGROUND_HEADER] === undefined) ports.signIn.touch(person);
}
