// Rows of breaches, assessments and automated decisions, for the differential test.

import { AT_MS } from './seed-time.ts';

const at = new Date(AT_MS).toISOString();
const person = 'per_018cc251-f400-7000-8000-000000000001';
const hex = (byte: string): string => `\\x${byte.repeat(32)}`;
export const BREACH = 'bre_018cc251-f400-7000-8000-000000000001';
export const ASSESSMENT = 'asm_018cc251-f400-7000-8000-000000000001';
export const VERSION = 'ab'.repeat(32);

export const accountabilitySeed: Readonly<Record<string, readonly object[]>> = {
  governance_breaches: [{ id: BREACH, sealed_what: hex('31'), aware_at: at, opened_at: at, opened_by: person }],
  governance_breach_steps: [{ breach: BREACH, number: 1, kind: 'note', at, by: person, facts: {} }],
  governance_assessment_needs: [
    { subject: 'workflow:one', version: VERSION, trigger: 'profiling', why: 'new', assessment: '', first_at: at },
  ],
  governance_assessments: [
    {
      ...{ id: ASSESSMENT, subject: 'workflow:one', version: VERSION, revision: 1, residual_risk: 'low', sealed: hex('32') },
      ...{ review_at: at, recorded_at: at, recorded_by: person, approved_at: at, approved_by: person, alone: true },
    },
  ],
  governance_assessment_settings: [{ blocking: true, changed_at: at, changed_by: person }],
  governance_decisions: [
    {
      ...{ kind: 'workflow', name: 'one', significant: true, mode: 'wait', decides: 'x', purpose: '', logic: '' },
      ...{ declared_at: at, declared_by: person },
    },
  ],
};
