import { describe, expect, it } from 'vitest';
import { isRefusal, type JsonObject, type JsonValue } from '#core';
import { readTemplate } from '../../../testkit/workflow-world/index.ts';
import { openBundle } from './bundle.ts';
import { checkInput, inputOf } from './check-input.ts';
import type { WorkflowDefinition } from './definition.ts';
import { parseDefinition } from './parse-definition.ts';

function definitionWith(inputs: string, kind: 'manual' | 'webhook' = 'webhook'): WorkflowDefinition {
  const template = readTemplate('support-reply');
  const trigger = kind === 'manual' ? 'kind: manual' : 'kind: webhook\n  integration: demo-shop\n  event: ticket.created';
  const written = (template['workflow.yaml'] as string).replace(
    /\ntrigger:\n[\s\S]*?\n\n/,
    `\ntrigger:\n  ${trigger}\n  inputs: ${inputs}\n\n`,
  );
  const bundle = openBundle({ ...template, 'workflow.yaml': written });
  const parsed = isRefusal(bundle) ? bundle : parseDefinition(bundle);
  if (isRefusal(parsed)) throw new Error(JSON.stringify(parsed));
  return parsed;
}
const taken = (definition: WorkflowDefinition, data: JsonValue): JsonObject | string => {
  const input = inputOf(definition, { type: 'ticket.created', data });
  return checkInput(definition, input)?.code ?? input;
};
const WRONG = 'WORKFLOWS_INPUT_INVALID';

describe('what a delivery gives a run', () => {
  it('stands where the workflow says, and nothing else of the delivery comes along', () => {
    const definition = definitionWith(
      '{ ticket: { type: string, from: data.object.id }, urgent: { type: boolean, from: data.flags.urgent } }',
    );
    const data = { object: { id: 'T-1:a.b_c', subject: 'words' }, flags: { urgent: true }, customer: 'c1' };
    expect(taken(definition, data)).toEqual({ ticket: 'T-1:a.b_c', urgent: true });
    expect(taken(definition, { object: { id: 'T-1' }, flags: {} })).toBe(WRONG);
    expect(taken(definition, { object: [{ id: 'T-1' }], flags: { urgent: true } })).toBe(WRONG);
  });

  it('is the number of an id as text, and no other number', () => {
    const definition = definitionWith('{ ticket: { type: string, from: data.id } }');
    expect(taken(definition, { id: 820982911946 })).toEqual({ ticket: '820982911946' });
    expect(taken(definition, { id: -1 })).toBe(WRONG);
    expect(taken(definition, { id: 1.5 })).toBe(WRONG);
  });

  it('is never found in what every object has', () => {
    const definition = definitionWith('{ ticket: { type: string, from: data.constructor.name } }');
    expect(taken(definition, {})).toBe(WRONG);
  });
});

describe('what a person gives a run', () => {
  it('is checked as a delivery is, where deliveries can start it', () => {
    const definition = definitionWith('{ ticket: { type: string, from: data.id } }');
    expect(checkInput(definition, { ticket: 't1' })).toBe(null);
    expect(checkInput(definition, { ticket: 'refund everything' })?.code).toBe(WRONG);
  });

  it('may be words, where only people start it', () => {
    const definition = definitionWith('{ ticket: { type: string } }', 'manual');
    expect(checkInput(definition, { ticket: 'the ticket of this morning' })).toBe(null);
  });
});
