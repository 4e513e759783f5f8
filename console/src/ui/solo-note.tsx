// Said calmly wherever two people would be asked and there is one.

import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { sessionQuery } from '../api/queries.ts';
import { strings } from '../strings/en.ts';

export function SoloNote(): ReactNode {
  const isSolo = useQuery(sessionQuery).data?.isSolo === true;
  return isSolo ? <p className="small soft">{strings.people.solo.short}</p> : null;
}
