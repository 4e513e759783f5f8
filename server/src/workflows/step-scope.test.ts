// The token of a step carries what the approved step names: no more, not even what another step of the same workflow names.

import { expect, test } from 'vitest';
import { carriesOperation, isRefusal } from '#core';
import { readTemplate } from '../../../testkit/workflow-world/index.ts';
import { openBundle } from './bundle.ts';
import { parseDefinition } from './parse-definition.ts';
import { CUSTOMER_STEP } from './segment.ts';
import { stepScope } from './step-scope.ts';

const bundle = openBundle(readTemplate('support-reply'));
const definition = isRefusal(bundle) ? bundle : parseDefinition(bundle);
if (isRefusal(definition)) throw new Error(definition.code);

test('each step carries its own operations and its own model', () => {
  expect(stepScope(definition, CUSTOMER_STEP)).toEqual(['demo-shop:tickets.get']);
  const desk = stepScope(definition, 'desk');
  expect(desk.length).toBeGreaterThan(1);
  expect(desk.every((entry) => /^demo-(?:shop|model):/.test(entry))).toBe(true);
  expect(carriesOperation(desk, 'demo-shop', 'tickets.get')).toBe(false);
  expect(carriesOperation(desk, 'demo-shop', 'never.named')).toBe(false);
});

test('a step nobody approved carries nothing', () => {
  expect(stepScope(definition, 'invented')).toEqual([]);
  expect(stepScope(definition, null)).toEqual([]);
});
