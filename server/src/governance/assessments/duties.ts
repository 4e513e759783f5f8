// From when the duties of assessments and automated decisions hold. Pure: dated values, and what time it is is handed in.

import type { UnixMs } from '#core';

export interface Duty {
  readonly id: string;
  readonly law: string;
  readonly what: string;
  readonly fromMs: UnixMs;
}

export const DUTIES: readonly Duty[] = [
  {
    id: 'dpia',
    law: 'GDPR Art. 35',
    what: 'Impact assessment before processing that is likely a high risk for people',
    fromMs: Date.UTC(2018, 4, 25),
  },
  {
    id: 'risk_assessment',
    law: 'CCPA regulations (11 CCR 7150 ff.)',
    what: 'Risk assessment before selling or sharing data, sensitive data, or automated decisions of significance',
    fromMs: Date.UTC(2026, 0, 1),
  },
  {
    id: 'risk_assessment_existing',
    law: 'CCPA regulations (11 CCR 7155)',
    what: 'Risk assessment of what was already done before 2026',
    fromMs: Date.UTC(2027, 11, 31),
  },
  {
    id: 'admt',
    law: 'CCPA regulations (11 CCR 7200 ff.)',
    what: 'Automated decisions of significance: notice before use, opt-out, access',
    fromMs: Date.UTC(2027, 0, 1),
  },
];

export interface DutyView extends Omit<Duty, 'fromMs'> {
  readonly from: string;
  readonly inForce: boolean;
  /** `in force`, or `from 2027-01-01`. */
  readonly status: string;
}

export const dutiesAt = (nowMs: UnixMs): readonly DutyView[] =>
  DUTIES.map(({ fromMs, ...duty }) => {
    const from = new Date(fromMs).toISOString().slice(0, 10);
    const inForce = nowMs >= fromMs;
    return { ...duty, from, inForce, status: inForce ? 'in force' : `from ${from}` };
  });

export const admtDuty = (nowMs: UnixMs): DutyView => dutiesAt(nowMs).find(({ id }) => id === 'admt') as DutyView;
