// Datasets: imported as a body of bytes, read as pseudonyms, in the clear within an open window; and who opted out of which use.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { DATA_CLASS_NAMES, DATA_OPT_OUTS, DATA_USES, isPublicName, isRefusal, may, OPT_OUT_USES, type Refusal, refuse } from '#core';
import { FILTER_KINDS, MAX_PAGE, MAX_RAW_MINUTES } from '#governance';
import type { DatasetImport } from '../ports/datasets.ts';
import { fileOf, passBy } from '../request-bodies.ts';
import { type Context, forPerson, notFound, parseInput } from '../respond.ts';

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
const FORMATS: Readonly<Record<string, 'csv' | 'jsonl'>> = { 'text/csv': 'csv', 'application/x-ndjson': 'jsonl' };
const words = (max: number) => z.string().trim().max(max).default('');
const column = z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/, 'is not the name of a column');
const importQuery = z.strictObject({
  source: words(300),
  licence: words(200),
  purpose: words(300),
  subject: column.optional(),
  /** `column:class`, more than one separated by commas. */
  labels: z
    .string()
    .max(8_000)
    .default('')
    .transform((text) => text.split(',').filter((one) => one !== ''))
    .pipe(z.array(z.string().regex(/^[^:]{1,64}:[a-z_]{1,64}$/, 'is column:class')).max(200)),
});
const flag = z.enum(['true', 'false']).default('false');
const readQuery = z.strictObject({
  columns: z
    .string()
    .max(8_000)
    .transform((text) => text.split(','))
    .pipe(z.array(column).min(1).max(200))
    .optional(),
  after: z.coerce.number().int().min(0).max(10_000_000).default(0),
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(50),
  raw: flag,
  use: z.enum(OPT_OUT_USES).optional(),
  export: flag,
});
const rawBody = z.strictObject({
  reason: z.string().trim().min(5, 'says why, in a few words').max(500),
  minutes: z.number().int().min(1).max(MAX_RAW_MINUTES).default(30),
});
const grantBody = z.strictObject({
  to: z.string().regex(/^(?:per_[0-9a-f-]{36}|role:[a-z_]{1,40})$/, 'is a person’s id, or role: and a role'),
  columns: z.array(column).min(1).max(200).nullable().default(null),
  filter: z
    .strictObject({ column, kind: z.enum(FILTER_KINDS), values: z.array(z.string().max(500)).min(1).max(200) })
    .nullable()
    .default(null),
});
const checkQuery = z.strictObject({
  use: z.enum(OPT_OUT_USES).optional(),
  since: z.iso
    .datetime({ offset: true, error: 'is a moment as RFC 3339' })
    .transform((text) => Date.parse(text))
    .optional(),
});
const optOutBody = z.strictObject({
  customers: z.array(z.string().trim().min(1).max(200)).max(1_000).default([]),
  emails: z.array(z.string().trim().min(3).max(320).includes('@')).max(1_000).default([]),
  uses: z
    .array(z.enum(OPT_OUT_USES))
    .min(1)
    .default([...DATA_OPT_OUTS]),
  source: z.enum(['request', 'gpc', 'limit', 'import']).default('request'),
  out: z.boolean().default(true),
});

/** All but the bytes. */
function importOf(request: FastifyRequest): Omit<DatasetImport, 'bytes'> | Refusal {
  const { name } = request.params as { name: string };
  if (!NAME.test(name) || !isPublicName(name)) return notFound('dataset');
  const query = parseInput(importQuery, request.query);
  if (isRefusal(query)) return query;
  const format = FORMATS[(request.headers['content-type'] ?? '').split(';')[0]?.trim() ?? ''];
  if (format === undefined || request.body === undefined || request.body === null)
    return refuse('CONTROL_REQUEST_INVALID', 'Send text/csv or application/x-ndjson.', { field: 'body' });
  const labels = Object.fromEntries(query.labels.map((one) => one.split(':') as [string, string]));
  const bad = Object.values(labels).find((one) => !(DATA_CLASS_NAMES as readonly string[]).includes(one));
  if (bad !== undefined) return refuse('CONTROL_REQUEST_INVALID', 'A label is no kind of data.', { field: 'labels' });
  const { source, licence, purpose, subject = null } = query;
  return { name, format, source, licence, purpose, subject, labels };
}

