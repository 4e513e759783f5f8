// Gives every part of the call its label. Nothing a caller says about itself raises one: only a registered prompt, a result we returned
// to this run ourselves, or the labels our own runtime keeps with each of its values.

import { type MatchedOperation, matchOperation } from '#connectors';
import {
  canonicalJson,
  isArray,
  isJsonFault,
  isRefusal,
  type JsonValue,
  join,
  joinAll,
  type Label,
  type LabelledPart,
  labelBy,
  labelFromJson,
  type ModelRequest,
  type NativeLabels,
  type OperationRequest,
  parseStrictJson,
  type Refusal,
  sentBy,
  type TextPart,
  TRUSTED_CONSTANT,
  WORST,
} from '#core';
import type { GuardDeps } from '../ports.ts';
import type { RunView } from '../store/runs.ts';
import type { Identified, Labelled } from '../types.ts';
import { runMemoryOf } from './run-memory.ts';

/** A word that names a field; anything else in its place may be a value. */
const PLAIN_KEY = /^[A-Za-z_$][A-Za-z_$.-]{0,63}$/;

export async function label(deps: GuardDeps, call: Identified): Promise<Labelled | Refusal> {
  // Opened for our own runtime too: what the run has read is needed at other stages, and is loaded outside any transaction.
  const memory = runMemoryOf(call);
  const run = memory === null ? null : await deps.runs.open(call.principal.tenant, memory);
  const { native } = call.received;
  if (native !== undefined) return labelNative(call, native.labels);
  const request = call.received.request;
  return request.kind === 'model' ? labelModel(deps, call, request, run) : labelOperation(call, request, run);
}

/** Value by value. INVARIANT: what the runtime does not name has the worst label, and all of it carries why the call is made at all. */
function labelNative(call: Identified, labels: NativeLabels): Labelled | Refusal {
  const request = call.received.request;
  const own = (label: Label | undefined): Label => join(label ?? WORST, labels.context);
  if (request.kind === 'model') {
    const parts = request.parts.map((part): LabelledPart => {
      const [root, index] = part.path;
      const isMessage = root === 'messages' && typeof index === 'number';
      // Tools and the form of the answer are the signed workflow's.
      const label = isMessage ? labels.messages[index] : part.role === 'tool_schema' ? TRUSTED_CONSTANT : undefined;
      return { ...part, label: own(label) };
    });
    return { ...call, parts, label: joinAll(parts.map((part) => part.label)), argumentLabels: null, matched: null };
  }
  const { manifest } = call.integration;
  if (manifest === null) throw new Error('authenticate() admits connector calls with a manifest only');
  const matched = matchOperation(manifest, request);
  if (isRefusal(matched)) return matched;
  const argumentLabels = Object.fromEntries(
    Object.keys(matched.args).map((name) => [name, own(Object.hasOwn(labels.arguments, name) ? labels.arguments[name] : undefined)]),
  );
  return { ...call, ...labelledArguments(matched, argumentLabels, labels.context), matched };
}

function labelledArguments(
  matched: MatchedOperation,
  argumentLabels: Readonly<Record<string, Label>>,
  context: Label,
): Pick<Labelled, 'parts' | 'label' | 'argumentLabels'> {
  const parts = argumentParts(matched, (name) => argumentLabels[name] ?? WORST);
  return { parts, label: joinAll([context, ...Object.values(argumentLabels)]), argumentLabels };
}

function labelModel(deps: GuardDeps, call: Identified, request: ModelRequest, run: RunView | null): Labelled {
  // What a stored request was made of when it was stored: nothing the run has read since then is in it.
  const stored = call.received.endorsement;
  const kept = stored === null ? null : labelFromJson(stored.label);
  const outsider = outsiderLabel(call);
  const parts = request.parts.map((part): LabelledPart => ({ ...part, label: kept ?? labelOfPart(deps, call, part, run) ?? outsider }));
  return { ...call, parts, label: joinAll(parts.map((part) => part.label)), argumentLabels: null, matched: null };
}

function labelOfPart(deps: GuardDeps, call: Identified, part: TextPart, run: RunView | null): Label | null {
  if (part.role === 'system' && call.integration.prompts.size > 0) {
    return call.integration.prompts.has(deps.digest.sha256(part.text)) ? labelBy('registered_prompt') : null;
  }
  if (part.role === 'tool_result' && run !== null && part.toolCallId !== null) {
    return run.recognise(part.toolCallId, resultDigest(deps, part.text));
  }
  return null;
}

function labelOperation(call: Identified, request: OperationRequest, run: RunView | null): Labelled | Refusal {
  const manifest = call.integration.manifest;
  if (manifest === null) throw new Error('authenticate() admits connector calls with a manifest only');
  const matched = matchOperation(manifest, request);
  if (isRefusal(matched)) return matched;
  // The agent that chose these arguments has read everything its run was given.
  const own = run === null ? WORST : join(run.label, outsiderLabel(call));
  const stored = call.received.endorsement;
  const chosen = stored === null ? own : labelFromJson(stored.label);
  if (stored !== null && stored.argumentLabels !== null) {
    const kept = stored.argumentLabels;
    const labels = Object.keys(matched.args).map((name) => [name, Object.hasOwn(kept, name) ? labelFromJson(kept[name]) : WORST] as const);
    return { ...call, ...labelledArguments(matched, Object.fromEntries(labels), chosen), matched };
  }
  return { ...call, parts: argumentParts(matched, () => chosen), label: chosen, argumentLabels: null, matched };
}

/** Written by we do not know whom, readable by the workload that sent it. */
function outsiderLabel(call: Identified): Label {
  return sentBy(call.principal.workload);
}

/** Every text of the arguments. A number and the key of an object go to the shop as well, and say as much as a text of the same signs. */
function argumentParts(matched: MatchedOperation, labelOf: (name: string) => Label): readonly LabelledPart[] {
  const parts: LabelledPart[] = [];
  const walk = (value: JsonValue, path: readonly (string | number)[], chosen: Label): void => {
    const add = (text: string): number => parts.push({ path, text, role: 'tool_arguments', toolCallId: null, label: chosen });
    if (typeof value === 'string') add(value);
    else if (typeof value === 'number') add(String(value));
    else if (isArray(value)) for (const [index, item] of value.entries()) walk(item, [...path, index], chosen);
    else if (typeof value === 'object' && value !== null)
      for (const [key, item] of Object.entries(value)) {
        if (!PLAIN_KEY.test(key)) add(key);
        walk(item, [...path, key], chosen);
      }
  };
  for (const [name, value] of Object.entries(matched.args)) walk(value, [name], labelOf(name));
  return parts;
}

/** Digest by content: an agent may write our JSON again with other spacing, and it is still our result. */
export function resultDigest(deps: Pick<GuardDeps, 'digest'>, text: string): string {
  const value = parseStrictJson(text);
  return deps.digest.sha256(isJsonFault(value) ? text : canonicalJson(value));
}
