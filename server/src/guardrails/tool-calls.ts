// Screens the tool calls of a reply, whole: only declared tools, arguments that can be read in one way and match the declared schema.
// Says nothing about whether a call is wise or permitted; that is decided where the call arrives as an operation.

import {
  canonicalText,
  findKeys,
  isJsonFault,
  isObject,
  type JsonObject,
  type JsonValue,
  parseStrictJson,
  type Refusal,
  refuse,
} from '#core';
import { validateSchema } from './schema.ts';
import type { Signal } from './signal.ts';

const MAX_CALLS = 128;
const MAX_ARGUMENT_CHARS = 256 * 1024;

export interface RequestedCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

interface DeclaredTool {
  /** Null when the tool declares no parameters. */
  readonly schema: JsonValue | null;
}

function declaredTool(tool: JsonObject): readonly [string, DeclaredTool] | null {
  const described = isObject(tool.function) ? tool.function : tool;
  if (typeof described.name !== 'string') return null;
  return [described.name, { schema: described.parameters ?? described.input_schema ?? null }];
}

function parseArguments(text: string): JsonObject | null {
  // Providers send an empty text for a call without arguments.
  if (text.trim() === '') return {};
  const parsed = parseStrictJson(text);
  return isJsonFault(parsed) || !isObject(parsed) ? null : parsed;
}

function screenCall(call: RequestedCall, index: number, declared: ReadonlyMap<string, DeclaredTool>): Refusal | readonly Signal[] {
  const evidence = { call: index };
  const tool = declared.get(call.name);
  if (tool === undefined)
    return refuse('GUARDRAILS_TOOL_UNDECLARED', 'The model called a tool that the request does not declare.', evidence);
  if (call.arguments.length > MAX_ARGUMENT_CHARS) {
    return refuse('GUARDRAILS_TOOL_ARGUMENTS_TOO_LARGE', 'The arguments of a tool call are larger than is allowed.', evidence);
  }
  const parsed = parseArguments(call.arguments);
  if (parsed === null) {
    return refuse('GUARDRAILS_TOOL_ARGUMENTS_NOT_JSON', 'The arguments of a tool call are not unambiguous JSON.', {
      ...evidence,
      tool: call.name,
    });
  }
  const fault = tool.schema === null ? null : validateSchema(tool.schema, parsed);
  if (fault !== null) {
    return refuse('GUARDRAILS_TOOL_ARGUMENTS_INVALID', 'The arguments of a tool call do not match the declared schema.', {
      ...evidence,
      tool: call.name,
      at: fault.path.join('.'),
      keyword: fault.keyword,
    });
  }
  // Written out again without escapes, so that none hides a key.
  const canonical = canonicalText(JSON.stringify(parsed));
  if (findKeys(canonical.text).length > 0) {
    return refuse('GUARDRAILS_OUTPUT_SECRET', 'The arguments of a tool call hold a key or token.', { ...evidence, tool: call.name });
  }
  return canonical.findings.map(({ kind, count }) => ({ kind, part: index, count }));
}

/** A refusal for the first call that may not leave, otherwise what was noticed. `tools` is the request's own list. */
export function screenToolCalls(calls: readonly RequestedCall[], tools: readonly JsonObject[]): Refusal | readonly Signal[] {
  if (calls.length > MAX_CALLS) {
    return refuse('GUARDRAILS_TOO_MANY_TOOL_CALLS', 'The model made more tool calls than is allowed.', { calls: calls.length });
  }
  const declared = new Map(tools.map(declaredTool).filter((entry) => entry !== null));
  const signals: Signal[] = [];
  for (const [index, call] of calls.entries()) {
    const screened = screenCall(call, index, declared);
    if (!Array.isArray(screened)) return screened as Refusal;
    signals.push(...(screened as readonly Signal[]));
  }
  return signals;
}
