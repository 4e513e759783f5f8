// A sentence that stands out, with an icon and what to do about it.

import type { ReactNode } from 'react';
import { Icon, type IconName } from './icons.tsx';

export interface Props {
  readonly tone: 'good' | 'warn' | 'bad' | 'info';
  readonly icon?: IconName;
  readonly children: ReactNode;
  readonly action?: ReactNode;
  /** Spoken at once. */
  readonly isAlert?: boolean;
}

const ICONS: Readonly<Record<Props['tone'], IconName>> = { good: 'shield', warn: 'warn', bad: 'warn', info: 'info' };

export function Callout({ tone, icon = ICONS[tone], children, action = null, isAlert = false }: Props): ReactNode {
  return (
    <div className={`callout ${tone}`} {...(isAlert ? { role: 'alert' } : {})}>
      <Icon name={icon} size={24} />
      <div>{children}</div>
      {action}
    </div>
  );
}
