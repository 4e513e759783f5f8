// Patterns of the tenant's own for finding a class of data in texts.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { DATA_CLASS_NAMES, isRefusal } from '#core';
import { MAX_EXAMPLE_CHARS, MAX_PATTERN_CHARS, MAX_PATTERN_EXAMPLES, PATTERN_NAME } from '#dlp';
import { type Context, forPerson, notFound, parseInput } from '../respond.ts';

/** A page of text: more is for `sallyport scan pii`. */
const MAX_TRIED_CHARS = 20_000;
const dataClass = z.enum(DATA_CLASS_NAMES as unknown as readonly [(typeof DATA_CLASS_NAMES)[number], ...typeof DATA_CLASS_NAMES]);
const pattern = z.string().min(1).max(MAX_PATTERN_CHARS);
const examples = z.array(z.string().min(1).max(MAX_EXAMPLE_CHARS)).max(MAX_PATTERN_EXAMPLES);
const body = z.strictObject({ class: dataClass, pattern, matches: examples.min(1), differs: examples.default([]) });
const tryBody = z.strictObject({ class: dataClass.default('customer_number'), pattern, text: z.string().max(MAX_TRIED_CHARS) });

export function dataPatternRoutes(app: FastifyInstance, context: Context): void {
  const { dataPatterns } = context.ports;
  app.get(
    '/api/data/patterns',
    forPerson(context, async (person) => dataPatterns.list(person.tenant)),
  );
  app.put(
    '/api/data/patterns/:name',
    forPerson(context, async (person, request) => {
      const { name } = request.params as { name: string };
      if (!PATTERN_NAME.test(name)) return notFound('pattern');
      const asked = parseInput(body, request.body);
      return isRefusal(asked) ? asked : dataPatterns.put(person, { name, ...asked });
    }),
  );
  app.delete(
    '/api/data/patterns/:name',
    forPerson(context, async (person, request) => {
      const { name } = request.params as { name: string };
      const removed = PATTERN_NAME.test(name) ? await dataPatterns.remove(person, name) : notFound('pattern');
      return removed ?? { removed: name };
    }),
  );
  app.post(
    '/api/data/patterns/try',
    forPerson(context, async (_person, request) => {
      const asked = parseInput(tryBody, request.body);
      return isRefusal(asked) ? asked : dataPatterns.try(asked);
    }),
  );
}
