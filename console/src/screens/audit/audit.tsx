// The Audit log: what is asked stands in the address, the answer beneath it, beside it what it can be narrowed by, and above whether the log
// itself is in order.

import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { type EventSearch, eventsQuery } from '../../api/audit.ts';
import { strings } from '../../strings/en.ts';
import { Page } from '../../ui/page.tsx';
import { useIsWide } from '../../ui/use-media.ts';
import { IntegrityBanner } from '../integrity/integrity-banner.tsx';
import { ExportButton } from './audit-export.tsx';
import { AuditFacets } from './audit-facets.tsx';
import { AuditFilters } from './audit-filters.tsx';
import { EventList } from './audit-list.tsx';
import { useActorName } from './audit-words.tsx';
import '../runs/runs.css';
import './audit.css';

const text = strings.audit;
const route = getRouteApi('/frame/audit');

export function AuditScreen(): ReactNode {
  const search = route.useSearch();
  const query = useQuery(eventsQuery(search));
  const nameOf = useActorName();
  const isWide = useIsWide();
  const isPrivileged = search.privileged === 'yes';
  return (
    <Page title={text.title} lead={text.lead} actions={<ExportButton search={search} nameOf={nameOf} />}>
      <IntegrityBanner />
      <Views search={search} />
      {isPrivileged ? <p className="soft small">{text.privilegedLead}</p> : null}
      <AuditFilters key={JSON.stringify(search)} search={search} nameOf={nameOf} />
      <div className="audit-body">
        <AuditFacets search={search} nameOf={nameOf} isWide={isWide} />
        <EventList key={JSON.stringify(search)} query={query} search={search} nameOf={nameOf} />
      </div>
    </Page>
  );
}

/** The same question, over everything or over what people changed. */
function Views({ search }: { search: EventSearch }): ReactNode {
  const { privileged, before: _, ...rest } = search;
  const isPrivileged = privileged === 'yes';
  return (
    <nav className="views" aria-label={text.views.label}>
      <Link to="/audit" search={rest} activeOptions={{ exact: true }} {...current(!isPrivileged)}>
        {text.views.all}
      </Link>
      <Link to="/audit" search={{ ...rest, privileged: 'yes' }} activeOptions={{ exact: true }} {...current(isPrivileged)}>
        {text.views.privileged}
      </Link>
    </nav>
  );
}

const current = (isCurrent: boolean): { 'data-chosen'?: 'yes' } => (isCurrent ? { 'data-chosen': 'yes' } : {});
