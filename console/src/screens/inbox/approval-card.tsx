// One stored call: the exact effect, who asks, what outsiders could have shaped, what leaves, why a person is asked, and the decision.

import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Ask } from '../../api/inbox.ts';
import type { Origin } from '../../api/runs.ts';
import { strings } from '../../strings/en.ts';
import { formatSpan, shortDigest, Time } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { useNow } from '../../ui/use-now.ts';
import { keyOf } from '../runs/lineage-of.ts';
import { Decision } from './approval-decision.tsx';
import { Origins, outsideOf, useOrigins } from './approval-origins.tsx';
import { type Reason as ReasonSaid, reasonsOf } from './evidence.ts';
import { ExactWords } from './exact-words.tsx';

const text = strings.inbox;
const classNames: Readonly<Record<string, string>> = strings.traceData.classes;
const SOON_MS = 60 * 60_000;

export interface Props {
  readonly ask: Ask;
  readonly nameOf: (id: string) => string;
  readonly person: string;
  /** The heading's level, and whether everything is unfolded: on a page of its own there is nothing else to read. */
  readonly isAlone?: boolean;
}

export function ApprovalCard({ ask, nameOf, person, isAlone = false }: Props): ReactNode {
  const headline = `${ask.id}-effect`;
  const { origins, phase } = useOrigins(ask);
  return (
    <article className="sheet ask" aria-labelledby={headline}>
      <div className="stack tight said">
        <h2 id={headline} className="effect">
          {ask.sentence}
        </h2>
        <ExactWords ask={ask} />
        <Facts ask={ask} nameOf={nameOf} />
        <Why ask={ask} origins={origins} />
      </div>
      <Decision ask={ask} person={person} />
      <details className="more" open={isAlone}>
        <summary>{text.details}</summary>
        <Origins origins={origins} />
        {ask.run === null || phase === null ? null : (
          <Link className="go" to="/runs/$id" params={{ id: ask.run }} search={{ at: keyOf(phase) }}>
            {text.lineage}
          </Link>
        )}
        <dl className="facts">
          <dt>{text.where}</dt>
          <dd>
            {ask.integration} · {ask.operation}
          </dd>
          <dt>{text.asked}</dt>
          <dd>
            <Time iso={ask.requestedAt} />
          </dd>
          <dt>{text.digest}</dt>
          <dd>
            <code title={ask.digest}>{shortDigest(ask.digest)}</code>
          </dd>
        </dl>
        {isAlone ? null : (
          <Link className="go" to="/inbox/$id" params={{ id: ask.id }}>
            {text.open}
          </Link>
        )}
      </details>
    </article>
  );
}

function Facts({ ask, nameOf }: Pick<Props, 'ask' | 'nameOf'>): ReactNode {
  const classes = ask.classes;
  return (
    <dl className="facts">
      <dt>{text.from}</dt>
      <dd>
        <Asker ask={ask} nameOf={nameOf} />
      </dd>
      <dt>{text.customer}</dt>
      <dd>{ask.customer ?? <span className="soft">{text.customerNone}</span>}</dd>
      <dt>{text.leaves}</dt>
      <dd>
        {classes.length === 0 ? <span className="soft">{text.leavesNone}</span> : classes.map((one) => classNames[one] ?? one).join(', ')}
      </dd>
      <dt>{text.expires}</dt>
      <dd>
        <Expiry iso={ask.expiresAt} />
      </dd>
    </dl>
  );
}

export function Asker({ ask, nameOf }: Pick<Props, 'ask' | 'nameOf'>): ReactNode {
  const { workflow, run } = ask;
  return (
    <span className="row asker">
      {workflow === null ? (
        <span>{text.program(nameOf(ask.requestedBy))}</span>
      ) : (
        <Link to="/workflows/$name" params={{ name: workflow }}>
          {text.workflow(workflow)}
        </Link>
      )}
      {run === null ? null : (
        <Link to="/runs/$id" params={{ id: run }}>
          {text.run}
        </Link>
      )}
    </span>
  );
}

function Expiry({ iso }: { iso: string }): ReactNode {
  const left = Date.parse(iso) - useNow(10_000);
  const words = left <= 0 ? text.expired : text.expiresIn(formatSpan(left));
  return (
    <span className={left < SOON_MS ? 'soon' : ''}>
      {words} · <Time iso={iso} />
    </span>
  );
}

function Why({ ask, origins }: { ask: Ask; origins: readonly Origin[] }): ReactNode {
  const reasons = reasonsOf(ask.evidence, { isTraced: origins.length > 0 });
  const good = reasons.filter(({ kind }) => kind === 'good');
  const outside = [...new Set(outsideOf(origins).map(({ argument }) => argument))];
  return (
    <>
      <h3>{text.why}</h3>
      <ul className="why">
        {outside.length === 0 ? null : <Reason kind="warn" sentence={text.outside(outside.join(', '))} />}
        {reasons
          .filter(({ kind }) => kind !== 'good')
          .map((reason) => (
            <Reason key={reason.sentence} {...reason} />
          ))}
      </ul>
      {good.length === 0 ? null : (
        <details className="speaks">
          <summary>{text.speaks(good.length)}</summary>
          <ul className="why">
            {good.map((reason) => (
              <Reason key={reason.sentence} {...reason} />
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function Reason({ kind, sentence }: ReasonSaid): ReactNode {
  return (
    <li className={kind}>
      <Icon name={kind} />
      <span>{sentence}</span>
    </li>
  );
}
