// What became of a stored call after the decision, told as it happens.

import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef } from 'react';
import { type Ask, askQuery } from '../../api/inbox.ts';
import { strings } from '../../strings/en.ts';
import { Badge, type Tone } from '../../ui/badge.tsx';
import { Time } from '../../ui/format.ts';

const text = strings.inbox;
const TONES: Readonly<Record<string, Tone>> = {
  pending: 'warn',
  approved: 'info',
  executing: 'info',
  done: 'good',
  failed: 'bad',
  unknown: 'warn',
  denied: 'plain',
  expired: 'plain',
};

export function AskBadge({ state }: { state: string }): ReactNode {
  return <Badge tone={TONES[state] ?? 'plain'}>{text.states[state] ?? state}</Badge>;
}

/** Stands where the card stood, and takes the focus when it was in the card and is lost with it. */
export function JustDecided({ id }: { id: string }): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  const query = useQuery(askQuery(id));
  useEffect(() => {
    if (document.activeElement === null || document.activeElement === document.body) place.current?.focus();
  }, []);
  return (
    <div className="sheet outcome" ref={place} tabIndex={-1}>
      {query.data === undefined ? null : <Outcome ask={query.data} />}
    </div>
  );
}

export function Outcome({ ask }: { ask: Ask }): ReactNode {
  const { state, code, codeSentence, run, call } = ask;
  return (
    <div className="stack tight">
      <div role="status" aria-live="polite" className="row">
        <AskBadge state={state} />
        <span>{text.outcomes[state] ?? ''}</span>
      </div>
      <p className="soft">{ask.sentence}</p>
      {code === null || state === 'done' ? null : (
        <p className="small">
          <code>{code}</code> {codeSentence}
        </p>
      )}
      {ask.reason === null ? null : (
        <p className="small">
          {text.reasonGiven}: {ask.reason}
        </p>
      )}
      <p className="row small">
        {ask.decidedAt === null ? null : (
          <span className="soft">
            {text.decided} <Time iso={ask.decidedAt} />
          </span>
        )}
        {run === null ? null : (
          <Link to="/runs/$id" params={{ id: run }}>
            {text.run}
          </Link>
        )}
        {call === null ? null : (
          <Link to="/calls/$id" params={{ id: call }}>
            {text.trace}
          </Link>
        )}
      </p>
    </div>
  );
}
