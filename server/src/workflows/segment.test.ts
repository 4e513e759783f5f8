// A segment is what the approved graph names, step by step, and nothing that is only declared.

import { describe, expect, it } from 'vitest';
import { isRefusal } from '#core';
import { readTemplate } from '../../../testkit/workflow-world/index.ts';
import { openBundle } from './bundle.ts';
import type { WorkflowDefinition } from './definition.ts';
import { parseDefinition } from './parse-definition.ts';
import { CUSTOMER_STEP, segmentOf } from './segment.ts';

function parsed(change: (source: string) => string = (source) => source): WorkflowDefinition {
  const files = readTemplate('support-reply');
  const bundle = openBundle({ ...files, 'workflow.yaml': change(files['workflow.yaml'] ?? '') });
  const definition = isRefusal(bundle) ? bundle : parseDefinition(bundle);
  if (isRefusal(definition)) throw new Error(JSON.stringify(definition.evidence));
  return definition;
}

const sorted = (names: Iterable<string>): readonly string[] => [...names].sort();

describe('the segment of a version', () => {
  it('gives each step what it names itself', () => {
    const segment = segmentOf(parsed(), 'h');
    expect(sorted(segment.steps.get(CUSTOMER_STEP)?.operations ?? [])).toEqual(['demo-shop/tickets.get']);
    const agent = segment.steps.get('desk');
    expect(agent?.kind).toBe('agent');
    expect(sorted(agent?.integrations ?? [])).toEqual(['demo-model', 'demo-shop']);
    expect(sorted(agent?.operations ?? [])).not.toContain('demo-shop/tickets.get');
    // The workflow reaches what its steps reach together.
    const steps = [...segment.steps.values()];
    expect(sorted(segment.operations)).toEqual(sorted(new Set(steps.flatMap((step) => [...step.operations]))));
  });

  it('leaves out what is declared and used by no step', () => {
    const declared = parsed((source) => source.replace('demo-shop: [', 'demo-shop: [customers.search, '));
    expect(declared.operations.get('demo-shop')?.has('customers.search')).toBe(true);
    expect(sorted(segmentOf(declared, 'h').operations)).toEqual(sorted(segmentOf(parsed(), 'h').operations));
  });
});
