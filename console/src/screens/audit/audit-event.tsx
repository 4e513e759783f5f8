// One sealed event: who, what and about what; exactly the bytes of its leaf; and the signed tree that holds it.

import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { eventsQuery, type SealedEvent, sealedEventQuery } from '../../api/queries.ts';
import type { Json, LedgerEvent } from '../../api/types.ts';
import { strings } from '../../strings/en.ts';
import { formatCount, formatMoment } from '../../ui/format.ts';
import { Page } from '../../ui/page.tsx';
import { useShortcuts } from '../../ui/shortcuts.ts';
import { Answer } from '../../ui/states.tsx';
import { SubjectLink, useActorName } from './audit-words.tsx';
import '../runs/runs.css';

const text = strings.audit;
const route = getRouteApi('/frame/audit/$seq');

export function AuditEventScreen(): ReactNode {
  const { seq } = route.useParams();
  const query = useQuery(sealedEventQuery(seq));
  return (
    <Page title={text.event(Number(seq))}>
      <p className="row">
        <Link to="/audit">{text.back}</Link>
      </p>
      <Answer query={query}>{(event) => <Sealed event={event} />}</Answer>
    </Page>
  );
}

function Sealed({ event }: { event: SealedEvent }): ReactNode {
  const navigate = useNavigate();
  const nameOf = useActorName();
  const { seq, treeSize, treeRoot, by } = event;
  const newest = useQuery(eventsQuery({})).data?.events[0]?.seq ?? seq;
  // The bytes are shown as they are; this reads them once more for the table.
  const entry = JSON.parse(event.leaf) as LedgerEvent['entry'];
  const go = (to: number): void => {
    if (to >= 0 && to <= newest) void navigate({ to: '/audit/$seq', params: { seq: String(to) } });
  };
  useShortcuts({ j: () => go(seq - 1), k: () => go(seq + 1) });
  const facts = Object.entries(entry.public).filter(([, value]) => value !== null && !isEmpty(value));
  return (
    <>
      <section className="sheet stack tight" aria-labelledby="what">
        <h2 id="what">{strings.events[entry.type] ?? entry.type}</h2>
        <dl className="facts">
          <dt>{text.type}</dt>
          <dd>
            <Link className="mono" to="/audit" search={{ type: entry.type }}>
              {entry.type}
            </Link>
          </dd>
          <dt>{text.when}</dt>
          <dd>
            <time dateTime={entry.at}>{formatMoment(entry.at)}</time>
          </dd>
          <dt>{text.by}</dt>
          <dd>
            {nameOf(by)}{' '}
            <Link className="small" to="/audit" search={{ actor: entry.actor }}>
              {text.sameActor}
            </Link>
          </dd>
          <dt>{text.pseudonym}</dt>
          <dd className="mono">{entry.actor}</dd>
          <dt>{text.about}</dt>
          <dd>
            <SubjectLink subject={entry.subject} />{' '}
            <Link className="small" to="/audit" search={{ subject: entry.subject }}>
              {text.sameSubject}
            </Link>
          </dd>
        </dl>
        <h3>{text.facts}</h3>
        {facts.length === 0 ? (
          <p className="small soft">{text.noFacts}</p>
        ) : (
          <dl className="facts">
            {facts.map(([name, value]) => (
              <Fact key={name} name={name} value={value} />
            ))}
          </dl>
        )}
      </section>
      <section className="stack tight" aria-labelledby="canonical">
        <h2 id="canonical">{text.canonical}</h2>
        <pre className="code-block">{event.leaf}</pre>
      </section>
      <section className="stack tight" aria-labelledby="proof">
        <h2 id="proof">{text.proof}</h2>
        <p className="small">{text.sealed(formatCount(treeSize))}</p>
        <dl className="facts">
          <dt>{text.root}</dt>
          <dd className="mono">{treeRoot}</dd>
        </dl>
      </section>
      <p className="row">
        {seq > 0 ? (
          <Link className="button" to="/audit/$seq" params={{ seq: String(seq - 1) }}>
            {text.older}
          </Link>
        ) : null}
        {seq < newest ? (
          <Link className="button" to="/audit/$seq" params={{ seq: String(seq + 1) }}>
            {text.newer}
          </Link>
        ) : null}
      </p>
    </>
  );
}

/** What has a screen of its own. */
const LINKED = /^(?:call|run|apr)_/;

const isEmpty = (value: Json): boolean => typeof value === 'object' && value !== null && Object.keys(value).length === 0;

function Fact({ name, value }: { name: string; value: Json }): ReactNode {
  return (
    <>
      <dt>{name}</dt>
      <dd className={typeof value === 'string' ? 'mono' : ''}>
        {typeof value === 'object' ? (
          <code>{JSON.stringify(value)}</code>
        ) : LINKED.test(String(value)) ? (
          <SubjectLink subject={String(value)} />
        ) : (
          String(value)
        )}
      </dd>
    </>
  );
}
