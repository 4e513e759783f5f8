// What happened to calls, told from the ledger: the overview, the list of calls and one call with its events.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { isRefusal, parseId, WHOLE_TENANT } from '#core';
import { CALL_OUTCOMES, type CallView } from '../ports.ts';
import { type Context, forPerson, notFound, parseInput, seesBy } from '../respond.ts';
import { visiblePage } from '../visible-page.ts';

const HOUR_MS = 60 * 60 * 1000;
/** Of one page. */
const MAX_ROWS = 200;
const WINDOWS = { '1h': HOUR_MS, '24h': 24 * HOUR_MS, '7d': 7 * 24 * HOUR_MS } as const;
const callsQuery = z.strictObject({
  outcome: z.enum(CALL_OUTCOMES).optional(),
  integration: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/)
    .optional(),
  tier: z.enum(['plain', 'bound', 'native']).optional(),
  tokenised: z.enum(['yes', 'no']).optional(),
  since: z.enum(['1h', '24h', '7d']).optional(),
  effect: z.enum(['model', 'read', 'fetch', 'write', 'delete', 'send', 'money', 'admin']).optional(),
  code: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]{2,80}$/)
    .optional(),
  run: z.string().min(1).max(200).optional(),
  workload: z.string().min(1).max(100).optional(),
  before: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
  limit: z.coerce.number().int().min(1).max(MAX_ROWS).default(50),
});

export function overviewRoutes(app: FastifyInstance, context: Context): void {
  const { calls, overview, clock } = context.ports;
  app.get(
    '/api/overview',
    forPerson(context, (person) => overview(person.tenant)),
  );
  app.get(
    '/api/calls',
    forPerson(context, async (person, request) => {
      const query = parseInput(callsQuery, request.query);
      if (isRefusal(query)) return query;
      const filter = {
        outcome: query.outcome ?? null,
        integration: query.integration ?? null,
        tier: query.tier ?? null,
        tokenised: query.tokenised === undefined ? null : query.tokenised === 'yes',
        effect: query.effect ?? null,
        code: query.code ?? null,
        run: query.run ?? null,
        workload: query.workload ?? null,
        sinceMs: query.since === undefined ? null : clock.now() - WINDOWS[query.since],
      };
      const sees = seesBy(context, person, request);
      const fetch = async (before: number | null, limit: number) => {
        const rows = await calls.list(person.tenant, { ...filter, before, limit });
        return { rows, next: rows.length < limit ? null : (rows.at(-1)?.seq ?? null) };
      };
      const before = query.before ?? null;
      const page = sees(WHOLE_TENANT)
        ? await fetch(before, query.limit)
        : await visiblePage<CallView, number>({
            ...{ before, limit: query.limit, cursorAt: ({ seq }) => seq },
            fetch: (from) => fetch(from, MAX_ROWS),
            sees: (call) => sees(calls.place(person.tenant, call)),
          });
      return { calls: page.rows, next: page.next };
    }),
  );
  app.get(
    '/api/calls/:id',
    forPerson(context, async (person, request) => {
      const id = parseId('call', (request.params as { id: string }).id);
      const trace = id === null ? null : await calls.show(person.tenant, id);
      if (trace === null || !seesBy(context, person, request)(calls.place(person.tenant, trace))) return notFound('call');
      const known = trace.code === null ? undefined : context.codes[trace.code];
      return { ...trace, codeSentence: known?.sentence ?? null };
    }),
  );
}
