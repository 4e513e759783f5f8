// Turns the files of a bundle into a workflow, or says precisely what is wrong and where. Never repairs: one mistake refuses it whole.

import { parse } from 'yaml';
import { isJsonFault, isObject, isRefusal, parseStrictJson, type Refusal, refuse, WORST } from '#core';
import { undecided } from './automated-decisions.ts';
import { type Bundle, WORKFLOW_FILE } from './bundle.ts';
import type { CallTarget, Confirms, Decides, Expressions, InputSpec, Prompt, Step, WorkflowDefinition } from './definition.ts';
import {
  type DefinitionSource,
  definitionSource,
  durationMs,
  MAX_DEPTH,
  MAX_STEPS,
  STEP_KINDS,
  type StepKind,
  type StepSource,
} from './definition-schema.ts';
import { compileExpression, type Expression } from './expressions.ts';
import { readTests } from './test-cases.ts';
import { labelled } from './value-labels.ts';

const MAX_PROBLEMS = 20;
const SLOT = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** Collects what is wrong, each with the place where it stands. */
interface Reading {
  readonly bundle: Bundle;
  readonly problems: string[];
  readonly used: Set<string>;
  readonly ids: Set<string>;
  readonly operations: ReadonlyMap<string, ReadonlySet<string>>;
  readonly models: ReadonlyMap<string, string>;
  /** By the step that decides. */
  readonly decisions: Map<string, Decides>;
}

export function parseDefinition(bundle: Bundle): WorkflowDefinition | Refusal {
  let written: unknown;
  try {
    written = parse(bundle.files.get(WORKFLOW_FILE) ?? '', { maxAliasCount: 0, uniqueKeys: true });
  } catch {
    return invalid([`${WORKFLOW_FILE} is not valid YAML`]);
  }
  const misshapen = shapeProblems(written);
  if (misshapen.length > 0) return invalid(misshapen);
  const parsed = definitionSource.safeParse(written);
  if (!parsed.success)
    return invalid(parsed.error.issues.map((issue) => `${issue.path.map(String).join('.') || 'workflow'}: ${issue.message}`));
  const source = parsed.data;
  const reading: Reading = {
    bundle,
    problems: [],
    used: new Set([WORKFLOW_FILE]),
    ids: new Set(),
    operations: new Map(Object.entries(source.uses.integrations).map(([name, operations]) => [name, new Set(operations)])),
    models: new Map(Object.entries(source.uses.models)),
    decisions: new Map(),
  };
  const customer =
    source.customer === undefined
      ? null
      : {
          read: readCall(reading, 'customer.read', source.customer.read),
          id: source.customer.id.split('.'),
          assurance: source.customer.assurance,
        };
  const steps = readSteps(reading, 'steps', source.steps, 0);
  if (reading.ids.size > MAX_STEPS) reading.problems.push(`steps: there are more than ${MAX_STEPS}`);
  reading.problems.push(...undecided(steps, reading.decisions));
  for (const path of bundle.files.keys()) {
    if (!reading.used.has(path) && !/^(README\.md$|tests\/)/.test(path)) reading.problems.push(`${path}: no step uses this file`);
  }
  const tests = readTests(bundle);
  if (isRefusal(tests)) reading.problems.push(...(tests.evidence.problems as readonly string[]));
  if (reading.problems.length > 0) return invalid(reading.problems);
  const { name, owner, purpose } = source;
  return Object.freeze({
    name,
    owner,
    purpose,
    ...readTrigger(source.trigger),
    operations: reading.operations,
    models: reading.models,
    datasets: new Map(Object.entries(source.uses.datasets ?? {})),
    dataUse: source.dataUse ?? [],
    customer,
    steps,
  });
}

function readTrigger(trigger: DefinitionSource['trigger']): Pick<WorkflowDefinition, 'listens' | 'inputs'> {
  const inputs = Object.entries(trigger.inputs).map(([name, { type, maxBytes, ...rest }]): [string, InputSpec] => {
    const from = 'from' in rest && typeof rest.from === 'string' ? rest.from.split('.') : null;
    return [name, { type, maxBytes, from }];
  });
  const listens = trigger.kind === 'webhook' ? { integration: trigger.integration, event: trigger.event } : null;
  return { listens, inputs: Object.fromEntries(inputs) };
}

