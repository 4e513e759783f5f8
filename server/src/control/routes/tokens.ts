// Tokens of values: made for a declared purpose, opened for a reason by whoever it was declared for. A value is in no address and no log.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { DATA_CLASS_NAMES, isRefusal, ROLES } from '#core';
import { MAX_TOKEN_CHARS, MAX_TOKENS_MADE, MAX_TOKENS_OPENED, PURPOSE_NAME } from '#vault';
import { type Context, forPerson, notFound, parseInput } from '../respond.ts';

const dataClass = z.enum(DATA_CLASS_NAMES as unknown as readonly [(typeof DATA_CLASS_NAMES)[number], ...typeof DATA_CLASS_NAMES]);
const purpose = z.string().regex(PURPOSE_NAME, 'is the name of a purpose');
const opener = z
  .string()
  .refine(
    (who) =>
      /^per_[0-9a-f-]{36}$/.test(who) || (who.startsWith('role:') && (ROLES as readonly string[]).includes(who.slice('role:'.length))),
    'is a person’s id, or role: and a role',
  );
const declareBody = z.strictObject({
  classes: z.array(dataClass).min(1).max(DATA_CLASS_NAMES.length),
  openers: z.array(opener).max(50),
  keepDays: z.number().int().min(1).max(36_500),
});
const makeBody = z.strictObject({
  purpose,
  values: z
    .array(
      z.strictObject({
        class: dataClass,
        value: z.string().min(1).max(4_096),
        subject: z.string().trim().min(1).max(200).nullable().default(null),
        format: z.boolean().default(false),
      }),
    )
    .min(1)
    .max(MAX_TOKENS_MADE),
});
const openBody = z.strictObject({
  purpose,
  tokens: z.array(z.string().min(1).max(MAX_TOKEN_CHARS)).min(1).max(MAX_TOKENS_OPENED),
  reason: z.string().trim().min(5, 'says why, in a few words').max(500),
});

export function tokenRoutes(app: FastifyInstance, context: Context): void {
  const { tokens } = context.ports;
  app.get(
    '/api/tokens/purposes',
    forPerson(context, async (person) => ({ purposes: await tokens.purposes(person.tenant) })),
  );
  app.put(
    '/api/tokens/purposes/:name',
    forPerson(context, async (person, request) => {
      const { name } = request.params as { name: string };
      if (!PURPOSE_NAME.test(name)) return notFound('purpose');
      const body = parseInput(declareBody, request.body);
      if (isRefusal(body)) return body;
      const unique = <Value>(values: readonly Value[]): readonly Value[] => [...new Set(values)];
      return tokens.declare(person, { name, classes: unique(body.classes), openers: unique(body.openers), keepDays: body.keepDays });
    }),
  );
  app.delete(
    '/api/tokens/purposes/:name',
    forPerson(context, async (person, request) => {
      const ended = await tokens.end(person, (request.params as { name: string }).name);
      return isRefusal(ended) ? ended : { ended: true, tokens: ended };
    }),
  );
  app.post(
    '/api/tokens',
    forPerson(context, async (person, request) => {
      const body = parseInput(makeBody, request.body);
      if (isRefusal(body)) return body;
      const values = body.values.map((one) => ({ dataClass: one.class, value: one.value, subject: one.subject, hasForm: one.format }));
      const made = await tokens.make(person, { purpose: body.purpose, values });
      return isRefusal(made) ? made : { purpose: body.purpose, tokens: made };
    }),
  );
  app.post(
    '/api/tokens/open',
    forPerson(context, async (person, request) => {
      const body = parseInput(openBody, request.body);
      if (isRefusal(body)) return body;
      const opened = await tokens.open(person, body);
      return isRefusal(opened) ? opened : { purpose: body.purpose, values: opened };
    }),
  );
}
