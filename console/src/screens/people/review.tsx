// One review, decided item by item: what somebody holds, what of it they use, and keep, take away or make smaller. Fast by keyboard, and no
// decision without its reason.

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { type Decision, type ReviewItem, type ReviewWithItems, reviewQuery } from '../../api/reviews.ts';
import { roleName } from '../../strings/en/access-words.ts';
import { strings } from '../../strings/en.ts';
import { Callout } from '../../ui/callout.tsx';
import { Select } from '../../ui/fields.tsx';
import { formatDay, formatMoment } from '../../ui/format.ts';
import { useRowKeys } from '../../ui/shortcuts.ts';
import { Answer, Notice } from '../../ui/states.tsx';
import { Table } from '../../ui/table.tsx';
import { visible } from '../../ui/visible.ts';
import { PeoplePage } from './people-frame.tsx';
import { nameOf } from './people-words.tsx';
import { DecideDialog, DecisionCell, ItemCell, UseCell } from './review-item.tsx';

const text = strings.reviews.one;
const route = getRouteApi('/frame/people/reviews/$id');

export function ReviewScreen(): ReactNode {
  const { id } = route.useParams();
  const query = useQuery(reviewQuery(id));
  return (
    <Answer query={query}>
      {(review) => (
        <PeoplePage title={visible(review.name)} lead={text.left(review.items.total - review.items.decided)}>
          <Link to="/people/reviews" search={{ tab: 'reviews' }}>
            {text.back}
          </Link>
          <Head review={review} />
          {review.list.length === 0 ? (
            <Notice icon="empty" title={text.emptyTitle}>
              <span />
            </Notice>
          ) : (
            <Items review={review} />
          )}
        </PeoplePage>
      )}
    </Answer>
  );
}

function Head({ review }: { review: ReviewWithItems }): ReactNode {
  return (
    <>
      {review.state === 'done' ? (
        <Callout tone="good" icon="good">
          <p>
            <b>{text.doneTitle}</b> {strings.reviews.list.result(review.items.kept, review.items.removed, review.items.changed)}
          </p>
          {review.record === null ? null : (
            <p className="small">
              {text.recordLead}{' '}
              <Link to="/audit" search={{ q: review.record.event }}>
                {text.record}
              </Link>{' '}
              <code>{review.record.digest.slice(0, 16)}</code>
            </p>
          )}
        </Callout>
      ) : null}
      <dl className="fact-row">
        <div>
          <dt>{text.due}</dt>
          <dd>
            <time dateTime={review.dueAt}>{formatDay(review.dueAt)}</time>
            {review.overdue ? <span className="error"> {strings.reviews.list.overdue}</span> : null}
          </dd>
        </div>
        <div>
          <dt>{text.by}</dt>
          <dd>{review.reviewers.map(nameOf).join(', ')}</dd>
        </div>
        <div>
          <dt>{strings.reviews.list.progress}</dt>
          <dd>
            {strings.reviews.list.of(review.items.decided, review.items.total)}
            <progress className="progress thin" aria-hidden="true" value={review.items.decided} max={Math.max(1, review.items.total)} />
          </dd>
        </div>
      </dl>
    </>
  );
}

const SHOWS: Readonly<Record<string, (item: ReviewItem) => boolean>> = {
  open: ({ decision }) => decision === null,
  unused: ({ usage }) => usage.count === 0,
  conflicts: ({ conflicts }) => conflicts.length > 0,
  decided: ({ decision }) => decision !== null,
};

function Items({ review }: { review: ReviewWithItems }): ReactNode {
  const client = useQueryClient();
  const navigate = useNavigate();
  const { show } = route.useSearch();
  const [asked, setAsked] = useState<{ readonly item: ReviewItem; readonly decision: Decision['decision'] } | null>(null);
  const fits = show === undefined ? undefined : SHOWS[show];
  const rows = fits === undefined ? review.list : review.list.filter(fits);
  const isOpen = review.state === 'open';
  /** The item of the row the focus is in. */
  const focused = (): ReviewItem | undefined => {
    const row = document.activeElement?.closest('tr')?.querySelector<HTMLElement>('[data-item]');
    return rows.find(({ id }) => id === row?.dataset.item);
  };
  const press = (decision: Decision['decision']) => (): void => {
    const item = focused();
    if (item === undefined || !isOpen || item.decision !== null || item.isOwn) return;
    if (decision === 'change' && item.smallerRole === null) return;
    setAsked({ item, decision });
  };
  useRowKeys({ '1': press('keep'), '2': press('remove'), '3': press('change') });
  return (
    <>
      <div className="filters">
        <Select
          label={text.show}
          value={show}
          options={text.shows}
          onChange={(next) =>
            void navigate({
              to: '/people/reviews/$id',
              params: { id: review.id },
              search: next === undefined ? {} : { show: next },
              replace: true,
            })
          }
        />
      </div>
      {isOpen ? <p className="small soft keys-hint">{text.keys}</p> : null}
      <Table
        caption={visible(review.name)}
        rows={rows}
        keyOf={({ id }) => id}
        columns={[
          { key: 'who', head: text.subject, cell: (item) => <Subject item={item} /> },
          { key: 'item', head: text.item, cell: (item) => <ItemCell item={item} /> },
          { key: 'use', head: text.use, cell: (item) => <UseCell item={item} /> },
          {
            key: 'decide',
            head: text.decide,
            cell: (item) => <DecisionCell item={item} isOpen={isOpen} onDecide={(decision) => setAsked({ item, decision })} />,
          },
        ]}
      />
      {asked === null ? null : (
        <DecideDialog
          review={review.id}
          item={asked.item}
          decision={asked.decision}
          onClose={() => setAsked(null)}
          onDone={() =>
            Promise.all([['reviews'], ['access'], ['people'], ['least']].map((queryKey) => client.invalidateQueries({ queryKey })))
          }
        />
      )}
    </>
  );
}

function Subject({ item }: { item: ReviewItem }): ReactNode {
  const name = item.subjectName === null ? strings.people.noName : visible(item.subjectName);
  return (
    <span data-item={item.id}>
      {item.subject.startsWith('per_') ? (
        <Link className="go" to="/people/$id" params={{ id: item.subject }}>
          {name}
        </Link>
      ) : (
        <Link className="go" to="/access">
          {name}
        </Link>
      )}
      {item.grantedAt === null ? null : (
        <div className="small soft" title={formatMoment(item.grantedAt)}>
          {strings.reviews.proposals.granted} {formatDay(item.grantedAt)}
        </div>
      )}
      <span className="visually-hidden">{roleName(item.name)}</span>
    </span>
  );
}
