// Roles, grants and groups, and the questions about them: what somebody holds, why, what would conflict, what a change would do.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type ActedOn, type Action, isAction, isRefusal, PII_CLASSES, parseId, type Refusal } from '#core';
import type { NewGrantInput } from '../ports/access-grants.ts';
import { type Context, forPerson, notFound, parseInput } from '../respond.ts';

const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'is a name of letters, digits, dots, hyphens and underscores');
const role = z.string().regex(/^(?:custom:)?[a-z][a-z0-9_]{0,39}$/, 'is the name of a role');
const subject = z.string().regex(/^(?:per|grp)_[0-9a-f-]{36}$/, 'is the id of a person or a group');
const hour = z.number().int().min(0).max(24);
const moment = z.iso
  .datetime({ offset: true, error: 'is a moment as RFC 3339, e.g. 2026-11-01T00:00:00Z' })
  .transform((text) => Date.parse(text));
const grantShape = {
  subject,
  role,
  scope: z
    .strictObject({
      workspace: name.optional(),
      workflow: name.optional(),
      integration: name.optional(),
      dataClass: z.enum(PII_CLASSES).optional(),
    })
    .optional(),
  condition: z
    .strictObject({
      hours: z.strictObject({ from: hour, to: hour }).optional(),
      network: z.literal('inside').optional(),
      passkey: z.literal('fresh').optional(),
      device: z.literal('managed').optional(),
    })
    .nullable()
    .optional(),
  expiresAt: moment.nullable().optional(),
  /** From now, in place of `expiresAt`. */
  expiresInMs: z
    .number()
    .int()
    .min(60_000)
    .max(400 * 24 * 60 * 60_000)
    .optional(),
};
const grantBody = z.strictObject({ ...grantShape, reason: z.string().trim().min(1).max(500).optional() });
const simulateBody = z.union([z.strictObject({ end: z.string().max(60) }), z.strictObject(grantShape)]);
const grantsQuery = z.strictObject({ subject: subject.optional() });
const roleBody = z.strictObject({ meaning: z.string().trim().min(1).max(200), actions: z.array(z.string().max(60)).min(1).max(200) });
const groupBody = z.strictObject({ name: z.string().trim().min(1).max(120) });
const action = z.string().refine(isAction, 'is no action; list them with GET /api/access/roles');
const explainQuery = z.strictObject({
  person: z.string().max(60).optional(),
  action,
  kind: z.enum(['workflow', 'integration', 'workspace', 'person']).optional(),
  name: z.string().max(64).optional(),
});
const effectiveQuery = z.strictObject({
  person: z.string().max(60).optional(),
  action: action.optional(),
  /** `workflow/refunds`, `integration/shop` or `workspace/support`. */
  on: z
    .string()
    .regex(/^(?:workflow|integration|workspace)\/[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'is a kind and a name, e.g. workflow/refunds')
    .optional(),
});

type Parsed = Omit<z.infer<typeof grantBody>, 'reason'> & { readonly reason?: string | undefined };

/** Without the members that were left out, as the ports want them. */
function grantOf(now: number, { expiresAt, expiresInMs, scope, condition, reason, ...rest }: Parsed): NewGrantInput {
  const clean = <T extends object>(value: T): T => Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T;
  return {
    ...rest,
    ...(scope === undefined ? {} : { scope: clean(scope) as NonNullable<NewGrantInput['scope']> }),
    ...(condition === undefined
      ? {}
      : { condition: condition === null ? null : (clean(condition) as NonNullable<NewGrantInput['condition']>) }),
    ...(expiresAt === undefined ? {} : { expiresAtMs: expiresAt }),
    ...(expiresInMs === undefined ? {} : { expiresAtMs: now + expiresInMs }),
    ...(reason === undefined ? {} : { reason }),
  };
}

export function accessGrantRoutes(app: FastifyInstance, context: Context): void {
  const { accessGrants: access } = context.ports;
  const param = (request: FastifyRequest, which: string): string => (request.params as Record<string, string>)[which] ?? '';
  const done = (refused: Refusal | null, answer: object): object => refused ?? answer;

  app.get(
    '/api/access/roles',
    forPerson(context, (person) => access.roles(person.tenant)),
  );
  app.put(
    '/api/access/roles/:name',
    forPerson(context, async (person, request) => {
      const body = parseInput(roleBody, request.body);
      return isRefusal(body) ? body : access.putRole(person, { name: param(request, 'name'), ...body });
    }),
  );
  app.delete(
    '/api/access/roles/:name',
    forPerson(context, async (person, request) => done(await access.removeRole(person, param(request, 'name')), { removed: true })),
  );
  app.get(
    '/api/access/grants',
    forPerson(context, async (person, request) => {
      const query = parseInput(grantsQuery, request.query);
      return isRefusal(query) ? query : { grants: await access.grants(person.tenant, query.subject ?? null) };
    }),
  );
  app.post(
    '/api/access/grants',
    forPerson(context, async (person, request) => {
      const body = parseInput(grantBody, request.body);
      return isRefusal(body)
        ? body
        : access.grant(person, grantOf(context.ports.clock.now(), { ...body, reason: body.reason ?? person.via?.reason ?? undefined }));
    }),
  );
  app.delete(
    '/api/access/grants/:id',
    forPerson(context, async (person, request) => {
      const id = parseId('grt', param(request, 'id'));
      return id === null ? notFound('grant') : done(await access.end(person, id), { ended: true });
    }),
  );
  app.get(
    '/api/access/groups',
    forPerson(context, async (person) => ({ groups: await access.groups(person.tenant) })),
  );
  app.post(
    '/api/access/groups',
    forPerson(context, async (person, request) => {
      const body = parseInput(groupBody, request.body);
      return isRefusal(body) ? body : access.addGroup(person, body.name);
    }),
  );
  app.put(
    '/api/access/groups/:id',
    forPerson(context, async (person, request) => {
      const id = parseId('grp', param(request, 'id'));
      const body = parseInput(groupBody, request.body);
      if (isRefusal(body)) return body;
      return id === null ? notFound('group') : access.renameGroup(person, id, body.name);
    }),
  );
  app.delete(
    '/api/access/groups/:id',
    forPerson(context, async (person, request) => {
      const id = parseId('grp', param(request, 'id'));
      return id === null ? notFound('group') : done(await access.removeGroup(person, id), { removed: true });
    }),
  );
  for (const [method, change, answer] of [
    ['put', 'join', { added: true }],
    ['delete', 'leave', { removed: true }],
  ] as const) {
    app[method](
      '/api/access/groups/:id/members/:person',
      forPerson(context, async (person, request) => {
        const [group, member] = [parseId('grp', param(request, 'id')), parseId('per', param(request, 'person'))];
        if (group === null || member === null) return notFound('group or person');
        return done(await access[change](person, group, member), answer);
      }),
    );
  }
  app.get(
    '/api/access/conflicts',
    forPerson(context, (person) => access.conflicts(person.tenant)),
  );
  app.post(
    '/api/access/simulate',
    forPerson(context, async (person, request) => {
      const body = parseInput(simulateBody, request.body);
      if (isRefusal(body)) return body;
      if (!('end' in body)) return access.simulate(person.tenant, grantOf(context.ports.clock.now(), body));
      const id = parseId('grt', body.end);
      return id === null ? notFound('grant') : access.simulate(person.tenant, { end: id });
    }),
  );
  app.get(
    '/api/access/effective',
    forPerson(context, async (asker, request) => {
      const query = parseInput(effectiveQuery, request.query);
      if (isRefusal(query)) return query;
      const who = query.person === undefined ? asker.person : parseId('per', query.person);
      const hidden = who === asker.person ? null : context.ports.authorize(asker, 'access.view', {});
      if (hidden !== null) return hidden;
      const held = who === null ? null : await access.effective(asker.tenant, who);
      if (held === null || who === null) return notFound('person');
      if (query.action === undefined) return held;
      const [kind = '', thing = ''] = (query.on ?? '').split('/');
      return {
        ...held,
        explanation: await access.explain(asker, who === asker.person ? null : who, query.action as Action, onOf(kind, thing)),
      };
    }),
  );
  app.get(
    '/api/access/explain',
    forPerson(context, async (asker, request) => {
      const query = parseInput(explainQuery, request.query);
      if (isRefusal(query)) return query;
      const who = query.person === undefined ? null : parseId('per', query.person);
      if (query.person !== undefined && who === null) return notFound('person');
      const isOther = who !== null && who !== asker.person;
      const hidden = isOther ? context.ports.authorize(asker, 'access.view', {}) : null;
      if (hidden !== null) return hidden;
      const explained = await access.explain(asker, isOther ? who : null, query.action as Action, onOf(query.kind ?? '', query.name ?? ''));
      return explained ?? notFound('person');
    }),
  );
}

function onOf(kind: string, thing: string): ActedOn {
  if (thing === '') return {};
  if (kind === 'workflow') return { workflow: thing };
  if (kind === 'integration') return { integration: thing };
  return kind === 'workspace' ? { workspaces: [thing] } : {};
}
