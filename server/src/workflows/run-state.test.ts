import { describe, expect, it } from 'vitest';
import { inputLabel } from './run-state.ts';

describe('the inputs of a run', () => {
  it('are the words of the person who began it, or of the integration whose signed delivery did, and of nobody else', () => {
    expect(inputLabel({ trigger: 'person', by: 'per_1', region: null })).toMatchObject({
      integrity: 'staff',
      sources: new Set(['person:per_1']),
    });
    expect(inputLabel({ trigger: 'webhook', by: 'integration:demo-shop', region: 'EEA' })).toMatchObject({
      integrity: 'system_of_record',
      sources: new Set(['integration:demo-shop']),
      subject: new Set(),
    });
  });
});
