// What is typed into the search of the Audit log.

import { describe, expect, it } from 'vitest';
import { readSearch } from './audit-search.ts';

describe('the search of the Audit log', () => {
  it('tells from its form what a word is', () => {
    expect(readSearch('#12')).toEqual({ event: '12', unknown: [] });
    expect(readSearch('call_01-a')).toEqual({ subject: 'call_01-a', unknown: [] });
    expect(readSearch('act_00ff  approvals.call.')).toEqual({ actor: 'act_00ff', type: 'approvals.call.', unknown: [] });
    expect(readSearch('workflow:support-reply')).toEqual({ actor: 'workflow:support-reply', unknown: [] });
  });

  it('takes a word for what is said before it', () => {
    expect(readSearch('type:vault about:demo-shop by:wkl_1')).toEqual({ type: 'vault', subject: 'demo-shop', actor: 'wkl_1', unknown: [] });
  });

  it('gives back what it can not place, and a second word of the same kind', () => {
    expect(readSearch('refund type:No! call_1 run_2')).toEqual({ subject: 'call_1', unknown: ['refund', 'type:No!', 'run_2'] });
  });
});
