// The tests of a workflow as files beside it, `tests/<name>.yaml`: a ticket that is opened, and exactly what may come of it. They are part
// of the content hash, so whoever approves a version approves what it promises. Shape only; main runs them against the demo shop.

import { parse } from 'yaml';
import { z } from 'zod';
import { type Refusal, refuse } from '#core';
import type { Bundle } from './bundle.ts';
import { API_VERSION } from './definition-schema.ts';

const FILE = /^tests\/[a-z0-9][a-z0-9._-]*\.yaml$/;
const line = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\n]*$/, 'is one line');
const text = z.string().min(1).max(5_000);

const testCase = z.strictObject({
  apiVersion: z.literal(API_VERSION),
  kind: z.literal('WorkflowTest'),
  case: line.describe('What it shows, in one sentence'),
  ticket: z
    .strictObject({ subject: line, body: text })
    .describe('Opened for a customer of its own; `{order}` is an order of theirs, `{foreign}` one of somebody else'),
  input: z
    .record(z.string().regex(/^[a-z][a-z0-9_]{0,63}$/), z.union([z.string().max(1_000), z.number(), z.boolean()]))
    .describe('Inputs of the run; `{ticket}` and `{order}` stand for ids'),
  decide: z.enum(['approve', 'deny']).default('deny').describe('What a person says to whatever waits'),
  expect: z.strictObject({
    state: z.enum(['done', 'stopped', 'refused']),
    effects: z.array(line).max(20).describe('What the shop’s books say in the end, in order: `refund 20.00`, `ticket_replied`'),
    refused: z
      .array(z.string().regex(/^[A-Z][A-Z0-9_]{2,80}$/))
      .max(20)
      .default([])
      .describe('Codes of refused steps, each once'),
    waited: z.boolean().default(false).describe('Whether a person was asked'),
    reply: z
      .strictObject({ contains: z.array(line).max(20).default([]), lacks: z.array(line).max(20).default([]) })
      .optional()
      .describe('Words of the answer the customer got'),
  }),
});

export interface WorkflowTest extends z.infer<typeof testCase> {
  readonly path: string;
}

/** Every test of a bundle, by path, or what is wrong with one. */
export function readTests(bundle: Bundle): readonly WorkflowTest[] | Refusal {
  const tests: WorkflowTest[] = [];
  for (const [path, source] of bundle.files) {
    if (!FILE.test(path)) continue;
    let written: unknown;
    try {
      written = parse(source, { maxAliasCount: 0, uniqueKeys: true });
    } catch {
      return invalid(`${path} is not valid YAML`);
    }
    const parsed = testCase.safeParse(written);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      return invalid(`${path}: ${issue?.path.map(String).join('.') || 'test'}: ${issue?.message}`);
    }
    tests.push({ ...parsed.data, path });
  }
  return tests;
}

function invalid(why: string): Refusal {
  return refuse('WORKFLOWS_TEST_INVALID', `A test of the workflow can not be used: ${why}.`, { problems: [why] });
}
