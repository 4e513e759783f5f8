// One sealed event: what happened in a sentence, what it states and changed, the proof drawn and recomputed, and exactly the bytes.

import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense } from 'react';
import { ledgerQuery, type SealedEvent, sealedEventQuery } from '../../api/audit.ts';
import type { Json, LedgerEvent } from '../../api/types.ts';
import { sentenceOf, sentences } from '../../strings/en/event-sentences.ts';
import { strings } from '../../strings/en.ts';
import { CopyButton } from '../../ui/copy.tsx';
import { formatMoment } from '../../ui/format.ts';
import { useLook } from '../../ui/may.tsx';
import { Page } from '../../ui/page.tsx';
import { useShortcuts } from '../../ui/shortcuts.ts';
import { Answer, Loading } from '../../ui/states.tsx';
import { SubjectLink, useActorName } from './audit-words.tsx';
import { EventProofPart } from './event-proof.tsx';
import '../runs/runs.css';
import './audit.css';

const EventChange = lazy(() => import('./event-change.tsx').then((file) => ({ default: file.EventChange })));

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
      <Answer query={query}>{(event) => <Sealed key={event.seq} event={event} />}</Answer>
    </Page>
  );
}

function Sealed({ event }: { event: SealedEvent }): ReactNode {
  const { seq } = event;
  // The bytes are shown as they are; this reads them once more for the table.
  const entry = JSON.parse(event.leaf) as LedgerEvent['entry'] & { readonly commit: string | null };
  return (
    <>
      <What event={event} entry={entry} />
      <Suspense fallback={<Loading />}>
        <EventChange event={event} hasPayload={entry.commit !== null} />
      </Suspense>
      <EventProofPart event={event} />
      <section className="sheet stack tight" aria-labelledby="canonical">
        <div className="row between">
          <div>
            <h2 id="canonical">{text.sealedBytes}</h2>
            <p className="small soft">{text.canonical}</p>
          </div>
          <CopyButton value={event.leaf}>{strings.proof.copyLeaf}</CopyButton>
        </div>
        <pre className="code-block">{event.leaf}</pre>
      </section>
      <Neighbours seq={seq} />
    </>
  );
}

function What({ event: { by }, entry }: { event: SealedEvent; entry: LedgerEvent['entry'] }): ReactNode {
  const nameOf = useActorName();
  const headline = strings.events[entry.type] ?? entry.type;
  const factOf = (name: string): string => (name === 'headline' ? headline : wordOf(entry.public[name]));
  const facts = Object.entries(entry.public).filter(([, value]) => value !== null && !isEmpty(value));
  return (
    <section className="sheet stack tight" aria-labelledby="what">
      <h2 id="what" className="saying">
        {(sentences[entry.type] ?? sentenceOf)(nameOf(by), factOf)}
      </h2>
      <dl className="facts">
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
        <dt>{text.type}</dt>
        <dd>
          <Link className="mono" to="/audit" search={{ type: entry.type }}>
            {entry.type}
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
  );
}

function Neighbours({ seq }: { seq: number }): ReactNode {
  const navigate = useNavigate();
  const sealed = useLook('ledger.view', ledgerQuery).data?.sealedEvents;
  const newest = sealed === undefined ? seq : sealed - 1;
  const go = (to: number): void => {
    if (to >= 0 && to <= newest) void navigate({ to: '/audit/$seq', params: { seq: String(to) } });
  };
  useShortcuts({ j: () => go(seq - 1), k: () => go(seq + 1) });
  return (
    <p className="row">
      {seq > 0 ? (
        <Link className="button" to="/audit/$seq" params={{ seq: String(seq - 1) }}>
          {text.older}
        </Link>
      ) : null}
      {seq < newest ? (
        <Link className="button" to="/audit/$seq" params={{ seq: String(seq + 1) }}>
          {text.newerOne}
        </Link>
      ) : null}
    </p>
  );
}

/** What has a screen of its own. */
const LINKED = /^(?:call|run|apr)_/;

const isEmpty = (value: Json): boolean => typeof value === 'object' && value !== null && Object.keys(value).length === 0;
const wordOf = (value: Json | undefined): string =>
  value === undefined || value === null ? strings.none : typeof value === 'object' ? JSON.stringify(value) : String(value);

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
