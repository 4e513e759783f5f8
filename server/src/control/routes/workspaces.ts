// Workspaces: the roll-up of each, and what belongs to it.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  type DepartmentRules,
  EFFECTS,
  isPublicName,
  isRefusal,
  LIMIT_WINDOWS,
  LIMITED,
  limitsFrom,
  MAX_LIMITS,
  MAX_NAMED,
  PII_CLASSES,
  type Refusal,
  refuse,
  rulesFrom,
} from '#core';
import { type Context, forPerson, parseInput } from '../respond.ts';

/** As many as one request moves. */
const MAX_MEMBERS = 1_000;
const workspaceBody = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'use lower case letters, digits and hyphens')
    .refine(isPublicName, 'is a number; a name stands in the log, use a letter'),
});
const membersBody = z.strictObject({
  members: z
    .array(
      z.strictObject({
        kind: z.enum(['workflow', 'integration', 'workload']),
        name: z
          .string()
          .regex(
            /^[a-z0-9][a-z0-9._-]{0,63}$|^wkl_[0-9a-f-]{36}$/,
            'is not the name of a workflow or integration, or the id of a workload',
          ),
      }),
    )
    .min(1)
    .max(MAX_MEMBERS),
});

const names = z.array(z.string().min(1).max(128)).max(MAX_NAMED).nullable().default(null);
const rulesBody = z.strictObject({
  integrations: names,
  models: names,
  effects: z.array(z.enum(EFFECTS)).max(EFFECTS.length).nullable().default(null),
  dataClasses: z.array(z.enum(PII_CLASSES)).max(PII_CLASSES.length).nullable().default(null),
});
const budgetBody = z.strictObject({
  limits: z
    .array(
      z.strictObject({
        what: z.enum(LIMITED),
        per: z.enum(LIMIT_WINDOWS),
        most: z.string().min(1).max(24),
        currency: z.string().length(3).optional(),
      }),
    )
    .max(MAX_LIMITS),
});

const invalid = (field: string, message: string): Refusal => refuse('CONTROL_REQUEST_INVALID', `Field ${field}: ${message}.`, { field });

function rulesOf(body: unknown): DepartmentRules | Refusal {
  const parsed = parseInput(rulesBody, body);
  if (isRefusal(parsed)) return parsed;
  return rulesFrom(parsed) ?? invalid('rules', 'names something that can not be the name of an integration or model');
}

export function workspaceRoutes(app: FastifyInstance, context: Context): void {
  const { workspaces } = context.ports;
  const nameOf = (request: FastifyRequest): string => (request.params as { name: string }).name;
  app.get(
    '/api/workspaces',
    forPerson(context, (person) => workspaces.list(person)),
  );
  app.post(
    '/api/workspaces',
    forPerson(context, async (person, request) => {
      const body = parseInput(workspaceBody, request.body);
      if (isRefusal(body)) return body;
      return (await workspaces.create(person, body.name)) ?? { name: body.name };
    }),
  );
  app.delete(
    '/api/workspaces/:name',
    forPerson(context, async (person, request) => (await workspaces.remove(person, nameOf(request))) ?? { removed: true }),
  );
  app.put(
    '/api/workspaces/:name/members',
    forPerson(context, async (person, request) => {
      const body = parseInput(membersBody, request.body);
      return isRefusal(body) ? body : workspaces.move(person, nameOf(request), body.members);
    }),
  );
  app.put(
    '/api/workspaces/:name/rules',
    forPerson(context, async (person, request) => {
      const rules = rulesOf(request.body);
      return isRefusal(rules) ? rules : workspaces.rule(person, nameOf(request), rules);
    }),
  );
  app.post(
    '/api/workspaces/:name/rules/preview',
    forPerson(context, async (person, request) => {
      const rules = rulesOf(request.body);
      return isRefusal(rules) ? rules : workspaces.preview(person, nameOf(request), rules);
    }),
  );
  app.put(
    '/api/workspaces/:name/budget',
    forPerson(context, async (person, request) => {
      const body = parseInput(budgetBody, request.body);
      if (isRefusal(body)) return body;
      const limits = limitsFrom(body.limits);
      if (limits === null)
        return invalid(
          'limits',
          'calls, tokens and effects have a number, model_cost and money an amount with its currency, each window once',
        );
      return workspaces.limit(person, nameOf(request), limits);
    }),
  );
  // Whichever they are in: a thing belongs to one workspace at most.
  app.delete(
    '/api/workspaces/:name/members',
    forPerson(context, async (person, request) => {
      const body = parseInput(membersBody, request.body);
      return isRefusal(body) ? body : workspaces.move(person, null, body.members);
    }),
  );
}
