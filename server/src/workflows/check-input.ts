// Whether what a run is to begin with is what its workflow takes. The same for a person and for a delivery.

import { isObject, type JsonObject, type JsonValue, type Refusal, refuse } from '#core';
import type { InputSpec, WorkflowDefinition } from './definition.ts';

/** What a delivery may name: an id. Words of an outsider do not fit, so they can not reach a run as an input. */
const PLAIN_ID = /^[A-Za-z0-9][A-Za-z0-9._:-]*$/;

export function checkInput(definition: WorkflowDefinition, input: JsonObject): Refusal | null {
  const wrong = (name: string): Refusal =>
    refuse('WORKFLOWS_INPUT_INVALID', `The input ${name} is missing, unknown or does not fit.`, { input: name });
  for (const name of Object.keys(input)) if (!Object.hasOwn(definition.inputs, name)) return wrong(name.slice(0, 64));
  for (const [name, spec] of Object.entries(definition.inputs)) if (!fits(spec, input[name])) return wrong(name);
  return null;
}

function fits(spec: InputSpec, value: JsonValue | undefined): boolean {
  if (spec.type === 'integer') return Number.isSafeInteger(value);
  if (spec.type === 'boolean') return typeof value === 'boolean';
  if (typeof value !== 'string' || value === '' || Buffer.byteLength(value) > spec.maxBytes) return false;
  return spec.from === null || PLAIN_ID.test(value);
}

/** The inputs a delivery holds, where the workflow says they stand. What is not there is left out, and then missing. */
export function inputOf(definition: WorkflowDefinition, delivery: JsonObject): JsonObject {
  const found = Object.entries(definition.inputs).flatMap(([name, { type, from }]): [string, JsonValue][] => {
    const value = (from ?? []).reduce<JsonValue | undefined>(
      (inner, key) => (isObject(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined),
      delivery,
    );
    // Some platforms write their ids as numbers.
    if (type === 'string' && typeof value === 'number' && Number.isSafeInteger(value)) return [[name, String(value)]];
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(found);
}
