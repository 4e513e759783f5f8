// The head of every page of People & access: the same title, and links to its parts. A part that may not be seen is not linked.

import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { sessionQuery } from '../../api/queries.ts';
import { strings } from '../../strings/en.ts';
import { Page } from '../../ui/page.tsx';
import './people.css';

const text = strings.people;

interface Props {
  readonly title?: string;
  readonly lead?: string;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

export function PeoplePage({ title = text.title, lead = text.lead, actions = null, children }: Props): ReactNode {
  return (
    <Page title={title} lead={lead} actions={actions}>
      <PeopleNav />
      {children}
    </Page>
  );
}

const exact = { exact: true, includeSearch: false } as const;
const withTab = { exact: true, includeSearch: true } as const;

function PeopleNav(): ReactNode {
  const can = useQuery(sessionQuery).data?.can ?? [];
  const { nav } = text;
  return (
    <nav className="parts" aria-label={nav.label}>
      {can.includes('people.view') ? (
        <Link to="/people" activeOptions={exact}>
          {nav.people}
        </Link>
      ) : null}
      {can.includes('access.view') ? (
        <>
          <Link to="/people/groups" activeOptions={exact}>
            {nav.groups}
          </Link>
          <Link to="/people/roles">{nav.roles}</Link>
        </>
      ) : null}
      {can.includes('access.review') || can.includes('least.view') ? <Link to="/people/reviews">{nav.reviews}</Link> : null}
      <Link to="/people/emergency" activeOptions={exact}>
        {nav.breakGlass}
      </Link>
      {can.includes('federation.manage') ? <Link to="/people/federation">{strings.federation.nav}</Link> : null}
      {can.includes('delegation.view') ? <Link to="/people/agencies">{strings.delegation.nav}</Link> : null}
      {can.includes('workloads.view') ? (
        <Link to="/access" activeOptions={withTab}>
          {nav.programs}
        </Link>
      ) : null}
    </nav>
  );
}
