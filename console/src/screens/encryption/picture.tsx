// Where plain text exists, as a picture: who comes from the left, whom the server asks on the right, what it keeps below. Each line and box is
// marked by its state in words and strokes; the tables hold the same. On a phone the same boxes stand below each other.

import type { ReactNode } from 'react';
import type { PlainHop, PlainPlace, PlainText } from '../../api/encryption.ts';
import { strings } from '../../strings/en.ts';
import { visible } from '../../ui/visible.ts';
import { isFault, kindName, stateName } from './words.ts';

const text = strings.encryption;
const CALLERS: ReadonlySet<string> = new Set(['browser', 'program']);
const KEPT: ReadonlySet<string> = new Set(['database', 'keys', 'backups', 'logs']);
/** More would be a picture nobody reads; the table has them all. */
const MAX_OUTSIDE = 8;
const [WIDTH, BOX, TALL, ROW] = [800, 190, 56, 74];
const HUB = 200;
const GAP = (WIDTH - 4 * 182) / 3;

interface Drawn {
  readonly place: PlainPlace;
  readonly hop: PlainHop | undefined;
}

function drawnOf({ places, hops }: PlainText) {
  const of = (isIn: (place: PlainPlace) => boolean): readonly Drawn[] =>
    places.filter(isIn).map((place) => ({
      place,
      hop: hops.find(({ from, to }) => (from === place.id && to === 'server') || (to === place.id && from === 'server')),
    }));
  const outside = of(({ kind }) => !CALLERS.has(kind) && !KEPT.has(kind) && kind !== 'server');
  // What must be mended is never among those left out.
  const ordered = [...outside].sort((one, other) => Number(isBad(other)) - Number(isBad(one)));
  return {
    callers: of(({ kind }) => CALLERS.has(kind)),
    kept: of(({ kind }) => KEPT.has(kind)),
    outside: ordered.slice(0, MAX_OUTSIDE),
    left: Math.max(0, ordered.length - MAX_OUTSIDE),
    server: of(({ kind }) => kind === 'server')[0],
  };
}

const isBad = ({ place, hop }: Drawn): boolean => isFault(place) || (hop !== undefined && isFault(hop));

export function Picture({ shown }: { shown: PlainText }): ReactNode {
  const label = text.pictureOf(shown.places.length, shown.hops.length);
  return (
    <>
      <Wide shown={shown} label={label} />
      <Narrow shown={shown} label={label} />
      <Legend />
    </>
  );
}

function Wide({ shown, label }: { shown: PlainText; label: string }): ReactNode {
  const { callers, kept, outside, left, server } = drawnOf(shown);
  const rows = Math.max(callers.length, outside.length + (left > 0 ? 0.5 : 0), 2);
  const middle = (rows * ROW) / 2;
  const floor = rows * ROW + 76;
  const at = (index: number, count: number): number => middle + (index - (count - 1) / 2) * ROW;
  const hub = { left: (WIDTH - HUB) / 2, right: (WIDTH + HUB) / 2 };
  const column = (index: number): number => index * (182 + GAP);
  return (
    <div className="encryption wide">
      <svg viewBox={`-3 -3 ${WIDTH + 6} ${floor + TALL / 2 + 6}`} role="img" aria-label={label}>
        {callers.map((one, index) => (
          <Way key={one.place.id} hop={one.hop} from={[BOX, at(index, callers.length)]} to={[hub.left, middle]} />
        ))}
        {outside.map((one, index) => (
          <Way key={one.place.id} hop={one.hop} from={[hub.right, middle]} to={[WIDTH - BOX, at(index, outside.length)]} />
        ))}
        {kept.map((one, index) => (
          <Way
            key={one.place.id}
            hop={one.hop}
            from={[WIDTH / 2 + (index - 1.5) * 34, middle + TALL / 2]}
            to={[column(index) + 91, floor - TALL / 2]}
            isDown
          />
        ))}
        {callers.map(({ place }, index) => (
          <Box key={place.id} place={place} x={0} y={at(index, callers.length)} width={BOX} />
        ))}
        {outside.map(({ place }, index) => (
          <Box key={place.id} place={place} x={WIDTH - BOX} y={at(index, outside.length)} width={BOX} />
        ))}
        {left > 0 ? (
          <text x={WIDTH - BOX / 2} y={rows * ROW - 4} className="note">
            {text.more(left)}
          </text>
        ) : null}
        {server === undefined ? null : <Box place={server.place} x={hub.left} y={middle} width={HUB} isHub />}
        {kept.map(({ place }, index) => (
          <Box key={place.id} place={place} x={column(index)} y={floor} width={182} />
        ))}
      </svg>
    </div>
  );
}

