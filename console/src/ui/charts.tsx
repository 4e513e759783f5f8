// The three charts, as SVG of our own: a line for a trend, stacked bars over time, horizontal bars to compare. Each can be read as a
// table, with the keyboard and by a screen reader. They draw what they are given and fetch nothing.

import { type ReactNode, useId, useState } from 'react';
import { strings } from '../strings/en.ts';
import { Button } from './button.tsx';
import { formatCount } from './format.ts';
import { Icon } from './icons.tsx';
import { type Column, Table } from './table.tsx';

const text = strings.charts;

interface FrameProps {
  readonly title: string;
  /** The title as the page shows it; without one it is only spoken. */
  readonly heading?: ReactNode;
  readonly table: ReactNode;
  readonly children: ReactNode;
}

/** A chart or its table, whichever the reader chose. */
function ChartFrame({ title, heading, table, children }: FrameProps): ReactNode {
  const [isTable, setTable] = useState(false);
  return (
    <figure className="chart" aria-label={title}>
      <header>
        {heading ?? <span />}
        <Button
          look="quiet"
          size="icon"
          aria-label={isTable ? text.asChart(title) : text.asTable(title)}
          onPress={() => setTable(!isTable)}
        >
          <Icon name={isTable ? 'chart' : 'table'} />
        </Button>
      </header>
      {isTable ? table : children}
    </figure>
  );
}

interface Point {
  readonly label: string;
  readonly value: number;
}

export function Sparkline({
  title,
  heading,
  points,
  labelHead,
  tone = 'good',
}: {
  title: string;
  heading?: ReactNode;
  points: readonly Point[];
  labelHead: string;
  tone?: 'good' | 'bad' | 'info';
}): ReactNode {
  const most = Math.max(1, ...points.map(({ value }) => value));
  const step = points.length < 2 ? 0 : 100 / (points.length - 1);
  const line = points.map(({ value }, index) => `${(index * step).toFixed(2)} ${(28 - (value / most) * 26).toFixed(2)}`).join(' L');
  const columns: readonly Column<Point>[] = [
    { key: 'label', head: labelHead, cell: ({ label }) => label },
    { key: 'value', head: title, cell: ({ value }) => formatCount(value) },
  ];
  return (
    <ChartFrame
      title={title}
      heading={heading}
      table={<Table caption={title} columns={columns} rows={points} keyOf={({ label }) => label} />}
    >
      {/* Each value is in the table; aloud, a trend is its table. */}
      <svg className={`spark ${tone}`} viewBox="0 0 100 30" preserveAspectRatio="none" aria-hidden="true">
        <path className="area" d={`M0 30 L${line} L100 30 Z`} />
        <path className="line" d={`M${line}`} />
      </svg>
    </ChartFrame>
  );
}

export interface Stack {
  /** When it is, as the reader sees it. */
  readonly label: string;
  /** One value for each series. */
  readonly values: readonly number[];
  /** The whole of it in a sentence. */
  readonly sentence: string;
}

interface TimeBarsProps {
  readonly title: string;
  readonly heading: ReactNode;
  readonly series: readonly string[];
  readonly stacks: readonly Stack[];
  readonly table: ReactNode;
}

const WIDTH = 10;
const GAP = 1.6;
const HEIGHT = 100;

