// The written form of a workflow: what `workflow.yaml` may hold. Unknown keys are refused; every list, text and number is bounded.
// Shape only: whether names, files and expressions fit together is decided in parse-definition.ts.

import { z } from 'zod';
import { ASSURANCES, type JsonValue } from '#core';

export const API_VERSION = 'sallyport.dev/v1';
/** More steps than a person can approve with understanding. */
export const MAX_STEPS = 50;
/** `when` within `when` within `when`. */
export const MAX_DEPTH = 4;
const MAX_EXPRESSION_CHARS = 1_000;
const MAX_TURNS = 12;
const MAX_CALLS = 40;

const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'use lower case letters, digits and hyphens, at most 63');
const stepId = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,39}$/, 'use lower case letters, digits and underscores, starting with a letter, at most 40');
const member = z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, 'use lower case letters, digits and underscores');
const operation = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'is not the name of an operation');
const model = z.string().min(1).max(200);
const file = z.string().regex(/^[a-z0-9][a-z0-9._-]*(\/[a-z0-9][a-z0-9._-]*){0,4}$/, 'is not the path of a file beside workflow.yaml');
const expression = z.string().min(1).max(MAX_EXPRESSION_CHARS).describe('A CEL expression over `input`, `customer` and `steps`');
const expressions = z.record(member, expression).refine((record) => Object.keys(record).length <= 40, 'holds at most 40 members');
const onRefusal = z.enum(['stop', 'continue']).default('stop').describe('What a refusal of this call does to the run');

const prompt = {
  model: model.describe('One of the models under `uses`'),
  system: file.describe('Text file with the instructions; sent as it is'),
  prompt: file.describe('Text file with `{{slot}}` where data goes'),
  data: expressions.default({}).describe('What fills the slots; untrusted text belongs here and nowhere else'),
};

const tool = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9_]{0,63}$/),
  integration: name,
  operation,
  description: z.string().min(1).max(500),
  arguments: z.array(member).max(40).optional().describe('Which arguments the model may give; all of them by default'),
});

const callStep = z.strictObject({
  id: stepId,
  call: z.strictObject({ integration: name, operation, with: expressions.default({}) }),
  onRefusal,
});
const modelStep = z.strictObject({
  id: stepId,
  model: z.strictObject({ ...prompt, output: file.optional().describe('JSON Schema the answer must fit; without it the answer is text') }),
  onRefusal,
});
const agentStep = z.strictObject({
  id: stepId,
  agent: z.strictObject({
    ...prompt,
    tools: z.array(tool).min(1).max(20),
    maxTurns: z.number().int().min(1).max(MAX_TURNS).default(6),
    maxCalls: z.number().int().min(1).max(MAX_CALLS).default(12),
  }),
  onRefusal,
});
const transformStep = z.strictObject({ id: stepId, transform: expressions.describe('A new value, member by member') });
const emitStep = z.strictObject({
  id: stepId,
  emit: z.strictObject({ event: member, facts: expressions.default({}).describe('Numbers and true or false; texts are refused') }),
});

export interface WhenSource {
  readonly id: string;
  readonly when: string;
  readonly do: readonly StepSource[];
  readonly else: readonly StepSource[];
}
const whenStep: z.ZodType<WhenSource> = z.lazy(() =>
  z.strictObject({
    id: stepId,
    when: expression,
    do: z.array(step).min(1).max(MAX_STEPS),
    else: z.array(step).max(MAX_STEPS).default([]),
  }),
);

export type StepSource =
  | z.infer<typeof callStep>
  | z.infer<typeof modelStep>
  | z.infer<typeof agentStep>
  | z.infer<typeof transformStep>
  | z.infer<typeof emitStep>
  | WhenSource;

const step: z.ZodType<StepSource> = z.lazy(() => z.union([callStep, modelStep, agentStep, transformStep, emitStep, whenStep]));

/** Which of the kinds a written step says it is; a step of one kind gets that kind's messages only. */
export const STEP_KINDS = {
  call: callStep,
  model: modelStep,
  agent: agentStep,
  transform: transformStep,
  emit: emitStep,
  when: whenStep,
} as const;
export type StepKind = keyof typeof STEP_KINDS;

const input = z.strictObject({
  type: z.enum(['string', 'integer', 'boolean']),
  maxBytes: z.number().int().min(1).max(10_000).default(200).describe('Longest text'),
  description: z.string().max(300).optional(),
});

export const definitionSource = z.strictObject({
  apiVersion: z.literal(API_VERSION),
  kind: z.literal('Workflow'),
  name,
  owner: z.string().min(1).max(100).describe('Who answers for it'),
  purpose: z.string().min(1).max(500),
  trigger: z.strictObject({ kind: z.literal('manual'), inputs: z.record(member, input).default({}) }),
  uses: z.strictObject({
    integrations: z.record(name, z.array(operation).min(1).max(100)).describe('Integration to the operations the workflow may use'),
    models: z.record(model, name).default({}).describe('Model to the integration that offers it'),
  }),
  customer: z
    .strictObject({
      read: z.strictObject({ integration: name, operation, with: expressions }),
      id: z
        .string()
        .regex(/^[A-Za-z_][\w]*(\.[A-Za-z_][\w]*){0,4}$/, 'is a dotted path')
        .describe('Where the customer’s id stands in the reply'),
      assurance: z.enum(ASSURANCES).describe('How well the channel proves the customer; whoever approves the workflow vouches for it'),
    })
    .optional()
    .describe('Whose case it is: a field of the record the run begins with, read through the connector before the first step'),
  steps: z.array(step).min(1).max(MAX_STEPS),
});

export type DefinitionSource = z.infer<typeof definitionSource>;

/** JSON Schema of the written form, for editors. */
export function workflowJsonSchema(): JsonValue {
  return JSON.parse(JSON.stringify(z.toJSONSchema(definitionSource, { io: 'input', target: 'draft-2020-12' }))) as JsonValue;
}
