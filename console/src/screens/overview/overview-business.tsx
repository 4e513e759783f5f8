// What the workflows did for the shop in a day. Every number leads to its runs, calls or events.

import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Overview } from '../../api/types.ts';
import { strings } from '../../strings/en.ts';
import { formatCount, formatMoney, formatSpan } from '../../ui/format.ts';

const text = strings.overview.business;
const { seeCalls, seeEvents, seeRuns } = strings.overview;
const SINCE = '24h';

export function Business({ business }: { business: Overview['business'] }): ReactNode {
  const { refunds, runs, medianAnswerMs } = business;
  return (
    <section className="sheet stack tight" aria-labelledby="business">
      <div>
        <h2 id="business">{text.title}</h2>
        <p className="small soft">{text.lead}</p>
      </div>
      <dl className="numbers">
        <Result name={text.answered} value={formatCount(business.ticketsAnswered)}>
          <Link to="/audit" search={{ type: 'workflows.run.emitted' }} aria-label={`${text.answered}: ${seeEvents}`}>
            {seeEvents}
          </Link>
        </Result>
        <Result
          name={text.refunds}
          value={formatCount(refunds.count)}
          note={
            refunds.totals.length === 0
              ? text.nothing
              : refunds.totals.map(({ amount, currency }) => formatMoney(`${amount} ${currency}`)).join(', ')
          }
        >
          <Link to="/calls" search={{ outcome: 'completed', effect: 'money', since: SINCE }} aria-label={`${text.refunds}: ${seeCalls}`}>
            {seeCalls}
          </Link>
        </Result>
        <Result name={text.stopped} value={formatCount(business.refundsStopped)} note={text.stoppedNote}>
          <Link to="/calls" search={{ outcome: 'refused', effect: 'money', since: SINCE }} aria-label={`${text.stopped}: ${seeCalls}`}>
            {seeCalls}
          </Link>
        </Result>
        <Result name={text.time} value={medianAnswerMs === null ? text.none : formatSpan(medianAnswerMs)} note={text.timeNote}>
          <Link to="/runs" search={{ state: 'done', since: SINCE }} aria-label={`${text.time}: ${seeRuns}`}>
            {seeRuns}
          </Link>
        </Result>
        <Result name={text.runs} value={formatCount(runs.done)} note={text.runsNote(formatCount(runs.waiting), formatCount(runs.stopped))}>
          <Link to="/runs" search={{ since: SINCE }} aria-label={`${text.runs}: ${seeRuns}`}>
            {seeRuns}
          </Link>
        </Result>
      </dl>
    </section>
  );
}

function Result({ name, value, note, children }: { name: string; value: string; note?: string; children: ReactNode }): ReactNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <span className="value">{value}</span>
        {note === undefined ? null : <span className="soft small">{note}</span>}
        <span className="links">{children}</span>
      </dd>
    </div>
  );
}