/** Bars one beside the other, each stacked. A slider over them reads one after the other. */
export function TimeBars({ title, heading, series, stacks, table }: TimeBarsProps): ReactNode {
  const [chosen, setChosen] = useState(stacks.length - 1);
  const readout = useId();
  const most = Math.max(1, ...stacks.map(({ values }) => values.reduce((total, value) => total + value, 0)));
  const at = Math.min(chosen, stacks.length - 1);
  const now = stacks[at];
  if (now === undefined) return <p className="soft small">{text.nothing}</p>;
  return (
    <ChartFrame title={title} heading={heading} table={table}>
      <p className="readout num" id={readout}>
        {now.sentence}
      </p>
      <div
        className="plot"
        onPointerMove={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          const index = Math.floor(((event.clientX - box.left) / box.width) * stacks.length);
          setChosen(Math.max(0, Math.min(stacks.length - 1, index)));
        }}
      >
        <svg className="bars" viewBox={`0 0 ${stacks.length * WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
          <rect className="at" x={at * WIDTH} y={0} width={WIDTH} height={HEIGHT} />
          <line className="grid" x1={0} x2={stacks.length * WIDTH} y1={HEIGHT} y2={HEIGHT} />
          <line className="grid" x1={0} x2={stacks.length * WIDTH} y1={HEIGHT / 2} y2={HEIGHT / 2} />
          <line className="grid" x1={0} x2={stacks.length * WIDTH} y1={0} y2={0} />
          {stacks.map(({ label, values }, index) => (
            <Bar key={label} values={values} most={most} x={index * WIDTH} />
          ))}
        </svg>
        <span className="scale num">{formatCount(most)}</span>
        <input
          className="scrub"
          type="range"
          min={0}
          max={stacks.length - 1}
          step={1}
          value={at}
          aria-label={text.hour(title)}
          aria-valuetext={now.sentence}
          onChange={(event) => setChosen(Number(event.target.value))}
        />
      </div>
      <p className="ticks num" aria-hidden="true">
        {ticksOf(stacks).map((label) => (
          <span key={label}>{label}</span>
        ))}
      </p>
      <ul className="legend">
        {series.map((name, index) => (
          <li key={name}>
            <i className={`s${index + 1}`} aria-hidden="true" />
            {name}
          </li>
        ))}
      </ul>
    </ChartFrame>
  );
}

function Bar({ values, most, x }: { values: readonly number[]; most: number; x: number }): ReactNode {
  let top = HEIGHT;
  return values.map((value, index) => {
    const height = (value / most) * HEIGHT;
    top -= height;
    const name = `s${index + 1}`;
    return value === 0 ? null : <rect key={name} className={name} x={x + GAP / 2} y={top} width={WIDTH - GAP} height={height} />;
  });
}

/** Four, at the beginning of each quarter. */
function ticksOf(stacks: readonly Stack[]): readonly string[] {
  const every = Math.max(1, Math.ceil(stacks.length / 4));
  return stacks.filter((_, index) => index % every === 0).map(({ label }) => label);
}

export interface Measure {
  readonly key: string;
  /** A name, or a link with it. */
  readonly name: ReactNode;
  readonly plainName: string;
  readonly value: number;
}

interface BarsProps {
  readonly title: string;
  readonly heading: ReactNode;
  readonly nameHead: string;
  readonly valueHead: string;
  readonly measures: readonly Measure[];
  readonly empty: string;
}

/** Longest first, each with its number beside its name: a list that reads without the bars. */
export function HorizontalBars({ title, heading, nameHead, valueHead, measures, empty }: BarsProps): ReactNode {
  const most = Math.max(1, ...measures.map(({ value }) => value));
  const columns: readonly Column<Measure>[] = [
    { key: 'name', head: nameHead, cell: ({ plainName }) => plainName },
    { key: 'value', head: valueHead, cell: ({ value }) => formatCount(value) },
  ];
  return (
    <ChartFrame
      title={title}
      heading={heading}
      table={<Table caption={title} columns={columns} rows={measures} keyOf={({ key }) => key} />}
    >
      {measures.length === 0 ? (
        <p className="soft small">{empty}</p>
      ) : (
        <ul className="hbars">
          {measures.map(({ key, name, value }) => (
            <li key={key}>
              <span>{name}</span>
              <b className="num">{formatCount(value)}</b>
              <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
                <rect className="rail" width={100} height={4} />
                <rect className="s3" width={(value / most) * 100} height={4} />
              </svg>
            </li>
          ))}
        </ul>
      )}
    </ChartFrame>
  );
}
