// Runs: the list, one run with its phases and calls, and the content of its steps, which only a run of our own has.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type ActedOn, isPublicName, isRefusal, WHOLE_TENANT } from '#core';
import { RUN_STATES, type RunView } from '../ports/runs.ts';
import { type Context, forPerson, notFound, parseInput, seesBy } from '../respond.ts';
import { visiblePage } from '../visible-page.ts';

const HOUR_MS = 60 * 60 * 1000;
/** Of one page. */
const MAX_ROWS = 200;
const WINDOWS = { '1h': HOUR_MS, '24h': 24 * HOUR_MS, '7d': 7 * 24 * HOUR_MS } as const;
const runsQuery = z.strictObject({
  kind: z.enum(['workflow', 'outside']).optional(),
  workflow: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/)
    .optional(),
  state: z.enum(RUN_STATES).optional(),
  since: z.enum(['1h', '24h', '7d']).optional(),
  before: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
  limit: z.coerce.number().int().min(1).max(MAX_ROWS).default(50),
});
const contentQuery = z.strictObject({
  for: z
    .string()
    .regex(/^(?:[a-z]{2,20}:)?[A-Za-z0-9][A-Za-z0-9._#/-]{0,99}$/, 'is a ticket, case or order, such as ticket:4711')
    .refine(isPublicName, 'needs its kind in front, such as ticket:')
    .optional(),
});
/** A caller elsewhere names its runs itself; it is bounded when it binds them. */
const runId = z.string().min(1).max(200);

/** A run of a caller elsewhere belongs to no workflow: only who sees all runs sees it. */
const inWorkflow = (workflow: string | null): ActedOn => (workflow === null ? WHOLE_TENANT : { workflow });

export function runRoutes(app: FastifyInstance, context: Context): void {
  const { runs, clock } = context.ports;
  const idOf = (params: unknown): string => runId.safeParse((params as { id: string }).id).data ?? '';
  app.get(
    '/api/runs',
    forPerson(context, async (person, request) => {
      const query = parseInput(runsQuery, request.query);
      if (isRefusal(query)) return query;
      const sees = seesBy(context, person, request);
      const filter = {
        kind: query.kind ?? null,
        workflow: query.workflow ?? null,
        state: query.state ?? null,
        sinceMs: query.since === undefined ? null : clock.now() - WINDOWS[query.since],
      };
      const before = query.before ?? null;
      if (sees(WHOLE_TENANT)) return runs.list(person.tenant, { ...filter, before, limit: query.limit });
      const page = await visiblePage<RunView, number>({
        ...{ before, limit: query.limit, cursorAt: ({ seq }) => seq },
        sees: ({ workflow }) => sees(inWorkflow(workflow)),
        fetch: async (from: number | null) => {
          const { runs: rows, next } = await runs.list(person.tenant, { ...filter, before: from, limit: MAX_ROWS });
          return { rows, next };
        },
      });
      return { runs: page.rows, next: page.next };
    }),
  );
  app.get(
    '/api/runs/:id',
    forPerson(context, async (person, request) => {
      const details = await runs.show(person.tenant, idOf(request.params));
      if (isRefusal(details)) return details;
      if (!seesBy(context, person, request)(inWorkflow(details.workflow))) return notFound('run');
      const sentence = (code: string | null): string | null => (code === null ? null : (context.codes[code]?.sentence ?? null));
      return { ...details, phases: details.phases.map((phase) => ({ ...phase, codeSentence: sentence(phase.code) })) };
    }),
  );
  app.get(
    '/api/runs/:id/content',
    forPerson(context, async (person, request) => {
      const sees = seesBy(context, person, request);
      if (!sees(WHOLE_TENANT)) {
        const shown = await runs.show(person.tenant, idOf(request.params));
        if (isRefusal(shown) || !sees(inWorkflow(shown.workflow))) return notFound('run');
      }
      const query = parseInput(contentQuery, request.query);
      if (isRefusal(query)) return query;
      const contents = await runs.content(person, idOf(request.params), query.for ?? null);
      return isRefusal(contents) ? contents : { contents };
    }),
  );
}
