// Compiles tools and their neutral annotations into a manifest: each tool becomes POST /tools/<name> with a JSON body.
// INVARIANT: what an annotation does not say is taken at its worst, and a rule no machine understood keeps its tool refused until a person reviews it.

import {
  type ArgumentSpec,
  type Digest,
  EFFECTS,
  type Effect,
  isEffectful,
  type JsonValue,
  type Manifest,
  type OperationSpec,
  type OutputFieldSpec,
  PII_CLASSES,
  piiOfName,
  type Refusal,
  refuse,
} from '#core';
import { hasUnknownKeys, readAnnotations, readTools, type ToolAnnotation, type ToolSchema } from './annotation-schema.ts';
import { checkManifest } from './check-manifest.ts';
import { compileEntities, type Lookup } from './compile-entities.ts';
import { FIELD_PATH, SELF, WHOLE_RESULT } from './field-path.ts';
import { DEFAULT_MAX_BYTES, sealManifest } from './parse-manifest.ts';
import { shapeOf } from './tool-argument.ts';

/** The structured counterpart of a rule that the annotations give as text. */
export interface TargetRuleInput {
  readonly argument: string;
  readonly entity: string;
  readonly path: string;
  readonly where?: Readonly<Record<string, string>>;
  /** A value outside the rules is refused for good unless this says `ask`. */
  readonly otherwise?: 'refuse' | 'ask';
}

export interface AnnotationInput {
  readonly name: string;
  readonly tools: JsonValue;
  readonly annotations: JsonValue;
  /** By tool name. */
  readonly rules: Readonly<Record<string, readonly TargetRuleInput[]>>;
  /** By entity name: which tool reads one object by its id. Found by itself where exactly one read tool takes just that id. */
  readonly lookups: Readonly<Record<string, Lookup>>;
}

export function compileAnnotations(input: AnnotationInput, digest: Digest): Manifest | Refusal {
  const tools = readTools(input.tools);
  if (typeof tools === 'string') return invalid([tools]);
  const annotations = readAnnotations(input.annotations);
  if (!('tools' in annotations)) return invalid(annotations);
  const problems = checkNames(tools, annotations.tools, input);
  const entities = compileEntities(tools, annotations, input.lookups);
  if (problems.length > 0 || 'problems' in entities) return invalid([...problems, ...('problems' in entities ? entities.problems : [])]);
  const self = entities.specs.find((entity) => entity.owner === SELF)?.name ?? null;
  const operations = tools.map((tool) =>
    compileTool(tool, annotations.tools[tool.name] ?? null, { rules: input.rules[tool.name] ?? [], self }),
  );
  const faults = checkManifest(entities.specs, operations, { fromAnnotations: true });
  if (faults.length > 0) return invalid(faults);
  return sealManifest({ name: input.name, kind: 'http', entities: entities.specs, operations }, digest);
}

function invalid(problems: readonly string[]): Refusal {
  return refuse('CONNECTORS_ANNOTATIONS_INVALID', `The tool annotations can not be compiled: ${problems[0]}.`, {
    problems: problems.slice(0, 20),
    count: problems.length,
  });
}

/** A name that leads nowhere is a mistake somewhere, and what it was meant for would go unguarded. */
function checkNames(
  tools: readonly ToolSchema[],
  annotations: Readonly<Record<string, ToolAnnotation>>,
  input: AnnotationInput,
): readonly string[] {
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  const problems: string[] = byName.size < tools.length ? ['tools: two tools have the same name'] : [];
  for (const [name, annotation] of Object.entries(annotations)) {
    const tool = byName.get(name);
    if (tool === undefined) problems.push(`annotations.${name}: there is no such tool`);
    for (const argument of [...Object.keys(annotation.args), ...annotation.owns.map((owns) => owns.arg)]) {
      if (tool !== undefined && argument !== WHOLE_RESULT && !Object.hasOwn(tool.properties, argument))
        problems.push(`annotations.${name}: the tool has no argument ${argument}`);
    }
  }
  for (const [name, rules] of Object.entries(input.rules)) {
    for (const { argument } of rules) {
      if (annotations[name]?.args[argument] !== 'target') problems.push(`rules.${name}: ${argument} is no target of the tool`);
    }
  }
  return problems;
}

