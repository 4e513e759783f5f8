// Access that is not used: proposals with their evidence, and the reviews somebody asked for. Which of the two is in the address.

import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { sessionQuery } from '../../api/queries.ts';
import { type Review, reviewsQuery } from '../../api/reviews.ts';
import { strings } from '../../strings/en.ts';
import { Badge } from '../../ui/badge.tsx';
import { formatDay } from '../../ui/format.ts';
import { MayButton } from '../../ui/may.tsx';
import { useRowKeys } from '../../ui/shortcuts.ts';
import { Answer, Notice } from '../../ui/states.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { visible } from '../../ui/visible.ts';
import { PeoplePage } from './people-frame.tsx';
import { nameOf } from './people-words.tsx';
import { ProposalList } from './proposals.tsx';

const AddReview = lazy(() => import('./review-add.tsx').then((file) => ({ default: file.AddReview })));
const text = strings.reviews;
const route = getRouteApi('/frame/people/reviews');

export function ReviewsScreen(): ReactNode {
  const search = route.useSearch();
  const navigate = useNavigate();
  const can = useQuery(sessionQuery).data?.can ?? [];
  const [isAdding, setAdding] = useState(false);
  useRowKeys();
  const tabs = [
    { id: 'proposals', needs: 'least.view', name: text.proposals.title, panel: () => <ProposalList state={search.state ?? 'open'} /> },
    { id: 'reviews', needs: 'access.review', name: text.list.title, panel: () => <ReviewList /> },
  ].filter(({ needs }) => can.includes(needs));
  return (
    <PeoplePage
      lead={text.lead}
      actions={
        <MayButton action="access.review" look="primary" onPress={() => setAdding(true)}>
          {text.list.add}
        </MayButton>
      }
    >
      <Tabs
        label={text.title}
        chosen={tabs.some(({ id }) => id === search.tab) ? (search.tab ?? '') : (tabs[0]?.id ?? '')}
        onChoose={(tab) => void navigate({ to: '/people/reviews', search: { tab }, replace: true })}
        tabs={tabs}
      />
      {isAdding ? (
        <Suspense fallback={null}>
          <AddReview onClose={() => setAdding(false)} />
        </Suspense>
      ) : null}
    </PeoplePage>
  );
}

function ReviewList(): ReactNode {
  const query = useQuery(reviewsQuery);
  return (
    <Answer query={query}>
      {({ reviews }) =>
        reviews.length === 0 ? (
          <Notice icon="empty" title={text.list.emptyTitle}>
            <p>{text.list.emptyLead}</p>
          </Notice>
        ) : (
          <Table caption={text.list.title} columns={COLUMNS} rows={reviews} keyOf={({ id }) => id} />
        )
      }
    </Answer>
  );
}

const COLUMNS: readonly Column<Review>[] = [
  {
    key: 'name',
    head: text.list.name,
    cell: ({ id, name, items, state }) => (
      <>
        <Link className="go" to="/people/reviews/$id" params={{ id }}>
          {visible(name)}
        </Link>
        {state === 'done' ? <div className="small soft">{text.list.result(items.kept, items.removed, items.changed)}</div> : null}
      </>
    ),
  },
  {
    key: 'state',
    head: text.list.state,
    cell: ({ state, overdue }) =>
      overdue ? (
        <Badge tone="bad">{text.list.overdue}</Badge>
      ) : (
        <Badge tone={state === 'done' ? 'good' : 'info'}>{text.list.states[state] ?? state}</Badge>
      ),
  },
  {
    key: 'progress',
    head: text.list.progress,
    cell: ({ items }) => (
      <>
        <span className="num">{text.list.of(items.decided, items.total)}</span>
        <progress className="progress thin" aria-hidden="true" value={items.decided} max={Math.max(1, items.total)} />
      </>
    ),
  },
  { key: 'due', head: text.list.due, cell: ({ dueAt }) => <time dateTime={dueAt}>{formatDay(dueAt)}</time> },
  { key: 'by', head: text.list.reviewers, cell: ({ reviewers }) => reviewers.map(nameOf).join(', ') },
];
