// Copies a text and says so; where the browser does not allow it, says that instead.

import type { ReactNode } from 'react';
import { strings } from '../strings/en.ts';
import { Button } from './button.tsx';
import { Icon } from './icons.tsx';
import { useToast } from './toast.tsx';

export function CopyButton({ value, children }: { value: string; children: ReactNode }): ReactNode {
  const say = useToast();
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(value);
      say(strings.copied);
    } catch {
      say(strings.connect.copyFailed);
    }
  }
  return (
    <Button onPress={() => void copy()}>
      <Icon name="copy" />
      {children}
    </Button>
  );
}
