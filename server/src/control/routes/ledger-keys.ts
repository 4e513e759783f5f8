// The keys that sign the ledger: who may see the chain, and who may let another key follow.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { isRefusal } from '#core';
import { type Context, forPerson, parseInput } from '../respond.ts';

const rotateBody = z.strictObject({ finish: z.boolean().default(false) });

export function ledgerKeyRoutes(app: FastifyInstance, context: Context): void {
  const { ledgerKeys } = context.ports;
  app.get(
    '/api/ledger/keys',
    forPerson(context, () => ledgerKeys.show()),
  );
  app.post(
    '/api/ledger/rotate-key',
    forPerson(context, async (person, request) => {
      const body = parseInput(rotateBody, request.body ?? {});
      if (isRefusal(body)) return body;
      return body.finish ? ledgerKeys.finish(person) : ledgerKeys.rotate(person);
    }),
  );
}
