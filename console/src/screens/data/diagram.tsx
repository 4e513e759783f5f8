// The data map as a picture: systems on the left, recipients on the right, what was not declared dashed and marked. The table holds the same.

import type { ReactNode } from 'react';
import type { Flow } from '../../api/data.ts';
import { strings } from '../../strings/en.ts';
import { visible } from '../../ui/visible.ts';
import { regionName } from './words.ts';

const text = strings.data.map;
const ROW = 64;
const WIDTH = 720;
const BOX = 210;
const TALL = 48;
/** More would be a picture nobody reads; the table has them all. */
const MAX_NODES = 12;

interface Node {
  readonly name: string;
  readonly region: string;
  readonly kinds: number;
  readonly isFound: boolean;
}

function nodesOf(flows: readonly Flow[], direction: Flow['direction']): readonly Node[] {
  const groups = new Map<string, Flow[]>();
  for (const flow of flows) if (flow.direction === direction) groups.set(flow.destination, [...(groups.get(flow.destination) ?? []), flow]);
  return [...groups].slice(0, MAX_NODES).map(([name, list]) => ({
    name,
    region: list.at(-1)?.region ?? '',
    kinds: new Set(list.map((flow) => flow.dataClass)).size,
    isFound: list.some((flow) => flow.finding !== null),
  }));
}

export function Diagram({ flows }: { flows: readonly Flow[] }): ReactNode {
  const [left, right] = [nodesOf(flows, 'in'), nodesOf(flows, 'out')];
  const height = Math.max(left.length, right.length, 1) * ROW + 40;
  const middle = height / 2 + 10;
  const at = (index: number, count: number): number => middle + (index - (count - 1) / 2) * ROW;
  return (
    <div className="diagram">
      <svg viewBox={`-2 0 ${WIDTH + 4} ${height}`} role="img" aria-label={text.diagramOf(left.length, right.length)}>
        <text x={BOX / 2} y={16} className="head">
          {text.comesFrom}
        </text>
        <text x={WIDTH - BOX / 2} y={16} className="head">
          {text.goesTo}
        </text>
        {left.map((node, index) => (
          <Line key={node.name} from={[BOX, at(index, left.length)]} to={[WIDTH / 2 - 55, middle]} isFound={false} />
        ))}
        {right.map((node, index) => (
          <Line key={node.name} from={[WIDTH / 2 + 55, middle]} to={[WIDTH - BOX, at(index, right.length)]} isFound={node.isFound} />
        ))}
        <rect x={WIDTH / 2 - 55} y={middle - 24} width={110} height={TALL} rx={8} className="hub" />
        <text x={WIDTH / 2} y={middle + 5} className="name">
          {text.hub}
        </text>
        {left.map((node, index) => (
          <Box key={node.name} x={0} y={at(index, left.length)} node={node} />
        ))}
        {right.map((node, index) => (
          <Box key={node.name} x={WIDTH - BOX} y={at(index, right.length)} node={node} />
        ))}
      </svg>
    </div>
  );
}

function Line({ from, to, isFound }: { from: readonly [number, number]; to: readonly [number, number]; isFound: boolean }): ReactNode {
  const bend = (from[0] + to[0]) / 2;
  const path = `M${from[0]},${from[1]} C${bend},${from[1]} ${bend},${to[1]} ${to[0]},${to[1]}`;
  return <path d={path} className={isFound ? 'line found' : 'line'} />;
}

function Box({ x, y, node }: { x: number; y: number; node: Node }): ReactNode {
  const name = visible(node.name);
  return (
    <g>
      <rect x={x} y={y - TALL / 2} width={BOX} height={TALL} rx={8} className={node.isFound ? 'node found' : 'node'} />
      <text x={x + BOX / 2} y={y - 3} className="name">
        {node.isFound ? '! ' : ''}
        {name.length > 24 ? `${name.slice(0, 23)}…` : name}
      </text>
      <text x={x + BOX / 2} y={y + 15} className="note">
        {`${regionName(node.region)} · ${text.kinds(node.kinds)}`}
      </text>
    </g>
  );
}