/** A step is judged as the kind it says it is, so that a mistake is named where it is and not as "no kind fits". */
function shapeProblems(written: unknown): string[] {
  const problems: string[] = [];
  const walk = (steps: unknown, at: string, depth: number): void => {
    if (!Array.isArray(steps) || depth > MAX_DEPTH) return;
    for (const [index, step] of steps.slice(0, MAX_STEPS).entries()) {
      const place = `${at}.${index}`;
      const kinds = isObject(step) ? (Object.keys(STEP_KINDS) as StepKind[]).filter((kind) => Object.hasOwn(step, kind)) : [];
      if (!isObject(step) || kinds.length !== 1) {
        problems.push(`${place}: a step has an id and exactly one of ${Object.keys(STEP_KINDS).join(', ')}`);
        continue;
      }
      if (kinds[0] === 'when') {
        walk(step.do, `${place}.do`, depth + 1);
        walk(step.else, `${place}.else`, depth + 1);
        continue;
      }
      const parsed = STEP_KINDS[kinds[0] as StepKind].safeParse(step);
      if (!parsed.success)
        problems.push(...parsed.error.issues.map((issue) => `${[place, ...issue.path.map(String)].join('.')}: ${issue.message}`));
    }
  };
  if (isObject(written)) walk(written.steps, 'steps', 0);
  return problems;
}

function readSteps(reading: Reading, at: string, steps: readonly StepSource[], depth: number): readonly Step[] {
  if (depth > MAX_DEPTH) reading.problems.push(`${at}: is nested deeper than ${MAX_DEPTH}`);
  return steps.map((step) => readStep(reading, `${at}.${step.id}`, step, depth));
}

function readStep(reading: Reading, at: string, step: StepSource, depth: number): Step {
  if (reading.ids.has(step.id)) reading.problems.push(`${at}: there is another step of this id`);
  reading.ids.add(step.id);
  const { id } = step;
  if ('decides' in step && step.decides !== undefined) reading.decisions.set(id, step.decides);
  if ('call' in step) return { kind: 'call', id, call: readCall(reading, `${at}.call`, step.call), onRefusal: step.onRefusal };
  if ('model' in step) {
    const output = step.model.output === undefined ? null : readSchema(reading, `${at}.model.output`, step.model.output);
    return { kind: 'model', id, prompt: readPrompt(reading, `${at}.model`, step.model), output, onRefusal: step.onRefusal };
  }
  if ('agent' in step) {
    const { tools, maxTurns, maxCalls } = step.agent;
    const names = new Set<string>();
    for (const tool of tools) {
      if (names.has(tool.name)) reading.problems.push(`${at}.agent.tools.${tool.name}: there is another tool of this name`);
      names.add(tool.name);
      needsOperation(reading, `${at}.agent.tools.${tool.name}`, tool);
    }
    const prompt = readPrompt(reading, `${at}.agent`, step.agent);
    return {
      kind: 'agent',
      id,
      prompt,
      tools: tools.map((tool) => ({ ...tool, arguments: tool.arguments ?? null })),
      maxTurns,
      maxCalls,
      decides: step.decides !== undefined,
      onRefusal: step.onRefusal,
    };
  }
  if ('transform' in step) return { kind: 'transform', id, members: readExpressions(reading, `${at}.transform`, step.transform) };
  if ('emit' in step)
    return { kind: 'emit', id, event: step.emit.event, facts: readExpressions(reading, `${at}.emit.facts`, step.emit.facts) };
  if ('approval' in step) return readApproval(reading, `${at}.approval`, id, step.approval);
  return {
    kind: 'when',
    id,
    condition: readExpression(reading, `${at}.when`, step.when),
    do: readSteps(reading, `${at}.do`, step.do, depth + 1),
    else: readSteps(reading, `${at}.else`, step.else, depth + 1),
  };
}

function readApproval(
  reading: Reading,
  at: string,
  id: string,
  source: Extract<StepSource, { approval: unknown }>['approval'],
): Extract<Step, { kind: 'approval' }> {
  const { title, sentence, expiresAfter, onDenied, confirms } = source;
  for (const [, name] of sentence.matchAll(/\{([^{}]*)\}/g))
    if (!Object.hasOwn(source.show, name as string)) reading.problems.push(`${at}.sentence: show has no member ${name}`);
  const show = readExpressions(reading, `${at}.show`, source.show);
  return {
    ...{ kind: 'approval', id, title, sentence, show, onDenied },
    expiresAfterMs: durationMs(expiresAfter),
    confirms: confirms === undefined ? null : readConfirms(reading, `${at}.confirms`, confirms),
  };
}

