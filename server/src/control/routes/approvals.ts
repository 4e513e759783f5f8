// Stored calls that wait for a person: list, look, decide. Deciding needs the digest of what was shown.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type ActedOn, type ApprovalId, isRefusal, type PersonPrincipal, parseId, WHOLE_TENANT } from '#core';
import type { ApprovalView } from '../ports/approvals.ts';
import { type Context, forPerson, notFound, parseInput, seesBy } from '../respond.ts';
import { assertion } from './sign-in.ts';

const listQuery = z.strictObject({
  state: z.enum(['pending', 'approved', 'executing', 'done', 'failed', 'unknown', 'denied', 'expired']).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(200),
});
const digest = z.string().regex(/^[0-9a-f]{64}$/);
/** What becomes of what is in doubt in a request to a model. */
const send = z.enum(['masked', 'as_is']);
const approveBody = z.strictObject({ digest, assertion: assertion.optional(), send: send.optional() });
const optionsBody = z.strictObject({ digest: digest.optional(), send: send.optional() });
const denyBody = z.strictObject({ reason: z.string().trim().min(1).max(500) });
const cancelBody = z.strictObject({ reason: z.string().trim().min(1).max(500).default('cancelled before its time') });

const sentenceOf = ({ codes }: Context, code: string | null): string | null => (code === null ? null : (codes[code]?.sentence ?? null));

const placeOf = ({ integration, workflow }: ApprovalView): ActedOn => ({ integration, ...(workflow === null ? {} : { workflow }) });

export function approvalRoutes(app: FastifyInstance, context: Context): void {
  const { approvals } = context.ports;
  /** The id in the address, when the person's grants of this route's action cover what it names. */
  const known = async (person: PersonPrincipal, request: FastifyRequest): Promise<ApprovalId | null> => {
    const id = parseId('apr', (request.params as { id: string }).id);
    const sees = seesBy(context, person, request);
    if (id === null || sees(WHOLE_TENANT)) return id;
    const shown = await approvals.show(person, id);
    return shown !== null && sees(placeOf(shown)) ? id : null;
  };
  const withSentence = (view: ApprovalView) => ({ ...view, codeSentence: sentenceOf(context, view.code) });
  app.get(
    '/api/approvals',
    forPerson(context, async (person, request) => {
      const query = parseInput(listQuery, request.query);
      if (isRefusal(query)) return query;
      const sees = seesBy(context, person, request);
      const all = await approvals.list(person, query.state ?? null, query.limit);
      return { approvals: all.filter((one) => sees(placeOf(one))).map(withSentence) };
    }),
  );
  app.get(
    '/api/approvals/:id',
    forPerson(context, async (person, request) => {
      const id = await known(person, request);
      const shown = id === null ? null : await approvals.show(person, id);
      return shown === null ? notFound('approval') : withSentence(shown);
    }),
  );
  app.post(
    '/api/approvals/:id/approve',
    forPerson(context, async (person, request) => {
      const id = await known(person, request);
      const body = parseInput(approveBody, request.body);
      if (isRefusal(body)) return body;
      return id === null ? notFound('approval') : approvals.approve(person, id, body.digest, body);
    }),
  );
  app.post(
    '/api/approvals/:id/words',
    forPerson(context, async (person, request) => {
      const id = await known(person, request);
      return id === null ? notFound('approval') : approvals.words(person, id);
    }),
  );
  app.post(
    '/api/approvals/:id/approve/options',
    forPerson(context, async (person, request) => {
      const id = await known(person, request);
      const body = parseInput(optionsBody, request.body ?? {});
      if (isRefusal(body)) return body;
      return (id === null ? null : await approvals.signOptions(person, id, body)) ?? notFound('approval');
    }),
  );
  app.post(
    '/api/approvals/:id/deny',
    forPerson(context, async (person, request) => {
      const id = await known(person, request);
      const body = parseInput(denyBody, request.body);
      if (isRefusal(body)) return body;
      return id === null ? notFound('approval') : approvals.deny(person, id, body.reason);
    }),
  );
  app.post(
    '/api/approvals/:id/cancel',
    forPerson(context, async (person, request) => {
      const id = await known(person, request);
      const body = parseInput(cancelBody, request.body ?? {});
      if (isRefusal(body)) return body;
      return id === null ? notFound('approval') : approvals.cancel(person, id, body.reason);
    }),
  );
}
