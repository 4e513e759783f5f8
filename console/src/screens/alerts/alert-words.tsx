// How an alert is named: its rule in a few words, its severity as a word with an icon, who acted.

import type { ReactNode } from 'react';
import type { Alert, Severity } from '../../api/alerts.ts';
import { strings } from '../../strings/en.ts';
import { Badge, type Tone } from '../../ui/badge.tsx';
import { visible } from '../../ui/visible.ts';

const text = strings.alerts;
const TONES: Readonly<Record<Severity, Tone>> = { critical: 'bad', warning: 'warn', notice: 'plain' };

export const ruleName = (rule: string): string => text.rules[rule] ?? rule;

export function SeverityBadge({ severity }: { severity: Severity }): ReactNode {
  return <Badge tone={TONES[severity]}>{text.severities[severity]}</Badge>;
}

export function actorName({ by, byName }: Pick<Alert, 'by' | 'byName'>): string {
  if (by === null) return text.nobody;
  return visible(byName ?? by);
}
