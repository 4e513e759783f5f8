// What happened in a month in numbers, each with the question that opens its events.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { isRefusal } from '#core';
import { type Context, forPerson, parseInput } from '../respond.ts';

const monthQuery = z.strictObject({
  month: z.string().regex(/^20\d\d-(0[1-9]|1[0-2])$/, 'is a month such as 2026-11'),
});

/** A month of UTC, as the times of events are written. */
export function monthWindow(month: string): { readonly fromMs: number; readonly toMs: number } {
  const [year = 0, nth = 0] = month.split('-').map(Number);
  return { fromMs: Date.UTC(year, nth - 1, 1), toMs: Date.UTC(year, nth, 1) };
}

export function reportRoutes(app: FastifyInstance, context: Context): void {
  app.get(
    '/api/report/business',
    forPerson(context, async (person, request) => {
      const query = parseInput(monthQuery, request.query);
      if (isRefusal(query)) return query;
      return { month: query.month, ...(await context.ports.events.business(person, monthWindow(query.month))) };
    }),
  );
}
