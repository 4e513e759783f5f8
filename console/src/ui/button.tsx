// A button. While its work is under way it can not be pressed again, and says so.

import type { ReactNode } from 'react';
import { Button as AriaButton, type ButtonProps } from 'react-aria-components';

export interface Props extends Omit<ButtonProps, 'className' | 'children'> {
  /** Bigger for the one thing a screen is for; `icon` for a button that is only an icon with a name. */
  readonly size?: 'plain' | 'large' | 'icon';
  readonly look?: 'plain' | 'primary' | 'danger' | 'quiet';
  readonly children: ReactNode;
}

export function Button({ look = 'plain', size = 'plain', children, ...props }: Props): ReactNode {
  return (
    <AriaButton {...props} className={`button ${look} ${size}`}>
      {children}
    </AriaButton>
  );
}
