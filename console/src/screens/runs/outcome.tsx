// How the outcome of a call and the moments of its trace are shown.

import type { ReactNode } from 'react';
import { strings } from '../../strings/en.ts';
import { Badge, type Tone } from '../../ui/badge.tsx';

const TONES: Readonly<Record<string, Tone>> = {
  completed: 'good',
  refused: 'bad',
  asked: 'warn',
  faulted: 'bad',
  aborted: 'plain',
  unresolved: 'warn',
  underway: 'info',
};

export function OutcomeBadge({ outcome }: { outcome: string }): ReactNode {
  return <Badge tone={TONES[outcome] ?? 'plain'}>{strings.calls.outcomes[outcome] ?? outcome}</Badge>;
}

export function toneOfEvent(type: string, code: unknown): 'good' | 'bad' | 'warn' | '' {
  if (/\.(completed|approved|finished)$/.test(type)) return 'good';
  if (type.endsWith('.refused')) return code === 'ENDORSEMENT_REQUIRED' ? 'warn' : 'bad';
  if (/\.(denied|faulted|stranded|expired)$/.test(type)) return 'bad';
  return /\.(requested|unresolved|repeated)$/.test(type) ? 'warn' : '';
}
