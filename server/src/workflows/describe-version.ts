// What a version may do and how it goes, told from its written form as plain facts, for the person who decides about it.
// INVARIANT: every leaf of the written form but its name, owner and purpose is a fact: one left out would be a change nobody is shown.

import { parse } from 'yaml';
import { isArray, isObject, type JsonValue } from '#core';
import { WORKFLOW_FILE } from './bundle.ts';
import { definitionSource, STEP_KINDS } from './definition-schema.ts';

/** In the order in which they are shown: what reaches money and messages first. */
export const AREAS = [
  'integration',
  'operation',
  'tool',
  'model',
  'customer',
  'assurance',
  'trigger',
  'input',
  'limit',
  'argument',
  'data',
  'refusal',
  'condition',
  'step',
  'fact',
  'other',
] as const;
export type Area = (typeof AREAS)[number];

/** One thing the version says: an area, a name that is unique in it, and what it says of it. */
export interface Permission {
  readonly area: Area;
  readonly name: string;
  readonly value: string;
}

export interface StepFact {
  readonly id: string;
  readonly kind: string;
  readonly depth: number;
  /** Under which branch of the step above it stands, e.g. `do`; `null` at the top. */
  readonly branch: string | null;
  /** `integration/operation` of every call it can make. */
  readonly reaches: readonly string[];
  readonly model: string | null;
  /** The expression of a condition, or what a person is asked. */
  readonly condition: string | null;
}

export interface InputFact {
  readonly name: string;
  readonly type: string;
  readonly maxBytes: number | null;
  readonly description: string | null;
}

export interface VersionFacts {
  readonly trigger: { readonly kind: string; readonly integration: string | null; readonly event: string | null };
  readonly inputs: readonly InputFact[];
  readonly customer: { readonly operation: string; readonly field: string; readonly assurance: string } | null;
  readonly permissions: readonly Permission[];
  readonly steps: readonly StepFact[];
}

type Fields = Readonly<Record<string, JsonValue>>;
type Leaf = readonly [path: string, value: JsonValue];

/** Where a leaf of a step stands says what it is; the first that fits. */
const STEP_AREAS: readonly (readonly [RegExp, Area])[] = [
  [/^(call\.(integration|operation)|agent\.tools\.[^.]+\.(integration|operation|arguments))$/, 'tool'],
  [/^call\.with\./, 'argument'],
  [/^(agent|model)\.(data\.|model$)/, 'data'],
  [/^(onRefusal|approval\.onDenied)$/, 'refusal'],
  [/^when$/, 'condition'],
  [/^emit\./, 'fact'],
];

/** `null` when the files hold no workflow. */
export function describeVersion(files: Readonly<Record<string, string>>): VersionFacts | null {
  const source = sourceOf(files[WORKFLOW_FILE] ?? '');
  if (source === null) return null;
  const steps = stepsIn(source.steps, 0, null);
  const { trigger, uses, customer } = { trigger: fieldsOf(source.trigger), uses: fieldsOf(source.uses), customer: source.customer };
  const permissions = [
    ...usesFacts(uses),
    ...triggerFacts(trigger),
    ...(customer === undefined ? [] : customerFacts(fieldsOf(customer))),
    ...steps.flatMap(({ written, fact, place }) => stepFacts(fact, written, place)),
  ];
  return {
    trigger: { kind: wordOf(trigger.kind) ?? '', integration: wordOf(trigger.integration), event: wordOf(trigger.event) },
    inputs: inputsOf(fieldsOf(trigger.inputs)),
    customer: customer === undefined ? null : customerOf(fieldsOf(customer)),
    permissions: permissions.toSorted((left, right) => AREAS.indexOf(left.area) - AREAS.indexOf(right.area)),
    steps: steps.map(({ fact }) => fact),
  };
}

function sourceOf(text: string): Fields | null {
  try {
    const parsed = definitionSource.safeParse(parse(text, { maxAliasCount: 0, uniqueKeys: true }));
    return parsed.success ? (JSON.parse(JSON.stringify(parsed.data)) as Fields) : null;
  } catch {
    return null;
  }
}

function usesFacts(uses: Fields): Permission[] {
  const reach = Object.entries(fieldsOf(uses.integrations)).flatMap(([name, operations]): Permission[] => [
    { area: 'integration', name, value: '' },
    ...listOf(operations).map((operation): Permission => ({ area: 'operation', name: `${name}/${textOf(operation)}`, value: '' })),
  ]);
  const models = Object.entries(fieldsOf(uses.models)).map(([name, value]): Permission => ({ area: 'model', name, value: textOf(value) }));
  const datasets = Object.entries(fieldsOf(uses.datasets)).map(
    ([name, value]): Permission => ({
      area: 'integration',
      name: `dataset/${name}`,
      value: textOf(value),
    }),
  );
  return [...reach, ...models, ...datasets];
}

