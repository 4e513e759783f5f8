// The tickets of the demo, newest first: what the customer wrote, with the thief's part marked, and what became of it and why.

import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Demo, DemoReason, DemoTicket } from '../../api/demo.ts';
import { strings } from '../../strings/en.ts';
import { Badge, type Tone } from '../../ui/badge.tsx';
import { formatMoney, Time } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { partsOf } from './poison-parts.ts';

const text = strings.demo;
const TONES: Readonly<Record<DemoTicket['state'], Tone>> = {
  arrived: 'plain',
  working: 'plain',
  solved: 'good',
  blocked: 'bad',
  waiting: 'info',
  denied: 'warn',
  failed: 'warn',
};

export function DemoTickets({ demo }: { demo: Demo }): ReactNode {
  return (
    <section className="stack tight" aria-labelledby="tickets">
      <h2 id="tickets">{text.tickets}</h2>
      {demo.state === 'starting' || demo.tickets.length === 0 ? (
        <div className="state opening">
          <Icon name="wait" size={28} />
          <p>{demo.state === 'starting' ? text.startingLead : text.quiet}</p>
        </div>
      ) : (
        <ol className="stream">
          {demo.tickets.toReversed().map((ticket) => (
            <li key={ticket.id}>
              <Ticket ticket={ticket} />
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

function Ticket({ ticket }: { ticket: DemoTicket }): ReactNode {
  const title = `${ticket.id}-title`;
  return (
    <article className={`sheet ticket ${ticket.state}`} aria-labelledby={title}>
      <header className="row between">
        <h3 id={title}>{ticket.subject}</h3>
        <span className="row">
          <span className="small soft">
            <Time iso={ticket.openedAt} />
          </span>
          <Badge tone={TONES[ticket.state]}>{text.states[ticket.state]}</Badge>
        </span>
      </header>
      <div className="sides">
        <Words ticket={ticket} />
        <div className="stack tight">
          <Deeds ticket={ticket} />
          {ticket.reasons.length === 0 ? null : <Reasons reasons={ticket.reasons} />}
          <Links ticket={ticket} />
        </div>
      </div>
    </article>
  );
}

/** The customer's text. What the thief added is marked by a word, not by colour alone. */
function Words({ ticket }: { ticket: DemoTicket }): ReactNode {
  return (
    <div className="stack tight">
      <blockquote className="words">
        {partsOf(ticket).map(({ key, words, isPoison }) =>
          isPoison ? (
            <mark key={key} className="poison">
              <b className="small">{text.poison}: </b>
              {words}
            </mark>
          ) : (
            <span key={key}>{words}</span>
          ),
        )}
      </blockquote>
      {ticket.attempt === null ? null : (
        <p className="small attempt">
          <Icon name="warn" />
          <span>
            <b>{text.attempt}: </b>
            {ticket.attempt}
          </span>
        </p>
      )}
    </div>
  );
}

function Deeds({ ticket }: { ticket: DemoTicket }): ReactNode {
  const { state, replied, refunded } = ticket;
  const lines = [
    state === 'arrived' || state === 'working' ? text.did[state] : null,
    state === 'blocked' ? text.did.nothing : null,
    refunded === null ? null : text.did.refunded(formatMoney(refunded)),
    state === 'waiting' || state === 'denied' || state === 'failed' ? text.did[state] : null,
    replied ? text.did.replied : null,
  ].filter((line) => line !== null);
  return (
    <ul className="deeds">
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}

function Reasons({ reasons }: { reasons: readonly DemoReason[] }): ReactNode {
  return (
    <div className="reasons">
      <h4>{text.why}</h4>
      <ul>
        {reasons.map(({ code, sentence, step, call }) => (
          <li key={`${step} ${code} ${call ?? ''}`}>
            <span>{sentence}</span>
            <span className="small soft">
              <code>{code}</code> {text.step(step)}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Links({ ticket: { run, approval, state, subject } }: { ticket: DemoTicket }): ReactNode {
  return (
    <p className="row">
      {state === 'waiting' && approval !== null ? (
        <Link className="button primary" to="/inbox/$id" params={{ id: approval }} aria-label={`${text.inbox}: ${subject}`}>
          {text.inbox}
        </Link>
      ) : null}
      {run === null ? null : (
        <Link className="button" to="/runs/$id" params={{ id: run }} aria-label={text.traceOf(subject)}>
          {text.trace}
          <Icon name="arrow" />
        </Link>
      )}
    </p>
  );
}
