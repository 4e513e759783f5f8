// The written form of a workflow: what `workflow.yaml` may hold. Unknown keys are refused; every list, text and number is bounded.
// Shape only: whether names, files and expressions fit together is decided in parse-definition.ts.

import { z } from 'zod';
import { ASSURANCES, isPublicName, type JsonValue, OPT_OUT_USES } from '#core';

export const API_VERSION = 'sallyport.dev/v1';
/** More steps than a person can approve with understanding. */
export const MAX_STEPS = 50;
/** `when` within `when` within `when`. */
export const MAX_DEPTH = 4;
const MAX_EXPRESSION_CHARS = 1_000;
const MAX_TURNS = 12;
/** Calls of one agent step. */
export const MAX_CALLS = 40;
/** More than a person reads before deciding. */
const MAX_SHOWN = 12;
const MAX_WAIT_MS = 14 * 24 * 60 * 60_000;
const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 60 * 60_000, d: 24 * 60 * 60_000 };
export const DECISION_EFFECTS = ['legal', 'significant'] as const;
export const CONTEST_ROUTES = ['reply', 'email', 'phone', 'form', 'letter', 'account'] as const;
/** The `type` of a delivery. */
export const EVENT_NAME = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$/;

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'use lower case letters, digits and hyphens, at most 63')
  .refine(isPublicName, 'is a number; a name stands in the log, use a letter');
const stepId = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,39}$/, 'use lower case letters, digits and underscores, starting with a letter, at most 40');
const member = z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, 'use lower case letters, digits and underscores');
const operation = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'is not the name of an operation');
const model = z.string().min(1).max(200);
const file = z.string().regex(/^[a-z0-9][a-z0-9._-]*(\/[a-z0-9][a-z0-9._-]*){0,4}$/, 'is not the path of a file beside workflow.yaml');
const expression = z.string().min(1).max(MAX_EXPRESSION_CHARS).describe('A CEL expression over `input`, `customer` and `steps`');
const expressions = z.record(member, expression).refine((record) => Object.keys(record).length <= 40, 'holds at most 40 members');
const duration = z
  .string()
  .regex(/^[1-9]\d{0,3}[mhd]$/, 'is a number of minutes, hours or days such as 30m, 24h or 7d')
  .refine((text) => durationMs(text) <= MAX_WAIT_MS, 'is longer than 14 days');
const onRefusal = z.enum(['stop', 'continue']).default('stop').describe('What a refusal of this call does to the run');

/** One line that is not made of anything else. */
const line = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .regex(/^[^{}\n]*$/, 'is one line without slots');

const prompt = {
  model: model.describe('One of the models under `uses`'),
  system: file.describe('Text file with the instructions; sent as it is'),
  prompt: file.describe('Text file with `{{slot}}` where data goes'),
  data: expressions.default({}).describe('What fills the slots; untrusted text belongs here and nowhere else'),
};

/** GDPR Article 22: what a machine decides about a person counts only once a person has decided it. */
const decides = z
  .strictObject({
    kind: member.describe('What it decides about a person, such as `refuse_refund`'),
    effect: z.enum(DECISION_EFFECTS).default('legal').describe('`legal`, or `significant` in a similar way'),
  })
  .describe('Its value is a decision about a person: an approval step must confirm it, and nothing else may read it');

const confirms = z
  .strictObject({
    step: stepId.describe('The step that decides'),
    options: z
      .record(member, line(120))
      .refine((record) => Object.keys(record).length >= 2 && Object.keys(record).length <= 6, 'holds 2 to 6 members')
      .describe('What may be decided, each in a few words'),
    proposal: expression.describe('Which of the options is proposed'),
    because: expression.describe('Why: what the person reads beside it'),
    otherwise: member.describe('Which of the options a no means'),
    contest: z
      .strictObject({ by: z.enum(CONTEST_ROUTES), text: line(200).describe('What the customer is told about it') })
      .describe('How the customer contests it and reaches a person'),
  })
  .describe('Whoever answers decides in place of a step that `decides`: yes is what is proposed, no is `otherwise`');

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
  decides: decides.optional(),
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
  decides: decides.optional(),
  onRefusal,
});
const transformStep = z.strictObject({
  id: stepId,
  transform: expressions.describe('A new value, member by member'),
  decides: decides.optional(),
});
const emitStep = z.strictObject({
  id: stepId,
  emit: z.strictObject({ event: member, facts: expressions.default({}).describe('Numbers and true or false; texts are refused') }),
});

