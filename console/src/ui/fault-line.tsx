// What the server answers when it refuses something that was asked for: its sentence, its code, and who could.

import type { ReactNode } from 'react';
import { ApiFault } from '../api/client.ts';
import { actionName, roleName } from '../strings/en/access-words.ts';
import { strings } from '../strings/en.ts';
import { Why } from './may.tsx';

/** Whatever was thrown, as a fault that can be shown. */
export const faultOf = (error: unknown): ApiFault => (error instanceof ApiFault ? error : new ApiFault(0, 'UNREACHABLE', ''));

interface Props {
  readonly fault: ApiFault | null;
  /** Sentences of this screen for some codes. */
  readonly words?: Readonly<Record<string, string>>;
}

export function FaultLine({ fault, words = {} }: Props): ReactNode {
  if (fault === null) return null;
  const { allowed, action } = fault.evidence;
  const roles = Array.isArray(allowed) ? allowed.filter((one): one is string => typeof one === 'string') : [];
  return (
    <div role="alert" className="stack tight">
      <p className="error">{words[fault.code] ?? (fault.message === '' ? strings.states.failedLead : fault.message)}</p>
      <p className="small">
        {strings.states.code} <code>{fault.code}</code>
        {roles.length === 0 ? null : ` · ${strings.may.roles}: ${roles.map(roleName).join(', ')}`}
        {fault.status === 403 && typeof action === 'string' ? (
          <>
            {' '}
            <Why may={{ isAllowed: false, action, on: null }} what={actionName(action)} />
          </>
        ) : null}
      </p>
    </div>
  );
}