const [PHONE, RAIL, STEP] = [340, 14, 70];

function Narrow({ shown, label }: { shown: PlainText; label: string }): ReactNode {
  const { callers, kept, outside, left, server } = drawnOf(shown);
  const all = [...callers, ...(server === undefined ? [] : [server]), ...kept, ...outside];
  const at = (index: number): number => index * STEP + TALL / 2;
  return (
    <div className="encryption narrow">
      <svg viewBox={`-3 -3 ${PHONE + 6} ${all.length * STEP + (left > 0 ? 14 : 0)}`} role="img" aria-label={label}>
        <path d={`M${RAIL},${at(0)} V${at(all.length - 1)}`} className="rail" />
        {all.map(({ place, hop }, index) => (
          <g key={place.id}>
            {place.kind === 'server' ? <path d={`M${RAIL},${at(index)} H40`} className="rail" /> : null}
            <Way hop={hop} from={[RAIL, at(index)]} to={[40, at(index)]} />
            <Box place={place} x={40} y={at(index)} width={PHONE - 40} isHub={place.kind === 'server'} />
          </g>
        ))}
        {left > 0 ? (
          <text x={PHONE / 2 + 20} y={all.length * STEP + 4} className="note">
            {text.more(left)}
          </text>
        ) : null}
      </svg>
    </div>
  );
}

interface WayProps {
  readonly hop: PlainHop | undefined;
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  readonly isDown?: boolean;
}

function Way({ hop, from, to, isDown = false }: WayProps): ReactNode {
  if (hop === undefined) return null;
  const [x, y] = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
  const bend = isDown ? `${from[0]},${y} ${to[0]},${y}` : `${x},${from[1]} ${x},${to[1]}`;
  return <path d={`M${from[0]},${from[1]} C${bend} ${to[0]},${to[1]}`} className={`way ${hop.state} ${isFault(hop) ? 'bad' : ''}`} />;
}

const LETTERS_WIDE = 7.4;

function Box({
  place,
  x,
  y,
  width,
  isHub = false,
}: {
  place: PlainPlace;
  x: number;
  y: number;
  width: number;
  isHub?: boolean;
}): ReactNode {
  const name = place.name === null || place.kind === 'webhook' ? kindName(place.kind) : visible(place.name);
  const fits = Math.floor((width - 16) / LETTERS_WIDE);
  const bad = isFault(place);
  return (
    <g className={`${place.state} ${bad ? 'bad' : ''} ${isHub ? 'hub' : ''}`}>
      <rect x={x} y={y - TALL / 2} width={width} height={TALL} rx={8} className="box" />
      <text x={x + width / 2} y={y - 4} className="name">
        {bad ? '! ' : ''}
        {name.length > fits ? `${name.slice(0, fits - 1)}…` : name}
      </text>
      <text x={x + width / 2} y={y + 16} className="note">
        {stateName(place.state)}
      </text>
    </g>
  );
}

const MARKS = ['sealed', 'clear_here', 'clear', 'nothing'] as const;

function Legend(): ReactNode {
  return (
    <ul className="marks" aria-label={text.legend}>
      {MARKS.map((state) => (
        <li key={state}>
          <svg viewBox="0 0 40 10" width={40} height={10} aria-hidden="true">
            <path d="M0,5 H40" className={`way ${state}`} />
          </svg>
          {stateName(state)}
        </li>
      ))}
    </ul>
  );
}
