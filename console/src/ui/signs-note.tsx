// Says beforehand that a yes is signed: to whoever has a passkey, since the browser asks for it next.

import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { sessionQuery } from '../api/queries.ts';
import { strings } from '../strings/en.ts';

export function SignsNote(): ReactNode {
  return useQuery(sessionQuery).data?.hasPasskey === true ? <p className="small soft">{strings.stepUp.signs}</p> : null;
}
