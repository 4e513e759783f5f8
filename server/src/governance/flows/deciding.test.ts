// What a declared decision means for a call of somebody who opted out of it.

import { describe, expect, it } from 'vitest';
import type { DeclaredDecision } from '../store/decisions.ts';
import { type DecidingCall, modeOf } from './deciding.ts';

const decision = (more: Partial<DeclaredDecision>): DeclaredDecision => ({
  ...{ kind: 'operation', name: 'shop.refunds.create', significant: true, mode: 'wait' },
  ...{ decides: 'x', purpose: '', logic: '', declaredAtMs: 0, ...more },
});
const call = (more: Partial<DecidingCall> = {}): DecidingCall => ({
  ...{ integration: 'shop', operation: 'refunds.create', workflow: 'credit', isEffect: true, ...more },
});
const workflow = (more: Partial<DeclaredDecision> = {}) => decision({ kind: 'workflow', name: 'credit', ...more });

describe('a declared decision', () => {
  it.each([
    ['waits at its own operation', [decision({})], call(), 'wait'],
    ['waits at an effect of its workflow', [workflow()], call({ operation: 'messages.send' }), 'wait'],
    ['refuses at everything of its workflow', [workflow({ mode: 'refuse' })], call({ operation: null, isEffect: false }), 'refuse'],
    ['is as strict as the strictest', [decision({}), workflow({ mode: 'refuse' })], call(), 'refuse'],
    ['does nothing at another operation', [decision({})], call({ operation: 'orders.get' }), null],
    ['does nothing at another integration', [decision({})], call({ integration: 'other' }), null],
    ['does nothing at what a waiting workflow only reads', [workflow()], call({ operation: 'orders.get', isEffect: false }), null],
    ['does nothing when it is not significant', [decision({ significant: false })], call(), null],
    ['does nothing in another workflow', [workflow()], call({ operation: 'messages.send', workflow: null }), null],
  ] as const)('%s', (_what, decisions, one, expected) => expect(modeOf(decisions, one)).toBe(expected));
});
