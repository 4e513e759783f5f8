// Gives every field of a result its label, from what the manifest says about that field. What it does not mention gets the worst label.

import {
  type BoundCustomer,
  type DataClass,
  type JsonValue,
  type Label,
  labelBy,
  type Manifest,
  type OperationSpec,
  type OutputFieldSpec,
  type PiiClass,
  proven,
  WORST,
} from '#core';
import { parseFieldPath, WHOLE_RESULT } from './field-path.ts';

export interface FieldLabel {
  /** `orders[].note`; members of a list share one path. `(result)` is a result without fields. */
  readonly path: string;
  /** The same path as keys, `[]` for any member of a list; of a result without fields there are none. */
  readonly steps: readonly string[];
  readonly label: Label;
  /** What the field holds, where the manifest or its map of the API says so. */
  readonly dataClass?: DataClass;
}

/** More distinct fields than any declared record has; beyond it the whole result gets the worst label. */
const MAX_FIELDS = 2_000;
const MAX_DEPTH = 64;
const ANY_DEPTH = '**.';

/** `region`: where the integration is, as `regionOf` names it. */
export function labelResult(
  manifest: Manifest,
  operation: OperationSpec,
  result: JsonValue,
  customer: BoundCustomer | null = null,
  region = 'unknown',
): readonly FieldLabel[] {
  // The longest path first: it says most about a field.
  const specs = operation.output.fields.map(compileField).sort((left, right) => right.steps.length - left.steps.length);
  const paths = new Map<string, readonly string[]>();
  if (!collectPaths(result, [], paths)) return [{ path: WHOLE_RESULT, steps: [], label: WORST }];
  const bound = proven(customer);
  return [...paths.values()].map((steps) => ({
    path: formatPath(steps),
    steps,
    ...labelOf(steps, specs, { integration: manifest.name, customer: bound?.id ?? null, region }),
  }));
}

interface CompiledField {
  readonly steps: readonly string[];
  /** `**.name`: a key of that name at any depth. */
  readonly anyDepth: boolean;
  readonly spec: OutputFieldSpec;
}

function compileField(spec: OutputFieldSpec): CompiledField {
  const anyDepth = spec.path.startsWith(ANY_DEPTH);
  const steps = spec.path === WHOLE_RESULT ? [] : parseFieldPath(anyDepth ? spec.path.slice(ANY_DEPTH.length) : spec.path);
  return { steps, anyDepth, spec };
}

/** Every distinct path to a value, an empty list or an empty object; false when there are more than we are ready to tell apart. */
function collectPaths(value: JsonValue, steps: readonly string[], paths: Map<string, readonly string[]>): boolean {
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) {
    // A key may itself hold a dot: fields are told apart by their keys, not by how the path is written.
    paths.set(steps.join('\0'), steps);
    return paths.size <= MAX_FIELDS;
  }
  if (steps.length >= MAX_DEPTH) return false;
  if (Array.isArray(value)) return value.every((member) => collectPaths(member, [...steps, '[]'], paths));
  return Object.entries(value).every(([key, member]) => collectPaths(member, [...steps, key], paths));
}

function formatPath(steps: readonly string[]): string {
  return steps.length === 0 ? WHOLE_RESULT : steps.map((step, index) => (step === '[]' || index === 0 ? step : `.${step}`)).join('');
}

function labelOf(
  steps: readonly string[],
  specs: readonly CompiledField[],
  about: { integration: string; customer: string | null; region: string },
): Pick<FieldLabel, 'label' | 'dataClass'> {
  const base = specs.find((field) => !field.anyDepth && covers(field.steps, steps));
  // INVARIANT: undeclared is worst.
  if (base === undefined) return { label: WORST };
  const lowering = specs.filter((field) => field.anyDepth && steps.some((_, index) => covers(field.steps, steps.slice(index))));
  const trusted = base.spec.trusted && lowering.every((field) => field.spec.trusted);
  const pii = new Set<PiiClass>([base, ...lowering].flatMap((field) => field.spec.pii));
  const customer = about.customer === null ? 'unknown' : `customer:${about.customer}`;
  const label = labelBy(trusted ? 'trusted_field' : 'outsider_said', {
    sources: new Set([trusted ? `integration:${about.integration}` : `outsider:${about.integration}`]),
    pii,
    readers: pii.size === 0 ? 'public' : new Set([`integration:${about.integration}`, customer]),
    subject: pii.size === 0 ? new Set() : new Set([customer]),
    regions: new Set([about.region]),
  });
  const dataClass = [base, ...lowering].find(({ spec }) => spec.dataClass !== undefined)?.spec.dataClass;
  return dataClass === undefined ? { label } : { label, dataClass };
}

/** True when the declared path leads to the value or to something that holds it. `*` stands for one key. */
export function covers(declared: readonly string[], steps: readonly string[]): boolean {
  return (
    declared.length <= steps.length && declared.every((step, index) => step === steps[index] || (step === '*' && steps[index] !== '[]'))
  );
}