const approvalStep = z.strictObject({
  id: stepId,
  approval: z.strictObject({
    title: z
      .string()
      .min(1)
      .max(120)
      .regex(/^[^{}\n]*$/, 'is one line without slots')
      .describe('What is asked, in a few words'),
    sentence: z
      .string()
      .min(1)
      .max(500)
      .regex(/^[^\n]*$/, 'is one line')
      .describe('What happens when a person says yes; `{name}` shows a member of `show`, quoted and bounded'),
    show: expressions
      .refine((record) => Object.keys(record).length <= MAX_SHOWN, `holds at most ${MAX_SHOWN} members`)
      .default({})
      .describe('What the person sees; part of what the decision is bound to'),
    expiresAfter: duration.default('24h').describe('How long it may wait: minutes, hours or days, at most 14 days'),
    onDenied: z.enum(['stop', 'continue']).default('stop').describe('What a no, or no answer in time, does to the run'),
    confirms: confirms.optional(),
  }),
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
  | z.infer<typeof approvalStep>
  | WhenSource;

const step: z.ZodType<StepSource> = z.lazy(() =>
  z.union([callStep, modelStep, agentStep, transformStep, emitStep, approvalStep, whenStep]),
);

/** Which of the kinds a written step says it is; a step of one kind gets that kind's messages only. */
export const STEP_KINDS = {
  call: callStep,
  model: modelStep,
  agent: agentStep,
  transform: transformStep,
  emit: emitStep,
  approval: approvalStep,
  when: whenStep,
} as const;
export type StepKind = keyof typeof STEP_KINDS;

const input = z.strictObject({
  type: z.enum(['string', 'integer', 'boolean']),
  maxBytes: z.number().int().min(1).max(10_000).default(200).describe('Longest text'),
  description: z.string().max(300).optional(),
});
const deliveredInput = input.extend({
  from: z
    .string()
    .regex(/^data(\.[A-Za-z_]\w{0,63}){1,5}$/, 'is a path into the delivery that begins with `data.`')
    .describe('Where the value stands in a delivery; a text is taken only when it is a plain id'),
});
/** A run begins by hand, or with a signed delivery of an integration; the second kind can be started by hand, too. */
const trigger = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('manual'), inputs: z.record(member, input).default({}) }),
  z.strictObject({
    kind: z.literal('webhook'),
    integration: name.describe('Whose signed deliveries start a run'),
    event: z
      .string()
      .regex(EVENT_NAME, 'is not the name of an event, such as ticket.created')
      .describe('Which `type` of delivery starts a run'),
    inputs: z.record(member, deliveredInput).default({}),
  }),
]);

export const definitionSource = z.strictObject({
  apiVersion: z.literal(API_VERSION),
  kind: z.literal('Workflow'),
  name,
  owner: z.string().min(1).max(100).describe('Who answers for it'),
  purpose: z.string().min(1).max(500),
  trigger,
  uses: z.strictObject({
    integrations: z.record(name, z.array(operation).min(1).max(100)).describe('Integration to the operations the workflow may use'),
    models: z.record(model, name).default({}).describe('Model to the integration that offers it'),
    datasets: z
      .record(name, z.string().regex(/^[0-9a-f]{64}$/, 'is the SHA-256 of the dataset, as `dataset show` prints it'))
      .optional()
      .describe('Dataset to the digest it was approved with; when the dataset changes, the workflow stops'),
  }),
  dataUse: z
    .array(z.enum(OPT_OUT_USES))
    .min(1)
    .max(OPT_OUT_USES.length)
    .optional()
    .describe('Uses that customers may opt out of; nothing of who did reaches this workflow'),
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

/** `30m`, `24h`, `7d` as milliseconds. */
export function durationMs(text: string): number {
  return Number(text.slice(0, -1)) * (UNIT_MS[text.slice(-1)] ?? Number.NaN);
}

/** JSON Schema of the written form, for editors. */
export function workflowJsonSchema(): JsonValue {
  return JSON.parse(JSON.stringify(z.toJSONSchema(definitionSource, { io: 'input', target: 'draft-2020-12' }))) as JsonValue;
}
