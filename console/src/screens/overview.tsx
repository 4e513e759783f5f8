// Are we safe now? Counts of the last day and the checks behind them, each leading to what it counts.

import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { overviewQuery } from '../api/queries.ts';
import type { Overview } from '../api/types.ts';
import { strings } from '../strings/en.ts';
import { Badge, type Tone } from '../ui/badge.tsx';
import { formatCount, formatDay, formatMoment } from '../ui/format.ts';
import { Page } from '../ui/page.tsx';
import { Answer } from '../ui/states.tsx';

const text = strings.overview;

export function OverviewScreen(): ReactNode {
  const query = useQuery(overviewQuery);
  return (
    <Page title={text.title} lead={text.lead}>
      <Answer query={query}>
        {(overview) => (
          <>
            <Figures overview={overview} />
            <Posture overview={overview} />
          </>
        )}
      </Answer>
    </Page>
  );
}

function Figures({ overview: { calls } }: { overview: Overview }): ReactNode {
  const since = '24h';
  return (
    <section className="figures" aria-label={text.figures}>
      <Figure value={calls.guarded} name={text.guarded} note={text.guardedNote}>
        <Link to="/calls" search={{ since }} aria-label={`${text.guarded}: ${text.seeCalls}`}>
          {text.seeCalls}
        </Link>
        <Link to="/audit" search={{ type: 'enforcement.call.' }} aria-label={`${text.guarded}: ${text.seeEvents}`}>
          {text.seeEvents}
        </Link>
      </Figure>
      <Figure value={calls.refused} name={text.refused} note={text.refusedNote}>
        <Link to="/calls" search={{ since, outcome: 'refused' }} aria-label={`${text.refused}: ${text.seeCalls}`}>
          {text.seeCalls}
        </Link>
        <Link to="/audit" search={{ type: 'enforcement.call.refused' }} aria-label={`${text.refused}: ${text.seeEvents}`}>
          {text.seeEvents}
        </Link>
      </Figure>
      <Figure value={calls.tokenised} name={text.tokenised} note={text.tokenisedNote}>
        <Link to="/calls" search={{ since, tokenised: 'yes' }} aria-label={`${text.tokenised}: ${text.seeCalls}`}>
          {text.seeCalls}
        </Link>
        <Link to="/audit" search={{ type: 'enforcement.call.intended' }} aria-label={`${text.tokenised}: ${text.seeEvents}`}>
          {text.seeEvents}
        </Link>
      </Figure>
      <Figure value={calls.waiting} name={text.waiting} note={text.waitingNote}>
        <Link to="/inbox" aria-label={`${text.waiting}: ${text.seeInbox}`}>
          {text.seeInbox}
        </Link>
        <Link to="/audit" search={{ type: 'approvals.call.' }} aria-label={`${text.waiting}: ${text.seeEvents}`}>
          {text.seeEvents}
        </Link>
      </Figure>
    </section>
  );
}

function Figure({ value, name, note, children }: { value: number; name: string; note: string; children: ReactNode }): ReactNode {
  return (
    <div className="sheet figure">
      <h2>{name}</h2>
      <p className="value">{formatCount(value)}</p>
      <p className="soft small">{note}</p>
      <p className="links">{children}</p>
    </div>
  );
}

function Posture({ overview }: { overview: Overview }): ReactNode {
  const { integrations, keys, unresolved, ledger } = overview;
  const nextExpiry = keys.nextExpiry === null ? '' : formatDay(keys.nextExpiry);
  return (
    <section className="sheet stack tight">
      <h2>{text.posture}</h2>
      <ul className="posture">
        <Line
          tone={integrations.total === 0 ? 'warn' : 'good'}
          sentence={integrations.total === 0 ? text.noIntegrations : text.integrations(integrations.shops, integrations.models)}
        >
          <Link to="/access">{text.links.access}</Link>
        </Line>
        {integrations.total === 0 ? null : (
          <Line
            tone={integrations.operationsToReview === 0 ? 'good' : 'warn'}
            sentence={integrations.operationsToReview === 0 ? text.reviewed : text.review(integrations.operationsToReview)}
          />
        )}
        <Line
          tone={keys.active > 0 && keys.expiringSoon === 0 ? 'good' : 'warn'}
          sentence={
            keys.active === 0
              ? text.keysNone
              : keys.expiringSoon > 0
                ? text.keysSoon(keys.expiringSoon, nextExpiry)
                : text.keysGood(keys.active, nextExpiry)
          }
        >
          <Link to="/access">{text.links.access}</Link>
        </Line>
        <Line tone={unresolved === 0 ? 'good' : 'bad'} sentence={unresolved === 0 ? text.unresolvedNone : text.unresolved(unresolved)}>
          <Link to="/inbox">{text.links.inbox}</Link>
        </Line>
        <Line
          tone={ledger.checkpointAt === null ? 'warn' : 'good'}
          sentence={
            ledger.checkpointAt === null
              ? text.checkpointNone
              : text.checkpoint(formatCount(ledger.sealedEvents), formatMoment(ledger.checkpointAt))
          }
        >
          <Link to="/audit">{text.links.audit}</Link>
        </Line>
      </ul>
    </section>
  );
}

const WORD: Readonly<Record<Tone, string>> = { good: text.good, warn: text.look, bad: text.act, info: '', plain: '' };

function Line({ tone, sentence, children = null }: { tone: Tone; sentence: string; children?: ReactNode }): ReactNode {
  return (
    <li>
      <Badge tone={tone}>{WORD[tone]}</Badge>
      <span>{sentence}</span>
      <span>{children}</span>
    </li>
  );
}
