// A state in a word with an icon; the colour only repeats what both say.

import type { ReactNode } from 'react';
import { Icon, type IconName } from './icons.tsx';

export type Tone = 'good' | 'bad' | 'warn' | 'info' | 'plain';

const ICON: Readonly<Record<Tone, IconName>> = { good: 'good', bad: 'bad', warn: 'warn', info: 'wait', plain: 'info' };

export function Badge({ tone, icon = ICON[tone], children }: { tone: Tone; icon?: IconName; children: ReactNode }): ReactNode {
  return (
    <span className={`badge ${tone}`}>
      <Icon name={icon} size={12} />
      {children}
    </span>
  );
}
