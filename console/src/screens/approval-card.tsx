// One stored call: the exact effect, who asks, what outsiders could have shaped, what leaves, why a person is asked, and the decision.

import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Ask } from '../api/inbox.ts';
import { strings } from '../strings/en.ts';
import { formatSpan, shortDigest, Time } from '../ui/format.ts';
import { Icon } from '../ui/icons.tsx';
import { useNow } from '../ui/use-now.ts';
import { Decision } from './approval-decision.tsx';
import { Origins, outsideOf } from './approval-origins.tsx';
import { reasonsOf } from './evidence.ts';

const text = strings.inbox;
const classNames: Readonly<Record<string, string>> = strings.traceData.classes;
const SOON_MS = 60 * 60_000;

export interface Props {
  readonly ask: Ask;
  readonly nameOf: (id: string) => string;
  readonly person: string;
  /** The heading's level, and whether everything is unfolded: on a page of its own there is nothing else to read. */
  readonly isAlone?: boolean;
  readonly onDecided: (id: string) => void;
}

export function ApprovalCard({ ask, nameOf, person, isAlone = false, onDecided }: Props): ReactNode {
  const headline = `${ask.id}-effect`;
  return (
    <article className="sheet ask" aria-labelledby={headline}>
      <div className="stack tight said">
        <h2 id={headline} className="effect">
          {ask.sentence}
        </h2>
        <Facts ask={ask} nameOf={nameOf} />
        <Why ask={ask} />
      </div>
      <Decision ask={ask} person={person} onDecided={onDecided} />
      <details className="more" open={isAlone}>
        <summary>{text.details}</summary>
        <Origins origins={ask.origins} />
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

function Why({ ask }: { ask: Ask }): ReactNode {
  const outside = outsideOf(ask.origins).length;
  return (
    <>
      <h3>{text.why}</h3>
      <ul className="why">
        {ask.origins.length === 0 ? null : (
          <li className={outside === 0 ? 'good' : 'warn'}>
            <Icon name={outside === 0 ? 'good' : 'warn'} />
            <span>{outside === 0 ? text.outsideNone : text.outside(outside)}</span>
          </li>
        )}
        {reasonsOf(ask.evidence).map((reason) => (
          <li key={reason.sentence} className={reason.kind}>
            <Icon name={reason.kind} />
            <span>{reason.sentence}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
