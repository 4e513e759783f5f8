// Who may see which class of data: the matrix, its cells, and how often each decided.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { HANDLINGS, isDataClass, isRefusal, UNSURE_HANDLINGS } from '#core';
import { type Context, forPerson, notFound, parseInput } from '../respond.ts';

const MODES = ['monitor', 'enforce', 'asked'] as const;
const DESTINATION = /^(?:model|tool|customer|web|integration:[a-z0-9][a-z0-9-]{0,62})$/;
const ruleBody = z.strictObject({ handling: z.enum(HANDLINGS), mode: z.enum(MODES).default('enforce') });
const resetQuery = z.strictObject({ mode: z.enum(MODES).default('enforce') });
const unsureBody = z.strictObject({ unsure: z.enum(UNSURE_HANDLINGS) });
const hitsQuery = z.strictObject({ days: z.coerce.number().int().min(1).max(90).default(30) });

export function dataMatrixRoutes(app: FastifyInstance, context: Context): void {
  const { dataMatrix } = context.ports;
  app.get(
    '/api/data/matrix',
    forPerson(context, async (person) => dataMatrix.show(person.tenant)),
  );
  app.get(
    '/api/data/hits',
    forPerson(context, async (person, request) => {
      const query = parseInput(hitsQuery, request.query);
      return isRefusal(query) ? query : { days: query.days, hits: await dataMatrix.hits(person.tenant, query.days) };
    }),
  );
  app.put(
    '/api/data/matrix/:destination/:class',
    forPerson(context, async (person, request) => {
      const { destination, class: name } = request.params as { destination: string; class: string };
      if (!DESTINATION.test(destination)) return notFound('destination');
      if (!isDataClass(name)) return notFound('class of data');
      const body = parseInput(ruleBody, request.body);
      return isRefusal(body) ? body : dataMatrix.set(person, { destination, class: name, ...body });
    }),
  );
  app.delete(
    '/api/data/matrix/:destination/:class',
    forPerson(context, async (person, request) => {
      const { destination, class: name } = request.params as { destination: string; class: string };
      if (!DESTINATION.test(destination)) return notFound('destination');
      if (!isDataClass(name)) return notFound('class of data');
      const query = parseInput(resetQuery, request.query);
      return isRefusal(query) ? query : dataMatrix.reset(person, { destination, class: name, mode: query.mode });
    }),
  );
  app.put(
    '/api/data/unsure/:class',
    forPerson(context, async (person, request) => {
      const { class: name } = request.params as { class: string };
      if (!isDataClass(name)) return notFound('class of data');
      const body = parseInput(unsureBody, request.body);
      return isRefusal(body) ? body : dataMatrix.setUnsure(person, name, body.unsure);
    }),
  );
  app.delete(
    '/api/data/unsure/:class',
    forPerson(context, async (person, request) => {
      const { class: name } = request.params as { class: string };
      return isDataClass(name) ? dataMatrix.setUnsure(person, name, null) : notFound('class of data');
    }),
  );
}
