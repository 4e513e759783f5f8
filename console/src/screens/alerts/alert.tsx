// One alert: who, what changed, from where and why, the event that proves it, and taking note of it.

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { type AlertDetails, acknowledge, alertQuery } from '../../api/alerts.ts';
import type { Json } from '../../api/types.ts';
import { strings } from '../../strings/en.ts';
import { Callout } from '../../ui/callout.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { TextInput } from '../../ui/fields.tsx';
import { formatCount, Time } from '../../ui/format.ts';
import { MayButton } from '../../ui/may.tsx';
import { Page } from '../../ui/page.tsx';
import { Answer } from '../../ui/states.tsx';
import { visible } from '../../ui/visible.ts';
import { actorName, ruleName, SeverityBadge } from './alert-words.tsx';

const EventChange = lazy(() => import('../audit/event-change.tsx').then((file) => ({ default: file.EventChange })));
const text = strings.alerts;
const route = getRouteApi('/frame/alerts/$id');
const MAX_NOTE = 500;

export function AlertScreen(): ReactNode {
  const { id } = route.useParams();
  const query = useQuery(alertQuery(id));
  return (
    <Page title={query.data === undefined ? text.title : ruleName(query.data.rule)}>
      <p>
        <Link to="/alerts">{text.title}</Link>
      </p>
      <Answer query={query}>{(alert) => <Shown alert={alert} />}</Answer>
    </Page>
  );
}

function Shown({ alert }: { alert: AlertDetails }): ReactNode {
  return (
    <>
      <p className="lead">{alert.meaning}</p>
      <Note alert={alert} />
      <section className="sheet stack tight" aria-label={text.what}>
        <dl className="facts">
          <dt>{text.severity}</dt>
          <dd>
            <SeverityBadge severity={alert.severity} />
          </dd>
          <dt>{text.who}</dt>
          <dd>
            {alert.by?.startsWith('per_') === true ? (
              <Link to="/people/$id" params={{ id: alert.by }} search={{}}>
                {actorName(alert)}
              </Link>
            ) : (
              actorName(alert)
            )}
          </dd>
          <dt>{text.when}</dt>
          <dd>
            <Time iso={alert.at} />
            {alert.times === 1 ? null : (
              <>
                {' – '}
                <Time iso={alert.lastAt} /> · {text.times(formatCount(alert.times))}
              </>
            )}
          </dd>
          <dt>{text.event}</dt>
          <dd>
            <Link to="/audit/$seq" params={{ seq: String(alert.seq) }}>
              {text.eventNo(formatCount(alert.seq))}
            </Link>{' '}
            <code>{alert.type}</code>
          </dd>
          {Object.entries(alert.facts).map(([name, value]) => (
            <Fact key={name} name={name} value={value} />
          ))}
          <dt>{text.delivered}</dt>
          <dd>
            {alert.deliveredAt === null ? <span className="soft">{text.notDelivered}</span> : <Time iso={alert.deliveredAt} />}
            {alert.deliveryFault === null ? null : <code> {alert.deliveryFault}</code>}
          </dd>
        </dl>
      </section>
      <Suspense fallback={null}>
        <EventChange event={{ details: alert.details, isErased: false, detailsWithheld: alert.detailsWithheld }} hasPayload={false} />
      </Suspense>
    </>
  );
}

function Fact({ name, value }: { name: string; value: Json }): ReactNode {
  const shown = Array.isArray(value)
    ? value.map((one) => strings.conditions.signalNames[String(one)] ?? String(one)).join(', ')
    : String(value);
  return (
    <>
      <dt>{text.factNames[name] ?? name}</dt>
      <dd>{visible(shown)}</dd>
    </>
  );
}

function Note({ alert }: { alert: AlertDetails }): ReactNode {
  const client = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const [note, setNote] = useState('');
  if (alert.acknowledged !== null) {
    const { byName, at, alone } = alert.acknowledged;
    return (
      <Callout tone="info" icon="person">
        <p>
          <b>{text.acknowledgedBy(visible(byName))}</b> <Time iso={at} />
        </p>
        {alert.note === null ? null : <p>{visible(alert.note)}</p>}
        {alone ? <p className="small">{text.alone}</p> : null}
      </Callout>
    );
  }
  const whyNot = alert.acknowledgeable.code === null ? undefined : text.whyNot[alert.acknowledgeable.code];
  return (
    <>
      {whyNot === undefined ? (
        <p>
          <MayButton action="alerts.acknowledge" look="primary" onPress={() => setAsking(true)}>
            {text.acknowledge}
          </MayButton>
        </p>
      ) : (
        <Callout tone="warn">
          <p>{whyNot}</p>
        </Callout>
      )}
      {isAsking ? (
        <Confirm
          title={text.acknowledge}
          lead={text.acknowledgeLead}
          yes={text.acknowledge}
          done={text.acknowledged}
          look="primary"
          hasReason={false}
          whyNot={text.whyNot}
          work={() => acknowledge(alert.id, note)}
          onDone={() =>
            Promise.all([client.invalidateQueries({ queryKey: ['alerts'] }), client.invalidateQueries({ queryKey: ['alert', alert.id] })])
          }
          onClose={() => setAsking(false)}
        >
          <TextInput label={text.note} value={note} isLong hint={text.noteHint} onChange={(next) => setNote(next.slice(0, MAX_NOTE))} />
        </Confirm>
      ) : null}
    </>
  );
}
