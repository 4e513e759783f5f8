// A button that saves what the server gives under an address. Not a link: a browser could not sign what it asks by itself.

import { type ReactNode, useState } from 'react';
import type { Action } from '../api/access.ts';
import { ApiFault, download } from '../api/client.ts';
import { strings } from '../strings/en.ts';
import type { Props as ButtonProps } from './button.tsx';
import { MayButton } from './may.tsx';
import { useToast } from './toast.tsx';

interface Props extends Omit<ButtonProps, 'onPress'> {
  readonly path: string;
  readonly action: Action;
}

export function DownloadButton({ path, children, ...props }: Props): ReactNode {
  const say = useToast();
  const [isWorking, setWorking] = useState(false);
  async function save(): Promise<void> {
    setWorking(true);
    try {
      await download(path);
    } catch (error) {
      say(error instanceof ApiFault && error.message !== '' ? error.message : strings.states.failedLead);
    }
    setWorking(false);
  }
  return (
    <MayButton {...props} isCompact isPending={isWorking} onPress={() => void save()}>
      {children}
    </MayButton>
  );
}
