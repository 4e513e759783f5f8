// Why the server did not take it, with its code.

import type { ReactNode } from 'react';
import type { ApiFault } from '../../api/client.ts';
import { strings } from '../../strings/en.ts';
import { Callout } from '../../ui/callout.tsx';

const text = strings.connect.faults;

export function FaultNote({ fault }: { fault: ApiFault | null }): ReactNode {
  if (fault === null) return null;
  return (
    <Callout tone="bad" isAlert>
      <p>{text.codes[fault.code] ?? (fault.message || strings.states.failedLead)}</p>
      <p className="small">
        {text.code} <code>{fault.code}</code>
      </p>
    </Callout>
  );
}