export function datasetRoutes(app: FastifyInstance, context: Context): void {
  const { datasets, optOuts } = context.ports;
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    // The body is handed on as it comes: a file of any length is read piece by piece, and bounded where it is read.
    scope.addContentTypeParser(Object.keys(FORMATS), (_request, body, done) => done(null, body));
    scope.post(
      '/api/datasets/:name/import',
      forPerson(context, async (person, request) => {
        const asked = importOf(request);
        const answer = isRefusal(asked) ? asked : await datasets.import(person, { ...asked, bytes: fileOf(request.raw) });
        if (isRefusal(answer)) await passBy(request.raw);
        return answer;
      }),
    );
  });
  app.get(
    '/api/datasets/:name/import',
    forPerson(context, async (person, request) => ({
      imports: await datasets.importing(person.tenant, (request.params as { name: string }).name),
    })),
  );
  app.get(
    '/api/datasets',
    forPerson(context, async (person) => ({ datasets: await datasets.list(person.tenant) })),
  );
  app.get(
    '/api/datasets/:name',
    forPerson(context, async (person, request) => datasets.show(person, (request.params as { name: string }).name)),
  );
  app.delete(
    '/api/datasets/:name',
    forPerson(context, async (person, request) => {
      const removed = await datasets.remove(person, (request.params as { name: string }).name);
      return isRefusal(removed) ? removed : removed ? { removed: true } : notFound('dataset');
    }),
  );
  app.get(
    '/api/datasets/:name/rows',
    forPerson(context, async (person, request) => {
      const query = parseInput(readQuery, request.query);
      if (isRefusal(query)) return query;
      const raw = query.raw === 'true';
      // The window was opened with a fresh passkey; within it the right has to be held still, and is not proven again for each page.
      if (raw && !may(person, 'datasets.raw'))
        return (
          context.ports.authorize(person, 'datasets.raw', {}) ??
          refuse('CONTROL_ROLE_FORBIDDEN', 'Your role does not read datasets in the clear.', { action: 'datasets.raw' })
        );
      const { columns = null, after, limit, use = null } = query;
      const { name } = request.params as { name: string };
      return datasets.read(person, { name, columns, after, limit, raw, use, isExport: query.export === 'true' });
    }),
  );
  app.post(
    '/api/datasets/:name/raw',
    forPerson(context, async (person, request) => {
      const body = parseInput(rawBody, request.body);
      return isRefusal(body) ? body : datasets.openRaw(person, { name: (request.params as { name: string }).name, ...body });
    }),
  );
  app.delete(
    '/api/datasets/:name/raw',
    forPerson(context, async (person, request) => ({ ended: await datasets.endRaw(person, (request.params as { name: string }).name) })),
  );
  app.post(
    '/api/datasets/:name/grants',
    forPerson(context, async (person, request) => {
      const body = parseInput(grantBody, request.body);
      if (isRefusal(body)) return body;
      const { to, columns, filter } = body;
      return datasets.grant(person, (request.params as { name: string }).name, { subject: to, columns, filter });
    }),
  );
  app.delete(
    '/api/datasets/:name/grants/:id',
    forPerson(context, async (person, request) => {
      const { name, id } = request.params as { name: string; id: string };
      return (await datasets.ungrant(person, name, id)) ? { ended: true } : notFound('grant');
    }),
  );
  app.get(
    '/api/opt-outs',
    forPerson(context, async (person) => ({ optOuts: await optOuts.counts(person.tenant) })),
  );
  app.get(
    '/api/opt-outs/check',
    forPerson(context, async ({ tenant }, request) => {
      const asked = parseInput(checkQuery, request.query);
      if (isRefusal(asked)) return asked;
      return optOuts.check(tenant, { uses: asked.use === undefined ? DATA_USES : [asked.use], sinceMs: asked.since ?? null });
    }),
  );
  app.post(
    '/api/opt-outs',
    forPerson(context, async (person, request) => {
      const body = parseInput(optOutBody, request.body);
      if (isRefusal(body)) return body;
      const people = [
        ...body.customers.map((value) => ({ kind: 'customer' as const, value })),
        ...body.emails.map((value) => ({ kind: 'email' as const, value })),
      ];
      if (people.length === 0) return refuse('CONTROL_REQUEST_INVALID', 'Name a customer or an e-mail address.', { field: 'customers' });
      return { changed: await optOuts.set(person, { people, uses: body.uses, source: body.source, out: body.out }) };
    }),
  );
}
