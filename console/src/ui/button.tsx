// A button. While its work is under way it can not be pressed again, and says so.

import type { ReactNode } from 'react';
import { Button as AriaButton, type ButtonProps } from 'react-aria-components';

export interface Props extends Omit<ButtonProps, 'className' | 'children'> {
  readonly look?: 'plain' | 'primary' | 'danger' | 'quiet';
  readonly children: ReactNode;
}

export function Button({ look = 'plain', children, ...props }: Props): ReactNode {
  return (
    <AriaButton {...props} className={`button ${look}`}>
      {children}
    </AriaButton>
  );
}
