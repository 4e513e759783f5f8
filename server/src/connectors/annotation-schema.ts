// The neutral annotation form: per tool its effect, the role of each argument, what outsiders write in its result, and who owns what.
// Decides shape only; keys it does not know are reported, so that a rule nobody understood is never taken for no rule.

import { z } from 'zod';
import { ARGUMENT_ROLES, type JsonValue } from '#core';

const word = z.string().min(1).max(128);

const entityAnnotation = z.strictObject({
  file: word.optional(),
  within: word.optional(),
  path: word.optional(),
  key: word.optional(),
  owner: word.nullable().optional(),
});

const toolAnnotation = z.looseObject({
  effect: word,
  args: z.record(word, z.enum(ARGUMENT_ROLES)).default({}),
  output: z
    .strictObject({ trusted: z.boolean(), untrusted_fields: z.array(word).default([]), pii_fields: z.array(word).default([]) })
    .default({ trusted: false, untrusted_fields: [], pii_fields: ['*'] }),
  owns: z.array(z.strictObject({ arg: word, entity: word })).default([]),
  rules: z.array(z.string().max(2_000)).default([]),
});

const KNOWN_KEYS: ReadonlySet<string> = new Set(['effect', 'args', 'output', 'owns', 'rules', 'description']);

export type ToolAnnotation = z.infer<typeof toolAnnotation>;
export type EntityAnnotation = z.infer<typeof entityAnnotation>;

export function hasUnknownKeys(annotation: ToolAnnotation): boolean {
  return Object.keys(annotation).some((key) => !KNOWN_KEYS.has(key));
}

const annotations = z.object({ $entities: z.record(word, entityAnnotation).default({}) }).catchall(toolAnnotation);

export interface Annotations {
  readonly entities: Readonly<Record<string, EntityAnnotation>>;
  readonly tools: Readonly<Record<string, ToolAnnotation>>;
}

/** The annotations, or what is wrong with them. */
export function readAnnotations(source: JsonValue): Annotations | readonly string[] {
  const parsed = annotations.safeParse(source);
  if (!parsed.success) return parsed.error.issues.map((issue) => `annotations.${issue.path.map(String).join('.')}: ${issue.message}`);
  const { $entities: entities, ...tools } = parsed.data;
  return { entities, tools: tools as Readonly<Record<string, ToolAnnotation>> };
}

const parameters = z.looseObject({
  properties: z.record(z.string(), z.unknown()).default({}),
  required: z.array(z.string()).default([]),
  $defs: z.record(z.string(), z.unknown()).default({}),
});

const functionTool = z.looseObject({
  name: z.string().regex(/^[A-Za-z0-9_-]{1,128}$/, 'must be a plain tool name'),
  parameters: parameters.prefault({}),
});
const tools = z.array(z.union([z.looseObject({ type: z.literal('function'), function: functionTool }), functionTool])).max(400);

export interface ToolSchema {
  readonly name: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly required: readonly string[];
  readonly definitions: Readonly<Record<string, unknown>>;
}

/** Tools in the form of model requests or bare functions, or what is wrong with them. */
export function readTools(source: JsonValue): readonly ToolSchema[] | string {
  const parsed = tools.safeParse(source);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return `tools.${issue?.path.map(String).join('.')}: ${issue?.message}`;
  }
  return parsed.data.map((tool) => {
    const { name, parameters: given } =
      'function' in tool ? (tool.function as z.infer<typeof functionTool>) : (tool as z.infer<typeof functionTool>);
    return { name, properties: given.properties, required: given.required, definitions: given.$defs };
  });
}
