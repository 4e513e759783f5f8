// One tree of a proof, drawn from its real shape: the leaf above, each hash that is joined as the subtree it stands for, the root below. It
// draws what it is given; every step is also a row of a table.

import type { ReactNode } from 'react';
import type { Rung } from './merkle.ts';
import { hexOf } from './merkle.ts';

const SLOT = 46;
const ROW = 38;
const TOP = 26;
const DOT = 4.5;
const GUTTER = 112;
const WING = 15;

interface Props {
  readonly rungs: readonly Rung[];
  readonly title: string;
  /** Where there is room, the hash of each step beside it. */
  readonly hasHashes: boolean;
}

export function ProofTree({ rungs, title, hasHashes }: Props): ReactNode {
  const lefts = rungs.filter(({ sibling }) => sibling.side === 'left').length;
  const columns = rungs.length + 1;
  const width = columns * SLOT + (hasHashes ? GUTTER : 0);
  const height = TOP + rungs.length * ROW + TOP / 2;
  const center = (slot: number): number => slot * SLOT + SLOT / 2;
  let left = lefts;
  let right = lefts;
  let x = center(lefts);
  const steps = rungs.map((rung, level) => {
    const slot = rung.sibling.side === 'left' ? --left : ++right;
    const from = { x, y: TOP + level * ROW };
    const other = { x: center(slot), y: from.y };
    x = (from.x + other.x) / 2;
    return { rung, from, other, to: { x, y: from.y + ROW } };
  });
  const end = steps.at(-1)?.to ?? { x, y: TOP };
  return (
    <svg className="proof-tree" viewBox={`0 0 ${width} ${height}`} width={width} height={height} role="img" aria-label={title}>
      {hasHashes
        ? steps.map(({ to }) => <line key={to.y} className="leader" x1={to.x} x2={columns * SLOT + 8} y1={to.y} y2={to.y} />)
        : null}
      {steps.map(({ rung: { sibling }, other }) => (
        <g key={other.x} className="subtree">
          {sibling.from === sibling.to ? (
            <circle cx={other.x} cy={other.y} r={DOT} />
          ) : (
            <path d={`M${other.x - WING} ${other.y - 20} H${other.x + WING} L${other.x} ${other.y + 4} Z`} />
          )}
          <text x={other.x} y={other.y - (sibling.from === sibling.to ? 9 : 8)}>
            {sibling.to - sibling.from + 1}
          </text>
        </g>
      ))}
      {steps.map(({ from, other, to }) => (
        <g key={to.y}>
          <path className="join" d={bend(other, to)} />
          <path className="way" d={bend(from, to)} />
        </g>
      ))}
      <line className="way" x1={center(lefts)} x2={center(lefts)} y1={0} y2={TOP} />
      <line className="way" x1={end.x} x2={end.x} y1={end.y} y2={height} />
      <circle className="node leaf" cx={center(lefts)} cy={TOP} r={DOT + 1.5} />
      {steps.map(({ rung, to }) => (
        <g key={to.y}>
          <circle className="node" cx={to.x} cy={to.y} r={DOT} />
          {hasHashes ? (
            <text className="hash" x={columns * SLOT + 12} y={to.y + 4}>
              {hexOf(rung.result).slice(0, 12)}
            </text>
          ) : null}
        </g>
      ))}
    </svg>
  );
}

interface Point {
  readonly x: number;
  readonly y: number;
}

const bend = (from: Point, to: Point): string =>
  `M${from.x} ${from.y} C${from.x} ${from.y + ROW * 0.55} ${to.x} ${to.y - ROW * 0.55} ${to.x} ${to.y}`;
