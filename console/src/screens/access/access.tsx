// Who may call, with which keys, and what may be reached.

import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { integrationsQuery, keysQuery, sessionQuery, workloadsQuery } from '../../api/queries.ts';
import { strings } from '../../strings/en.ts';
import { useLook } from '../../ui/may.tsx';
import { Answer } from '../../ui/states.tsx';
import { PeoplePage } from '../people/people-frame.tsx';
import { Consents } from './consents.tsx';
import { Integrations } from './integrations.tsx';
import { Keys } from './keys.tsx';
import { Workloads } from './workloads.tsx';

const text = strings.access;

export function AccessScreen(): ReactNode {
  const workloads = useQuery(workloadsQuery);
  const keys = useLook('keys.view', keysQuery);
  const integrations = useLook('integrations.view', integrationsQuery);
  const can = useQuery(sessionQuery).data?.can ?? [];
  const reachable = (integrations.data?.integrations ?? []).map(({ name }) => name);
  return (
    <PeoplePage title={text.title} lead={text.lead}>
      <Answer query={workloads}>{(data) => <Workloads workloads={data.workloads} reachable={reachable} />}</Answer>
      {can.includes('keys.view') ? (
        <Answer query={keys}>{(data) => <Keys keys={data.keys} workloads={workloads.data?.workloads ?? []} />}</Answer>
      ) : null}
      <Consents />
      {can.includes('integrations.view') ? (
        <Answer query={integrations}>{(data) => <Integrations integrations={data.integrations} />}</Answer>
      ) : null}
    </PeoplePage>
  );
}
