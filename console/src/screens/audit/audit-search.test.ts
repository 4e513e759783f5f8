// What is typed into the search of the Audit log.

import { describe, expect, it } from 'vitest';
import { readSearch } from './audit-search.ts';

describe('the search of the Audit log', () => {
  it('tells from its form what a word is', () => {
    expect(readSearch('#12')).toEqual({ event: '12', unknown: [] });
    expect(readSearch('12')).toEqual({ event: '12', unknown: [] });
    expect(readSearch('call_01-a')).toEqual({ subject: 'call_01-a', unknown: [] });
    expect(readSearch('run_01-a')).toEqual({ run: 'run_01-a', unknown: [] });
    expect(readSearch('act_00ff  approvals.call.')).toEqual({ actor: 'act_00ff', type: 'approvals.call.', unknown: [] });
    expect(readSearch('workflow:support-reply')).toEqual({ workflow: 'support-reply', unknown: [] });
  });

  it('takes a word for what is said before it', () => {
    expect(readSearch('type:vault about:demo-shop by:wkl_1 decision:refused')).toEqual({
      type: 'vault',
      subject: 'demo-shop',
      actor: 'wkl_1',
      decision: 'refused',
      unknown: [],
    });
  });

  it('looks for the rest as text', () => {
    expect(readSearch('refund 12 type:vault')).toEqual({ q: 'refund 12', type: 'vault', unknown: [] });
  });

  it('gives back what contradicts itself: a type that is none, and a second word of the same kind', () => {
    expect(readSearch('type:No! call_1 call_2')).toEqual({ subject: 'call_1', unknown: ['type:No!', 'call_2'] });
  });
});
