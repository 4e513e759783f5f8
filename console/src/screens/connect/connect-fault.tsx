// Why the server did not take it, with its code.

import type { ReactNode } from 'react';
import { strings } from '../../strings/en.ts';
import { Callout } from '../../ui/callout.tsx';
import type { ServerFault } from './connect-fields.ts';

export function FaultNote({ fault }: { fault: ServerFault | null }): ReactNode {
  if (fault === null) return null;
  return (
    <Callout tone="bad" isAlert>
      <p>{fault.sentence}</p>
      <p className="small">
        {strings.connect.faults.code} <code>{fault.code}</code>
      </p>
    </Callout>
  );
}
