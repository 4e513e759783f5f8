// What needs an assessment, by what flows, what is declared and what workflows are; and from when duties hold.

import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Destination, FlowRow } from '../flows/types.ts';
import { admtDuty } from './duties.ts';
import { type Facts, LARGE_SCALE, needsOf } from './triggers.ts';

const digest = { sha256: (text: string | Uint8Array) => createHash('sha256').update(text).digest('hex') } as never;
const flow = (more: Partial<FlowRow> = {}): FlowRow => ({
  ...{ direction: 'out', destination: 'desk', host: 'desk.example.com', region: 'DE', operation: 'tickets.create', workflow: '' },
  ...{ dataClass: 'email_address', handling: 'clear', count: 1, firstAtMs: 0, lastAtMs: 0, ...more },
});
const declared = (more: Partial<Destination> = {}): Destination => ({
  ...{ name: 'desk', vendor: 'Example', country: 'DE', host: 'desk.example.com', role: 'processor', legalBasis: 'contract' },
  ...{ transferBasis: 'none', purpose: '', retentionDays: null, measures: '', classes: [], uses: [], optOutField: null, declaredAtMs: 0 },
  ...more,
});
const none: Facts = {
  profile: { home: 'DE', controller: '', contact: '' },
  ...{ destinations: [declared()], flows: [flow()], workflows: [], deciders: [] },
};
const kinds = (facts: Partial<Facts>): readonly string[] =>
  needsOf(digest, { ...none, ...facts }).flatMap(({ subject, triggers }) => triggers.map(({ trigger }) => `${subject} ${trigger}`));
const workflow = { name: 'segments', hash: 'ab', dataUse: [], operations: ['shop.refunds.create'] };

describe('an assessment is needed', () => {
  it.each([
    ['for health data, masked or not shown to nobody', { flows: [flow({ dataClass: 'health_detail' })] }, ['flow:desk special_category']],
    [
      'for restricted data that can be put back',
      { flows: [flow({ dataClass: 'bank_account', handling: 'tokenise' })] },
      ['flow:desk restricted_class'],
    ],
    ['when a model sees addresses in clear', { flows: [flow({ operation: 'chat' })] }, ['flow:desk model_in_clear']],
    [
      'for profiling and for sale',
      { destinations: [declared({ uses: ['profiling', 'sale'] })] },
      ['flow:desk profiling', 'flow:desk sale_or_sharing'],
    ],
    [
      'for a country without adequacy',
      { destinations: [declared({ country: 'US', transferBasis: 'scc' })] },
      ['flow:desk transfer_without_adequacy'],
    ],
    ['for a place nobody declared', { destinations: [], flows: [flow({ region: 'unknown' })] }, ['flow:desk transfer_without_adequacy']],
    ['for what people may limit', { destinations: [declared({ uses: ['sensitive'] })] }, ['flow:desk special_category']],
    ['for a workflow that profiles', { workflows: [{ ...workflow, dataUse: ['profiling'] as const }] }, ['workflow:segments profiling']],
    [
      'for one of large scale',
      { workflows: [workflow], flows: [flow({ workflow: 'segments', count: LARGE_SCALE })] },
      ['workflow:segments large_scale'],
    ],
    [
      'for what decides, and for a workflow that does it',
      { workflows: [workflow], deciders: [{ kind: 'operation', name: 'shop.refunds.create', decides: 'x', version: 'v' }] as const },
      ['workflow:segments automated_decision', 'operation:shop.refunds.create automated_decision'],
    ],
  ] as readonly (readonly [string, Partial<Facts>, readonly string[]])[])('%s', (_what, facts, expected) =>
    expect(kinds(facts)).toEqual(expected),
  );

  it.each([
    ['for what stays inside', {}],
    ['for masked data', { flows: [flow({ dataClass: 'health_detail', handling: 'mask' })] }],
    ['for what an answer brought', { flows: [flow({ dataClass: 'health_detail', direction: 'in' })] }],
    ['for a country with adequacy', { destinations: [declared({ country: 'JP', transferBasis: 'adequacy' })] }],
    [
      'for transfers before anybody said where the tenant is',
      { profile: { home: null, controller: '', contact: '' }, destinations: [declared({ country: 'US' })] },
    ],
    [
      'for a workflow that is a call short of large',
      { workflows: [workflow], flows: [flow({ workflow: 'segments', count: LARGE_SCALE - 1 })] },
    ],
  ] as readonly (readonly [string, Partial<Facts>])[])('not %s', (_what, facts) => expect(kinds(facts)).toEqual([]));

  it('of another version when hosts, country, basis, uses or kinds of data change, and of the same when counts do', () => {
    const uses = ['profiling'] as const;
    const version = (facts: Partial<Facts>): string | undefined => needsOf(digest, { ...none, ...facts })[0]?.version;
    const first = version({ destinations: [declared({ uses })] });
    expect(version({ destinations: [declared({ uses })], flows: [flow({ count: 99, lastAtMs: 5 })] })).toBe(first);
    const others = [
      version({ destinations: [declared({ uses, country: 'FR' })] }),
      version({ destinations: [declared({ uses, transferBasis: 'scc' })] }),
      version({ destinations: [declared({ uses: ['profiling', 'sale'] })] }),
      version({ destinations: [declared({ uses })], flows: [flow(), flow({ dataClass: 'phone_number' })] }),
      version({ destinations: [declared({ uses })], flows: [flow({ host: 'other.example.com' })] }),
    ];
    expect(new Set([first, ...others]).size).toBe(6);
  });
});

describe('the duties of automated decisions', () => {
  it('hold from 2027-01-01 on, and are shown with that date before', () => {
    expect(admtDuty(Date.UTC(2026, 11, 31, 23, 59, 59))).toMatchObject({ inForce: false, status: 'from 2027-01-01' });
    expect(admtDuty(Date.UTC(2027, 0, 1))).toMatchObject({ inForce: true, status: 'in force' });
  });
});
