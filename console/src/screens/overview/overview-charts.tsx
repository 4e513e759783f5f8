// The figures of a day, its hours as bars, and why calls were blocked. Every number leads to what it counts.

import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { HourOfCalls, Overview } from '../../api/types.ts';
import { strings } from '../../strings/en.ts';
import { HorizontalBars, Sparkline, type Stack, TimeBars } from '../../ui/charts.tsx';
import { formatCount, formatHour } from '../../ui/format.ts';
import { type Column, Table } from '../../ui/table.tsx';

const text = strings.overview;
const SINCE = '24h';

export function Figures({ overview: { calls, series } }: { overview: Overview }): ReactNode {
  const trend = (of: (hour: HourOfCalls) => number) => series.map((hour) => ({ label: formatHour(hour.at), value: of(hour) }));
  return (
    <section className="figures" aria-label={text.figures}>
      <Figure value={calls.guarded} name={text.guarded} note={text.guardedNote} trend={trend(({ guarded }) => guarded)} tone="good">
        <Link to="/calls" search={{ since: SINCE }} aria-label={`${text.guarded}: ${text.seeCalls}`}>
          {text.seeCalls}
        </Link>
        <Link to="/audit" search={{ type: 'enforcement.call.' }} aria-label={`${text.guarded}: ${text.seeEvents}`}>
          {text.seeEvents}
        </Link>
      </Figure>
      <Figure value={calls.refused} name={text.refused} note={text.refusedNote} trend={trend(({ refused }) => refused)} tone="bad">
        <Link to="/calls" search={{ since: SINCE, outcome: 'refused' }} aria-label={`${text.refused}: ${text.seeCalls}`}>
          {text.seeCalls}
        </Link>
        <Link to="/audit" search={{ type: 'enforcement.call.refused' }} aria-label={`${text.refused}: ${text.seeEvents}`}>
          {text.seeEvents}
        </Link>
      </Figure>
      <Figure
        value={calls.tokenised}
        name={text.tokenised}
        note={text.tokenisedNote}
        trend={trend(({ tokenised }) => tokenised)}
        tone="info"
      >
        <Link to="/calls" search={{ since: SINCE, tokenised: 'yes' }} aria-label={`${text.tokenised}: ${text.seeCalls}`}>
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

interface FigureProps {
  readonly value: number;
  readonly name: string;
  readonly note: string;
  readonly trend?: readonly { readonly label: string; readonly value: number }[];
  readonly tone?: 'good' | 'bad' | 'info';
  readonly children: ReactNode;
}

function Figure({ value, name, note, trend, tone = 'good', children }: FigureProps): ReactNode {
  const head = <h2>{name}</h2>;
  return (
    <div className="sheet figure">
      {trend === undefined ? head : null}
      {trend === undefined ? null : <Sparkline title={name} heading={head} points={trend} labelHead={text.hours.at} tone={tone} />}
      <p className="value">{formatCount(value)}</p>
      <p className="soft small">{note}</p>
      <p className="links">{children}</p>
    </div>
  );
}

const COLUMNS: readonly Column<HourOfCalls>[] = [
  { key: 'at', head: text.hours.at, cell: ({ at }) => formatHour(at) },
  { key: 'guarded', head: text.hours.guarded, cell: ({ guarded }) => formatCount(guarded) },
  { key: 'refused', head: text.hours.refused, cell: ({ refused }) => formatCount(refused) },
  { key: 'tokenised', head: text.hours.tokenised, cell: ({ tokenised }) => formatCount(tokenised) },
];

export function Hours({ series }: { series: readonly HourOfCalls[] }): ReactNode {
  const stacks = series.map(({ at, guarded, refused, tokenised }): Stack => {
    const passed = guarded - refused;
    const replaced = Math.min(tokenised, passed);
    const label = formatHour(at);
    const sentence = text.hours.read(label, formatCount(guarded), formatCount(refused), formatCount(tokenised));
    return { label, values: [passed - replaced, replaced, refused], sentence };
  });
  return (
    <section className="sheet">
      <TimeBars
        title={text.hours.title}
        heading={<h2>{text.hours.title}</h2>}
        series={[text.hours.passed, text.hours.replaced, text.hours.blocked]}
        stacks={stacks}
        table={<Table caption={text.hours.title} columns={COLUMNS} rows={series} keyOf={({ at }) => at} />}
      />
    </section>
  );
}

export function Codes({ refusals }: { refusals: Overview['refusals'] }): ReactNode {
  return (
    <section className="sheet">
      <HorizontalBars
        title={text.codes.title}
        heading={<h2>{text.codes.title}</h2>}
        nameHead={text.codes.code}
        valueHead={text.codes.count}
        empty={text.codes.none}
        measures={refusals.map(({ code, count }) => ({
          key: code,
          plainName: code === '' ? text.codes.unnamed : code,
          value: count,
          name: (
            <Link
              className="mono"
              to="/calls"
              search={code === '' ? { outcome: 'refused', since: SINCE } : { outcome: 'refused', code, since: SINCE }}
              aria-label={text.codes.see(code, formatCount(count))}
            >
              {code === '' ? text.codes.unnamed : code}
            </Link>
          ),
        }))}
      />
    </section>
  );
}
