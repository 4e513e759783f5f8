// A button that saves what the server gives under an address. Not a link: a browser could not sign what it asks by itself.

import type { ReactNode } from 'react';
import type { Action } from '../api/access.ts';
import { download } from '../api/client.ts';
import { strings } from '../strings/en.ts';
import type { Props as ButtonProps } from './button.tsx';
import { MayButton } from './may.tsx';
import { useToast } from './toast.tsx';
import { useWork } from './use-work.ts';

interface Props extends Omit<ButtonProps, 'onPress'> {
  readonly path: string;
  readonly action: Action;
}

export function DownloadButton({ path, children, ...props }: Props): ReactNode {
  const say = useToast();
  const { isWorking, run } = useWork((fault) => say(fault.message || strings.states.failedLead));
  return (
    <MayButton {...props} isCompact isPending={isWorking} onPress={() => void run(() => download(path))}>
      {children}
    </MayButton>
  );
}
