// Erases what is kept of one data subject. There is no way back, so the caller names the subject twice.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { isRefusal, refuse } from '#core';
import { type Context, forPerson, notFound, parseInput } from '../respond.ts';

const subject = z.string().min(1).max(200);
const erasureBody = z.strictObject({ subject, confirm: subject });

export function erasureRoutes(app: FastifyInstance, context: Context): void {
  app.post(
    '/api/erasures',
    forPerson(context, async (owner, request) => {
      const body = parseInput(erasureBody, request.body);
      if (isRefusal(body)) return body;
      if (body.confirm !== body.subject) {
        return refuse('CONTROL_REQUEST_INVALID', 'An erasure can not be undone: `confirm` must repeat the subject.', { field: 'confirm' });
      }
      return (await context.ports.erasures.erase(owner, body.subject)) ?? notFound('subject with anything sealed for it');
    }),
  );
}
