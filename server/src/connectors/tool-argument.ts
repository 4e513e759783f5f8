// Reads the JSON Schema of one tool argument as far as an argument needs it: one type, whether it may be left out, its closed values.

import { type ArgumentSpec, isObject } from '#core';
import type { ToolSchema } from './annotation-schema.ts';

export interface ArgumentShape {
  readonly type: ArgumentSpec['type'];
  /** A declared null is the same as leaving the argument out. */
  readonly nullable: boolean;
  readonly enumValues: readonly string[] | null;
}

const TYPES: ReadonlySet<string> = new Set(['string', 'number', 'integer', 'boolean', 'array', 'object']);
const MAX_REFERENCES = 8;

/** Null when the schema allows several types or none we know: a person has to say what is meant. */
export function shapeOf(tool: ToolSchema, name: string): ArgumentShape | null {
  return read(tool, tool.properties[name], MAX_REFERENCES);
}

function read(tool: ToolSchema, schema: unknown, references: number): ArgumentShape | null {
  if (!isObject(schema) || references === 0) return null;
  const reference = schema.$ref;
  if (typeof reference === 'string') {
    const name = /^#\/\$defs\/([^/]+)$/.exec(reference)?.[1];
    return name !== undefined && Object.hasOwn(tool.definitions, name) ? read(tool, tool.definitions[name], references - 1) : null;
  }
  const choices = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(choices)) {
    const values = choices.filter((choice) => !(isObject(choice) && choice.type === 'null'));
    const shape = values.length === 1 ? read(tool, values[0], references - 1) : null;
    return shape === null ? null : { ...shape, nullable: shape.nullable || values.length < choices.length };
  }
  return readPlain(schema.type, schema.enum);
}

function readPlain(declared: unknown, values: unknown): ArgumentShape | null {
  const types = (Array.isArray(declared) ? declared : [declared]).filter((type) => type !== 'null');
  const [type] = types;
  if (types.length !== 1 || typeof type !== 'string' || !TYPES.has(type)) return null;
  const strings = Array.isArray(values) ? values.filter((value) => typeof value === 'string') : null;
  return {
    type: type as ArgumentSpec['type'],
    nullable: Array.isArray(declared) && declared.includes('null'),
    enumValues: type === 'string' && strings !== null && strings.length > 0 ? strings : null,
  };
}