interface ToolContext {
  readonly rules: readonly TargetRuleInput[];
  readonly self: string | null;
}

function compileTool(tool: ToolSchema, annotation: ToolAnnotation | null, context: ToolContext): OperationSpec {
  const effect = effectOf(annotation);
  const compiled = Object.keys(tool.properties).map((name) =>
    compileArgument(tool, name, { annotation, effect: effect ?? 'admin', rules: context.rules }),
  );
  const resultOwner = annotation?.owns.find((owns) => owns.arg === WHOLE_RESULT);
  const unread = annotation === null || effect === null || hasUnknownKeys(annotation) || compiled.some((argument) => argument === null);
  return {
    name: tool.name,
    effect: effect ?? 'admin',
    method: 'POST',
    path: `/tools/${tool.name}`,
    arguments: compiled.filter((argument) => argument !== null),
    output: {
      trusted: annotation?.output.trusted ?? false,
      fields: annotation === null ? [] : outputFields(annotation),
      maxBytes: 1_048_576,
    },
    idempotencyHeader: null,
    returnsCustomer: resultOwner?.entity === context.self && context.self !== null ? WHOLE_RESULT : null,
    needsReview:
      unread ||
      (annotation.rules.length > 0 && context.rules.length === 0) ||
      (resultOwner !== undefined && resultOwner.entity !== context.self),
    sentence: `Call ${tool.name}`,
  };
}

/** Null for a word that is no effect. Handing the customer over to people is a message to them. */
function effectOf(annotation: ToolAnnotation | null): Effect | null {
  if (annotation?.effect === 'handoff') return 'send';
  return EFFECTS.find((effect) => effect === annotation?.effect) ?? null;
}

function compileArgument(
  tool: ToolSchema,
  name: string,
  from: { annotation: ToolAnnotation | null; effect: Effect; rules: readonly TargetRuleInput[] },
): ArgumentSpec | null {
  const shape = shapeOf(tool, name);
  if (shape === null || name.includes('.')) return null;
  // What a read is not annotated with chooses what is read; what an effect is not annotated with may choose who gets something.
  const role = from.annotation?.args[name] ?? (isEffectful(from.effect) ? 'target' : 'selector');
  const rules = from.rules.filter((rule) => rule.argument === name);
  const list = shape.type === 'array' || shape.type === 'object';
  return {
    name,
    role,
    slot: 'body',
    at: name,
    required: tool.required.includes(name) && !shape.nullable,
    type: shape.type,
    entity: from.annotation?.owns.find((owns) => owns.arg === name)?.entity ?? null,
    money: null,
    targetRules: rules.map(({ entity, path, where }) => ({ kind: 'equals_field', entity, path, where: where ?? {} })),
    otherTargets: rules.some((rule) => rule.otherwise !== 'ask') ? 'refuse' : 'ask',
    maxBytes: list ? Math.max(DEFAULT_MAX_BYTES[role], DEFAULT_MAX_BYTES.content) : DEFAULT_MAX_BYTES[role],
    enumValues: shape.enumValues,
  };
}

function outputFields({ output }: ToolAnnotation): readonly OutputFieldSpec[] {
  const whole = (fields: readonly string[]): boolean => fields.includes('*') || fields.includes(WHOLE_RESULT);
  const trusted = output.trusted && !whole(output.untrusted_fields);
  const everywhere = output.pii_fields.includes('*')
    ? PII_CLASSES
    : output.pii_fields.includes(WHOLE_RESULT)
      ? (['identity', 'contact'] as const)
      : [];
  const base: OutputFieldSpec = {
    path: WHOLE_RESULT,
    trusted,
    pii: [...new Set([...everywhere, ...(trusted ? [] : (['free_text'] as const))])],
  };
  const named = new Set([...output.untrusted_fields, ...output.pii_fields].filter((field) => FIELD_PATH.test(field) && field !== '*'));
  return [
    base,
    ...[...named].map((field) => ({
      path: `**.${field}`,
      trusted: !output.untrusted_fields.includes(field),
      pii: output.pii_fields.includes(field) ? piiOfName(field) : [],
    })),
  ];
}
