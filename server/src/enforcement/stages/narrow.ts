// Takes out of a request what was taken away from its workload as unused: tools are not offered to the model any more, and a model or an
// operation is refused by a name that says how to get it back.

import {
  isArray,
  isObject,
  type JsonObject,
  type JsonValue,
  type ModelRequest,
  type Refusal,
  type RemovedReach,
  refuse,
  type TextPart,
} from '#core';
import type { Identified } from '../types.ts';

/** Names of the functions a request offers, in order. */
export function offeredTools(body: JsonObject): readonly string[] {
  return isArray(body.tools) ? body.tools.flatMap((tool) => nameOf(tool) ?? []) : [];
}

export function narrow(call: Identified): Identified | Refusal {
  const { removed } = call.principal;
  const { request } = call.received;
  if (removed === undefined || request.kind !== 'model') return call;
  if (removed.models.has(request.model)) return removedModel(request.model);
  const offered = isArray(request.body.tools) ? request.body.tools : [];
  if (!offered.some((tool) => isRemoved(removed, tool))) return call;
  const chosen = isObject(request.body.tool_choice) ? nameOf(request.body.tool_choice) : null;
  if (chosen !== null && removed.tools.has(chosen)) return removedTool(chosen);
  return { ...call, received: { ...call.received, request: without(request, offered, removed) } };
}

function without(request: ModelRequest, offered: readonly JsonValue[], removed: RemovedReach): ModelRequest {
  const kept = offered.flatMap((tool, index) => (isRemoved(removed, tool) ? [] : [{ tool, index }]));
  const { tools: _tools, ...rest } = request.body;
  const { tool_choice: _choice, parallel_tool_calls: _parallel, ...toolless } = rest;
  // A provider refuses a choice among no tools.
  const body: JsonObject = kept.length === 0 ? toolless : { ...rest, tools: kept.map(({ tool }) => tool) };
  const places = new Map(kept.map(({ index }, place) => [index, place]));
  const parts = request.parts.flatMap((part): TextPart[] => {
    const [root, index, ...deeper] = part.path;
    if (root === 'tool_choice' || root === 'parallel_tool_calls') return kept.length === 0 ? [] : [part];
    if (root !== 'tools' || typeof index !== 'number') return [part];
    const place = places.get(index);
    return place === undefined ? [] : [{ ...part, path: [root, place, ...deeper] }];
  });
  return { ...request, body, parts, raw: Buffer.from(JSON.stringify(body)) };
}

const isRemoved = ({ tools }: RemovedReach, tool: JsonValue): boolean => tools.has(nameOf(tool) ?? '');

function nameOf(tool: JsonValue): string | null {
  const named = isObject(tool) ? tool.function : null;
  return isObject(named) && typeof named.name === 'string' ? named.name : null;
}

const HOW = 'whoever manages access can undo that with `sallyport access review undo`.';

export const removedTool = (tool: string): Refusal =>
  refuse('ENFORCEMENT_TOOL_REMOVED', `That tool was taken off this workload’s list because it was not used; ${HOW}`, { tool });

const removedModel = (model: string): Refusal =>
  refuse('ENFORCEMENT_OPERATION_REMOVED', `That model was taken away from this workload because it was not used; ${HOW}`, { model });

export const removedOperation = (integration: string, operation: string): Refusal =>
  refuse('ENFORCEMENT_OPERATION_REMOVED', `That operation was taken away from this workload because it was not used; ${HOW}`, {
    integration,
    operation,
  });
