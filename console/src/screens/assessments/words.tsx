// Words and badges that the screens of assessments share.

import type { ReactNode } from 'react';
import type { AssessedSubject, Duty } from '../../api/assessments.ts';
import { strings } from '../../strings/en.ts';
import { Badge, type Tone } from '../../ui/badge.tsx';
import { visible } from '../../ui/visible.ts';

const text = strings.assessments;
const TONES: Readonly<Record<string, Tone>> = {
  needed: 'bad',
  waiting: 'warn',
  current: 'good',
  changed: 'bad',
  review_due: 'bad',
  superseded: 'plain',
};

export const StateBadge = ({ state }: { state: string }): ReactNode => (
  <Badge tone={TONES[state] ?? 'plain'}>{text.states[state as keyof typeof text.states] ?? state}</Badge>
);

/** `workflow:segments` in words. */
export function subjectName(subject: string): string {
  const at = subject.indexOf(':');
  return `${text.subjectKinds[subject.slice(0, at)] ?? ''} ${visible(subject.slice(at + 1))}`;
}

export function Triggers({ triggers }: Pick<AssessedSubject, 'triggers'>): ReactNode {
  return (
    <ul className="plain">
      {triggers.map(({ trigger, because, laws }) => (
        <li key={`${trigger} ${because}`}>
          {text.triggers[trigger] ?? trigger}: {visible(because)}{' '}
          <span className="soft small">{laws.map((law) => text.laws[law] ?? law).join(', ')}</span>
        </li>
      ))}
    </ul>
  );
}

export const DutyBadge = ({ duty }: { duty: Pick<Duty, 'inForce' | 'from'> }): ReactNode => (
  <Badge tone={duty.inForce ? 'good' : 'info'}>{duty.inForce ? text.inForce : text.from(duty.from)}</Badge>
);
