// One breach: its clock, what is still to do, whom it is about, every step, the draft for the authority.

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { type Breach, breachQuery } from '../../api/breaches.ts';
import { strings } from '../../strings/en.ts';
import { Badge } from '../../ui/badge.tsx';
import { formatCount, Time } from '../../ui/format.ts';
import { useMay } from '../../ui/may.tsx';
import { Page } from '../../ui/page.tsx';
import { Answer } from '../../ui/states.tsx';
import { visible } from '../../ui/visible.ts';
import { riskName } from './breaches.tsx';
import { Clock } from './clock.tsx';
import { DraftSheet } from './draft.tsx';
import { Scope } from './scope.tsx';
import { CloseForm, NotifyForm, SetBackForm, StepForm } from './steps.tsx';

const text = strings.breaches;
const route = getRouteApi('/frame/data/breaches/$id');

export function BreachScreen(): ReactNode {
  const { id } = route.useParams();
  const query = useQuery(breachQuery(id));
  return (
    <Page title={text.breach}>
      <p>
        <Link to="/data/breaches">{text.back}</Link>
      </p>
      <Answer query={query}>{(breach) => <Shown breach={breach} />}</Answer>
    </Page>
  );
}

function Shown({ breach }: { breach: Breach }): ReactNode {
  const client = useQueryClient();
  const may = useMay('breaches.handle');
  const onDone = (): Promise<unknown> => client.invalidateQueries({ queryKey: ['breaches'] });
  const isOpen = breach.state === 'open' && may.isAllowed;
  const { missing, closedAt, closedByName } = breach;
  return (
    <>
      <section className="sheet stack tight" aria-label={text.breach}>
        <div className="row between">
          <h2>{text.clock}</h2>
          <Clock breach={breach} />
        </div>
        <dl className="facts">
          <dt>{text.what}</dt>
          <dd>{visible(breach.what)}</dd>
          <dt>{text.aware}</dt>
          <dd>
            <Time iso={breach.awareAt} />
          </dd>
          <dt>{text.due}</dt>
          <dd>
            <Time iso={breach.dueAt} />
          </dd>
          <dt>{text.openedBy}</dt>
          <dd>{visible(breach.openedByName ?? '–')}</dd>
          <dt>{text.affected}</dt>
          <dd>{breach.scope === null ? text.notComputed : formatCount(breach.scope.people)}</dd>
          <dt>{text.risk}</dt>
          <dd>{riskName(breach.risk)}</dd>
          {closedAt === null ? (
            <>
              <dt>{text.missing}</dt>
              <dd>
                {missing.length === 0 ? (
                  <Badge tone="good">{text.nothingMissing}</Badge>
                ) : (
                  <span className="row">
                    {missing.map((point) => (
                      <Badge key={point} tone="warn">
                        {text.points[point] ?? point}
                      </Badge>
                    ))}
                  </span>
                )}
              </dd>
            </>
          ) : (
            <>
              <dt>{text.closed}</dt>
              <dd>
                {text.closedBy(closedByName ?? '–')} <Time iso={closedAt} />
              </dd>
            </>
          )}
        </dl>
      </section>
      <Scope breach={breach} isOpen={isOpen} onDone={onDone} />
      {isOpen ? (
        <>
          <StepForm id={breach.id} onDone={onDone} />
          <NotifyForm breach={breach} onDone={onDone} />
        </>
      ) : null}
      <DraftSheet id={breach.id} />
      <Timeline breach={breach} />
      {isOpen ? (
        <>
          <SetBackForm breach={breach} onDone={onDone} />
          <CloseForm breach={breach} onDone={onDone} />
        </>
      ) : null}
    </>
  );
}

function Timeline({ breach }: { breach: Breach }): ReactNode {
  const { steps } = breach;
  return (
    <section className="sheet stack tight" aria-labelledby="timeline">
      <h2 id="timeline">{text.timeline}</h2>
      {steps.length === 0 ? (
        <p className="soft">{text.noSteps}</p>
      ) : (
        <ol className="stack tight">
          {steps.map(({ number, kind, at, byName, facts, text: said, delayReason }) => (
            <li key={number}>
              <b>{text.steps[kind] ?? kind}</b>
              {facts.needed === undefined ? null : ` · ${facts.needed ? text.told : text.notNeeded}`}
              {facts.late === true ? ` · ${text.late}` : ''}
              {facts.risk === undefined ? null : ` · ${riskName(facts.risk)}`}
              {facts.people === undefined ? null : ` · ${text.peopleOf(facts.people)}`}
              <span className="soft small">
                {' '}
                <Time iso={at} /> {visible(byName ?? '–')}
              </span>
              {said === null ? null : <div>{visible(said)}</div>}
              {delayReason === null ? null : (
                <div className="soft">
                  {text.delayReason}: {visible(delayReason)}
                </div>
              )}
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
