// The first screen: the overview for those who work here, a home of their own for an auditor.

import { useQuery } from '@tanstack/react-query';
import { lazy, type ReactNode, Suspense } from 'react';
import { sessionQuery } from '../../api/queries.ts';
import { Loading } from '../../ui/states.tsx';
import { isAuditor } from '../people/is-auditor.ts';
import { OverviewScreen } from './overview.tsx';

const AuditorHome = lazy(() => import('../people/auditor.tsx').then((file) => ({ default: file.AuditorHome })));

export function HomeScreen(): ReactNode {
  const session = useQuery(sessionQuery).data;
  if (!isAuditor(session)) return <OverviewScreen />;
  return (
    <Suspense fallback={<Loading />}>
      <AuditorHome />
    </Suspense>
  );
}