function triggerFacts({ inputs, ...trigger }: Fields): Permission[] {
  const own = leavesOf(trigger, '').map(([name, value]): Permission => ({ area: 'trigger', name, value: textOf(value) }));
  const given = Object.entries(fieldsOf(inputs)).flatMap(([name, input]) =>
    leavesOf(input, name).map(([path, value]): Permission => ({ area: 'input', name: path, value: textOf(value) })),
  );
  return [...own, ...given];
}

function customerFacts(customer: Fields): Permission[] {
  return leavesOf(customer, '').map(
    ([name, value]): Permission => ({ area: name === 'assurance' ? 'assurance' : 'customer', name, value: textOf(value) }),
  );
}

function stepFacts({ id }: StepFact, written: Fields, place: string): Permission[] {
  const leaves = leavesOf(written, '').filter(([path]) => path !== 'id');
  const facts = leaves.map(([path, value]): Permission => {
    const named = STEP_AREAS.find(([form]) => form.test(path))?.[1];
    return { area: named ?? (typeof value === 'number' ? 'limit' : 'other'), name: `${id} ${path}`, value: textOf(value) };
  });
  return [{ area: 'step', name: id, value: place }, ...facts];
}

interface WrittenStep {
  readonly fact: StepFact;
  /** The step without the steps inside it. */
  readonly written: Fields;
  /** What kind it is and where it stands: inside which step, after which one. A step that is put in changes its neighbour's place only. */
  readonly place: string;
}

function stepsIn(value: JsonValue | undefined, depth: number, branch: string | null, above = ''): WrittenStep[] {
  return listOf(value).flatMap((item, index, all): WrittenStep[] => {
    const step = fieldsOf(item);
    const id = textOf(step.id ?? '');
    const kind = Object.keys(STEP_KINDS).find((known) => Object.hasOwn(step, known)) ?? '';
    const body = fieldsOf(step[kind]);
    const written = Object.fromEntries(
      Object.entries(step).flatMap(([name, each]): [string, JsonValue][] => {
        if (isSteps(each)) return [];
        return isObject(each) ? [[name, Object.fromEntries(Object.entries(each).filter(([, inner]) => !isSteps(inner)))]] : [[name, each]];
      }),
    );
    const inside = [...Object.entries(step), ...Object.entries(body)].filter(([, each]) => isSteps(each));
    const fact: StepFact = {
      id,
      kind,
      depth,
      branch,
      reaches: (kind === 'call' ? [body] : listOf(body.tools).map(fieldsOf)).map(targetOf),
      model: wordOf(body.model),
      condition: kind === 'when' ? wordOf(step.when) : wordOf(body.title),
    };
    const before = index === 0 ? null : textOf(fieldsOf(all[index - 1]).id ?? '');
    const place = `${kind}, ${before === null ? 'first' : `after ${before}`}${above}`;
    return [{ fact, written, place }, ...inside.flatMap(([name, each]) => stepsIn(each, depth + 1, name, ` in ${id} ${name}`))];
  });
}

/** A list that can hold nothing but steps. */
const isSteps = (value: JsonValue | undefined): boolean =>
  listOf(value).length > 0 &&
  listOf(value).every((item) => isObject(item) && Object.keys(STEP_KINDS).some((kind) => Object.hasOwn(item, kind)));

function inputsOf(inputs: Fields): readonly InputFact[] {
  return Object.entries(inputs).map(([name, written]) => {
    const { type, maxBytes, description } = fieldsOf(written);
    const bytes = typeof maxBytes === 'number' ? maxBytes : null;
    return { name, type: wordOf(type) ?? '', maxBytes: bytes, description: wordOf(description) };
  });
}

function customerOf({ read, id, assurance }: Fields): VersionFacts['customer'] {
  return { operation: targetOf(fieldsOf(read)), field: wordOf(id) ?? '', assurance: wordOf(assurance) ?? '' };
}

/** Every value below, by its path; members of a list by their `name` where they have one. */
function leavesOf(value: JsonValue, path: string): Leaf[] {
  const under = (name: string): string => (path === '' ? name : `${path}.${name}`);
  if (isObject(value)) return Object.entries(value).flatMap(([name, each]) => leavesOf(each, under(name)));
  if (!isArray(value) || value.every((each) => typeof each !== 'object' || each === null)) return [[path, value]];
  return value.flatMap((each, index) => leavesOf(each, under(wordOf(fieldsOf(each).name) ?? String(index))));
}

const targetOf = (call: Fields): string => `${textOf(call.integration ?? '')}/${textOf(call.operation ?? '')}`;
const wordOf = (value: JsonValue | undefined): string | null => (typeof value === 'string' ? value : null);
const fieldsOf = (value: JsonValue | undefined): Fields => (isObject(value) ? (value as Fields) : {});
const listOf = (value: JsonValue | undefined): readonly JsonValue[] => (isArray(value) ? value : []);
function textOf(value: JsonValue): string {
  if (typeof value === 'string') return value;
  return isArray(value) ? value.map(textOf).join(', ') : JSON.stringify(value);
}
