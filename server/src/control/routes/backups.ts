// Backups: listed by everybody, started and deleted by owners; and the yes of two people to going on from a restored database.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { isRefusal, type PersonPrincipal, parseId } from '#core';
import type { BackupAction } from '../ports/backups.ts';
import { type Context, forPerson, notFound, parseInput } from '../respond.ts';
import { assertion } from './sign-in.ts';

/** A check may take minutes: a program asks with `wait=no` and looks at the list. */
const waitQuery = z.strictObject({ wait: z.enum(['yes', 'no']).default('yes') });

const confirmBody = z.strictObject({ assertion: assertion.optional() });

export function backupRoutes(app: FastifyInstance, context: Context): void {
  const { backups, restore } = context.ports;

  const act = async (person: PersonPrincipal, request: FastifyRequest, action: BackupAction): Promise<unknown> => {
    const query = parseInput(waitQuery, request.query);
    if (isRefusal(query)) return query;
    const named = (request.params as { id?: string }).id ?? null;
    const id = named === null || named === 'newest' ? null : parseId('bak', named);
    if (id === null && named !== null && named !== 'newest') return notFound('backup');
    const begun = await backups.begin(person, action, id);
    if (isRefusal(begun) || action === 'create' || query.wait === 'no') return begun;
    await backups.settled();
    const { last } = await backups.list();
    return { id: begun.id, ok: last?.ok === true, code: last?.code ?? null };
  };

  app.get(
    '/api/backups',
    forPerson(context, () => backups.list()),
  );
  app.post(
    '/api/backups',
    forPerson(context, (person, request) => act(person, request, 'create')),
  );
  for (const action of ['verify', 'drill'] as const) {
    app.post(
      `/api/backups/:id/${action}`,
      forPerson(context, (person, request) => act(person, request, action)),
    );
  }
  app.delete(
    '/api/backups/:id',
    forPerson(context, (person, request) => act(person, request, 'delete')),
  );
  app.get(
    '/api/restore',
    forPerson(context, (person) => restore.show(person)),
  );
  app.post(
    '/api/restore/confirm',
    forPerson(context, async (person, request) => {
      const body = parseInput(confirmBody, request.body ?? {});
      return isRefusal(body) ? body : restore.confirm(person, body.assertion);
    }),
  );
  app.post(
    '/api/restore/confirm/options',
    forPerson(context, (person) => restore.signOptions(person)),
  );
}
