// The verifier on one press, what it says, and what it said before: the verdicts are events of the log like all others.

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import { eventsQuery, type LedgerStatus, VERDICTS } from '../../api/audit.ts';
import { ApiFault, api } from '../../api/client.ts';
import type { LedgerEvent, Verdict } from '../../api/types.ts';
import { strings } from '../../strings/en.ts';
import { Badge } from '../../ui/badge.tsx';
import { faultOf } from '../../ui/fault-line.tsx';
import { formatCount, formatMoment, formatSpan, Time } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { MayButton } from '../../ui/may.tsx';
import { Answer, Failed } from '../../ui/states.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { useActorName } from '../audit/audit-words.tsx';

const text = strings.integrity.verification;
const SHOWN = 5;
const SEALED_MS = 2_000;

export function VerifyPart({ status }: { status: LedgerStatus }): ReactNode {
  const client = useQueryClient();
  const [state, setState] = useState<'idle' | 'working' | Verdict | ApiFault>('idle');
  const { everyHours } = status.health.verification;
  async function verify(): Promise<void> {
    setState('working');
    try {
      setState(await api<Verdict>('POST', '/api/ledger/verify'));
    } catch (error) {
      setState(faultOf(error));
    }
    const refresh = () => Promise.all([['events'], ['overview'], ['ledger']].map((queryKey) => client.invalidateQueries({ queryKey })));
    await refresh();
    // The verdict is an event itself, and sealed a moment later.
    setTimeout(() => void refresh(), SEALED_MS);
  }
  return (
    <section className="sheet stack tight" aria-labelledby="verify">
      <div className="row between">
        <div>
          <h2 id="verify">{text.title}</h2>
          <p className="small soft measure">
            {text.lead} {everyHours === null ? null : text.every(everyHours)}
          </p>
        </div>
        <MayButton action="ledger.verify" look="primary" isPending={state === 'working'} onPress={() => void verify()}>
          <Icon name="shield" />
          {state === 'working' ? text.verifying : text.verify}
        </MayButton>
      </div>
      <div className="verdict-place" role="status" aria-live="polite">
        {state === 'working' ? <Working events={status.sealedEvents} /> : null}
        {state === 'idle' || state === 'working' || state instanceof ApiFault ? null : <VerdictPart verdict={state} />}
      </div>
      {state instanceof ApiFault ? <Failed fault={state} onRetry={() => void verify()} /> : null}
      <History verifiedAt={status.health.verification.at} />
    </section>
  );
}

/** How far it is nobody knows before the end; how long it takes already is known. */
function Working({ events }: { events: number }): ReactNode {
  const [begin] = useState(() => performance.now());
  const [spentMs, setSpentMs] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setSpentMs(performance.now() - begin), 1_000);
    return () => clearInterval(timer);
  }, [begin]);
  return (
    <div className="verdict-line">
      <p className="row between">
        <span>{text.working(formatCount(events))}</span>
        <span className="soft num" aria-hidden="true">
          {spentMs < 1_000 ? null : text.spent(formatSpan(Math.floor(spentMs / 1_000) * 1_000))}
        </span>
      </p>
      <progress className="progress" aria-label={text.verifying} />
    </div>
  );
}

function VerdictPart({ verdict }: { verdict: Verdict }): ReactNode {
  return (
    <div className={`verdict-line ${verdict.ok ? 'good' : 'bad'}`}>
      <p className="row">
        <Badge tone={verdict.ok ? 'good' : 'bad'}>{verdict.ok ? text.verified : text.notVerified}</Badge>
        <span>{verdict.ok ? text.verdict(formatCount(verdict.events)) : verdict.message}</span>
      </p>
      <code className="secret">{verdict.verifierKey}</code>
      <dl className="facts">
        <dt>{text.at}</dt>
        <dd>{formatMoment(verdict.verifiedAt)}</dd>
        <dt>{text.checkpoint}</dt>
        <dd>{verdict.globalSize === null ? strings.none : formatCount(verdict.globalSize)}</dd>
        <dt>{text.unsealed}</dt>
        <dd>{formatCount(verdict.unsealed ?? 0)}</dd>
        {verdict.firstBad === null ? null : (
          <>
            <dt>{text.firstBad}</dt>
            <dd>
              <Link to="/audit/$seq" params={{ seq: String(verdict.firstBad) }}>
                {verdict.firstBad}
              </Link>
            </dd>
          </>
        )}
      </dl>
    </div>
  );
}

function History({ verifiedAt }: { verifiedAt: string | null }): ReactNode {
  const query = useQuery(eventsQuery(VERDICTS));
  const nameOf = useActorName();
  const columns: readonly Column<LedgerEvent>[] = [
    {
      key: 'when',
      head: text.when,
      cell: ({ seq, entry }) => (
        <Link to="/audit/$seq" params={{ seq: String(seq) }}>
          <Time iso={entry.at} />
        </Link>
      ),
    },
    {
      key: 'result',
      head: text.result,
      cell: ({ entry }) => (
        <>
          <Badge tone={entry.public.ok === true ? 'good' : 'bad'}>{entry.public.ok === true ? text.verified : text.notVerified}</Badge>{' '}
          {entry.public.ok === true ? null : <code className="small">{String(entry.public.code)}</code>}
        </>
      ),
    },
    {
      key: 'events',
      head: text.events,
      cell: ({ entry }) => (
        <span className="num">{typeof entry.public.events === 'number' ? formatCount(entry.public.events) : strings.none}</span>
      ),
    },
    { key: 'by', head: text.by, cell: ({ by = null }) => nameOf(by) },
  ];
  return (
    <div className="stack tight">
      <h3>{text.history}</h3>
      <Answer query={query}>
        {({ events, next }) =>
          events.length === 0 ? (
            <p className="small soft">{verifiedAt === null ? text.historyNone : text.historySoon}</p>
          ) : (
            <>
              <Table caption={text.history} columns={columns} rows={events.slice(0, SHOWN)} keyOf={({ seq }) => String(seq)} />
              {events.length <= SHOWN && next === null ? null : (
                <p className="small">
                  <Link to="/audit" search={VERDICTS}>
                    {text.historyAll}
                  </Link>
                </p>
              )}
            </>
          )
        }
      </Answer>
    </div>
  );
}