function readConfirms(
  reading: Reading,
  at: string,
  { proposal, because, ...written }: NonNullable<Extract<StepSource, { approval: unknown }>['approval']['confirms']>,
): Confirms {
  const { step, options, otherwise } = written;
  if (!Object.hasOwn(options, otherwise)) reading.problems.push(`${at}.otherwise: is none of the options`);
  const decided = reading.decisions.get(step);
  if (decided === undefined) reading.problems.push(`${at}.step: ${step} is no step before it that decides`);
  return {
    ...written,
    ...(decided ?? { kind: '', effect: 'legal' }),
    proposal: readExpression(reading, `${at}.proposal`, proposal),
    because: readExpression(reading, `${at}.because`, because),
  };
}

function readCall(
  reading: Reading,
  at: string,
  call: { readonly integration: string; readonly operation: string; readonly with: Readonly<Record<string, string>> },
): CallTarget {
  needsOperation(reading, at, call);
  return { integration: call.integration, operation: call.operation, with: readExpressions(reading, `${at}.with`, call.with) };
}

function needsOperation(reading: Reading, at: string, wanted: { readonly integration: string; readonly operation: string }): void {
  if (reading.operations.get(wanted.integration)?.has(wanted.operation) !== true)
    reading.problems.push(`${at}: ${wanted.integration}/${wanted.operation} is not listed under uses.integrations`);
}

function readPrompt(
  reading: Reading,
  at: string,
  source: { readonly model: string; readonly system: string; readonly prompt: string; readonly data: Readonly<Record<string, string>> },
): Prompt {
  if (!reading.models.has(source.model)) reading.problems.push(`${at}.model: ${source.model} is not listed under uses.models`);
  const prompt = readFile(reading, `${at}.prompt`, source.prompt);
  const slots = new Set([...prompt.matchAll(SLOT)].map((match) => match[1] as string));
  for (const slot of slots) if (!Object.hasOwn(source.data, slot)) reading.problems.push(`${at}.data: nothing fills the slot ${slot}`);
  for (const name of Object.keys(source.data))
    if (!slots.has(name)) reading.problems.push(`${at}.data.${name}: the prompt has no such slot`);
  return {
    model: source.model,
    system: readFile(reading, `${at}.system`, source.system),
    prompt,
    data: readExpressions(reading, `${at}.data`, source.data),
  };
}

function readFile(reading: Reading, at: string, path: string): string {
  reading.used.add(path);
  const text = reading.bundle.files.get(path);
  if (text === undefined) reading.problems.push(`${at}: there is no file ${path}`);
  return text ?? '';
}

function readSchema(reading: Reading, at: string, path: string) {
  const value = parseStrictJson(readFile(reading, at, path));
  if (!isJsonFault(value) && isObject(value)) return value;
  reading.problems.push(`${at}: ${path} is not a JSON Schema`);
  return null;
}

function readExpressions(reading: Reading, at: string, sources: Readonly<Record<string, string>>): Expressions {
  return Object.fromEntries(Object.entries(sources).map(([name, source]) => [name, readExpression(reading, `${at}.${name}`, source)]));
}

function readExpression(reading: Reading, at: string, source: string): Expression {
  const compiled = compileExpression(source);
  if ('evaluate' in compiled) return compiled;
  reading.problems.push(`${at}: the expression ${compiled.fault}`);
  return { evaluate: () => compiled, labels: () => labelled(WORST), steps: new Set() };
}

function invalid(problems: readonly string[]): Refusal {
  const shown = problems.slice(0, MAX_PROBLEMS);
  const more = problems.length - shown.length;
  return refuse(
    'WORKFLOWS_DEFINITION_INVALID',
    `The workflow can not be used: ${shown[0]}${problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''}.`,
    { problems: more > 0 ? [...shown, `${more} more not shown`] : shown },
  );
}

/** One pass over the prompt: what fills a slot is never looked into for further slots. */
export function fillPrompt(prompt: string, values: Readonly<Record<string, string>>): string {
  return prompt.replace(SLOT, (_slot, name: string) => values[name] ?? '');
}
