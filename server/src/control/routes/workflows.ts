// Workflows: versions and their life, runs and what became of their steps. Approving and publishing name the hash that was looked at.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { isRefusal, type JsonObject, parseId } from '#core';
import { type Context, forPerson, notFound, parseInput, seesBy } from '../respond.ts';
import { assertion } from './sign-in.ts';

const nameText = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/);
const hashText = z.string().regex(/^[0-9a-f]{64}$/, 'use the hash of a version');
const importBody = z.strictObject({ files: z.record(z.string().max(200), z.string().max(100_000)) });
const versionBody = z.strictObject({ hash: hashText });
const showQuery = z.strictObject({ hash: hashText.optional(), against: hashText.optional() });
const runBody = z.strictObject({
  input: z.record(z.string().max(64), z.union([z.string().max(10_000), z.number(), z.boolean()])).default({}),
});
const approveBody = z.strictObject({ hash: hashText, assertion: assertion.optional() });
const CHANGES = ['publish', 'retire'] as const;

export function workflowRoutes(app: FastifyInstance, context: Context): void {
  const { workflows } = context.ports;
  const nameOf = (params: unknown): string | null => nameText.safeParse((params as { name: string }).name).data ?? null;
  app.get(
    '/api/workflows',
    forPerson(context, async (person, request) => {
      const sees = seesBy(context, person, request);
      const isSeen = ({ name }: { readonly name: string }): boolean => sees({ workflow: name });
      return {
        workflows: (await workflows.list(person.tenant)).filter(isSeen),
        summaries: await workflows.summaries(person.tenant, isSeen),
      };
    }),
  );
  app.post(
    '/api/workflows',
    forPerson(context, async (person, request) => {
      const body = parseInput(importBody, request.body);
      return isRefusal(body) ? body : workflows.importBundle(person, body.files);
    }),
  );
  app.get(
    '/api/workflows/:name',
    forPerson(context, async (person, request) => {
      const name = nameOf(request.params);
      const query = parseInput(showQuery, request.query);
      if (isRefusal(query)) return query;
      const version = { hash: query.hash ?? null, against: query.against ?? null };
      return name === null ? notFound('workflow') : workflows.show(person, name, version);
    }),
  );
  app.get(
    '/api/workflows/:name/trail',
    forPerson(context, async (person, request) => {
      const name = nameOf(request.params);
      return name === null ? notFound('workflow') : workflows.trail(person.tenant, name);
    }),
  );
  app.post(
    '/api/workflows/:name/approve',
    forPerson(context, async (person, request) => {
      const name = nameOf(request.params);
      const body = parseInput(approveBody, request.body);
      if (isRefusal(body)) return body;
      return name === null ? notFound('workflow') : workflows.approve(person, name, body.hash, body.assertion);
    }),
  );
  app.post(
    '/api/workflows/:name/approve/options',
    forPerson(context, async (person, request) => {
      const name = nameOf(request.params);
      const body = parseInput(versionBody, request.body);
      if (isRefusal(body)) return body;
      return name === null ? notFound('workflow') : workflows.signOptions(person, name, body.hash);
    }),
  );
  for (const change of CHANGES) {
    app.post(
      `/api/workflows/:name/${change}`,
      forPerson(context, async (person, request) => {
        const name = nameOf(request.params);
        const body = parseInput(versionBody, request.body);
        if (isRefusal(body)) return body;
        return name === null ? notFound('workflow') : workflows[change](person, name, body.hash);
      }),
    );
  }
  for (const [path, paused] of [
    ['pause', true],
    ['resume', false],
  ] as const) {
    app.post(
      `/api/workflows/:name/${path}`,
      forPerson(context, async (person, request) => {
        const name = nameOf(request.params);
        return name === null ? notFound('workflow') : workflows.setPaused(person, name, paused);
      }),
    );
  }
  app.post(
    '/api/workflows/:name/runs',
    forPerson(context, async (person, request) => {
      const name = nameOf(request.params);
      const body = parseInput(runBody, request.body);
      if (isRefusal(body)) return body;
      return name === null ? notFound('workflow') : workflows.run(person, name, body.input as JsonObject);
    }),
  );
  app.get(
    '/api/workflow-runs',
    forPerson(context, async (person, request) => {
      const sees = seesBy(context, person, request);
      return { runs: (await workflows.runs(person.tenant)).filter(({ workflow }) => sees({ workflow })) };
    }),
  );
  app.get(
    '/api/workflow-runs/:id',
    forPerson(context, async (person, request) => {
      const id = parseId('run', (request.params as { id: string }).id);
      const run = id === null ? notFound('run') : await workflows.showRun(person.tenant, id);
      return isRefusal(run) || seesBy(context, person, request)({ workflow: run.workflow }) ? run : notFound('run');
    }),
  );
}
