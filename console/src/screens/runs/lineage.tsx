// The lineage stripe: from the text of an outsider, through the model, to the argument and the sink at which the call died. A drawing,
// the same as a list, and the same as a table. References only; no value is ever on it.

import { type ReactNode, useId } from 'react';
import type { Phase } from '../../api/runs.ts';
import { strings } from '../../strings/en.ts';
import { Icon } from '../../ui/icons.tsx';
import { Table } from '../../ui/table.tsx';
import { useSourceNames } from '../audit/audit-words.tsx';
import { type Lane, lanesOf } from './lineage-of.ts';
import { Code } from './run-words.tsx';

const text = strings.lineage;
/** Units of the drawing: three columns of a hundred and a wider one for the sink, a hundred for each lane. As in runs.css. */
const WIDTH = 430;
const ROW = 100;
const SOURCE_X = 50;
const ARGUMENT_X = 250;
const SINK_X = 365;

/** As the server names a value as a whole. */
const WHOLE = '(result)';

export const writerOf = (lane: Pick<Lane, 'integrity'>): string => text.by(text.writers[lane.integrity] ?? lane.integrity);

export function sourceOf({ from, integrity }: Pick<Lane, 'from' | 'integrity'>): string {
  if (from !== null) return from.field === WHOLE ? text.whole(from.step) : text.field(from.step, from.field);
  return integrity === 'signed_workflow' ? text.constant : text.read;
}

export function Lineage({ phases, phase }: { phases: readonly Phase[]; phase: Phase }): ReactNode {
  const lanes = lanesOf(phases, phase);
  const id = useId();
  if (lanes.length === 0) return null;
  return (
    <figure className={`lineage ${phase.outcome}`} aria-labelledby={id}>
      <figcaption id={id} className="small soft">
        {captionOf(phase)}
      </figcaption>
      <div className="lineage-plot">
        <Lines lanes={lanes} />
        <ol className="lineage-lanes">
          {lanes.map((lane) => (
            <li key={lane.args.join()} className={lane.isOutside ? 'outside' : ''}>
              <ol className="lineage-lane">
                <Node at="source" head={text.source} name={sourceOf(lane)} note={writerOf(lane)} />
                {lane.through === null ? null : (
                  <Node
                    at="model"
                    head={text.model}
                    name={text.throughModel(lane.through.step)}
                    {...(lane.isOutside ? { note: text.throughModelNote } : {})}
                  />
                )}
                <Node at="argument" head={text.argument} name={lane.args.map((argument) => <code key={argument}>{argument}</code>)} />
              </ol>
            </li>
          ))}
        </ol>
        <Sink phase={phase} />
      </div>
      <LineageTable phase={phase} />
    </figure>
  );
}

function captionOf({ outcome, code }: Phase): string {
  if (outcome === 'refused') return text.caption(code ?? '');
  return outcome === 'waiting' ? text.captionWaits : text.captionPassed;
}

function Lines({ lanes }: { lanes: readonly Lane[] }): ReactNode {
  const height = lanes.length * ROW;
  const middle = height / 2;
  return (
    <svg className="lineage-lines" viewBox={`0 0 ${WIDTH} ${height}`} preserveAspectRatio="none" aria-hidden="true">
      {lanes
        .map((lane, nth) => ({ lane, y: nth * ROW + ROW / 2 }))
        .toReversed()
        .map(({ lane, y }) => {
          const bend = (ARGUMENT_X + SINK_X) / 2;
          const path = `M${SOURCE_X} ${y}H${ARGUMENT_X}C${bend} ${y} ${bend} ${middle} ${SINK_X} ${middle}`;
          return (
            <g key={y} className={lane.isOutside ? 'outside' : 'inside'}>
              <path className="band" d={path} vectorEffect="non-scaling-stroke" />
              <path className="core" d={path} vectorEffect="non-scaling-stroke" />
            </g>
          );
        })}
    </svg>
  );
}

function Node({ at, head, name, note }: { at: string; head: string; name: ReactNode; note?: string }): ReactNode {
  return (
    <li className={`lineage-node ${at}`}>
      <div>
        <span className="head">{head}</span>
        <span className="name">{name}</span>
        {note === undefined ? null : <span className="note">{note}</span>}
      </div>
    </li>
  );
}

function Sink({ phase }: { phase: Phase }): ReactNode {
  const { outcome, operation, code } = phase;
  return (
    <div className="lineage-node sink">
      <div>
        <span className="head">{text.sink}</span>
        <span className="name">{operation ?? strings.trace.names[phase.kind]}</span>
        <span className="end">
          <Icon name={outcome === 'refused' ? 'bad' : outcome === 'waiting' ? 'wait' : 'good'} size={14} />
          {outcome === 'refused' ? text.stopped : outcome === 'waiting' ? text.waits : text.happened}
        </span>
        {code === null ? null : <Code code={code} className="note" />}
      </div>
    </div>
  );
}

function LineageTable({ phase }: { phase: Phase }): ReactNode {
  const words = strings.decision;
  const sourcesOf = useSourceNames();
  return (
    <details>
      <summary>{text.asTable}</summary>
      <Table
        caption={words.arguments}
        rows={phase.origins}
        keyOf={(origin) => JSON.stringify(origin)}
        columns={[
          { key: 'argument', head: words.argument, cell: ({ argument }) => <code>{argument}</code> },
          { key: 'by', head: words.writtenBy, cell: ({ integrity }) => words.writers[integrity] ?? integrity },
          {
            key: 'from',
            head: words.from,
            cell: (origin) => (
              <>
                {sourceOf(origin)}
                {origin.sources.length === 0 ? null : <div className="small soft">{sourcesOf(origin.sources).join(', ')}</div>}
              </>
            ),
          },
          {
            key: 'how',
            head: words.how,
            cell: ({ how, from }) => (from === null && how === 'label' ? words.constant : (words.hows[how] ?? how)),
          },
        ]}
      />
    </details>
  );
}

/** The same in a word and a line, for the timeline. */
export function LineageMark({ phases, phase }: { phases: readonly Phase[]; phase: Phase }): ReactNode {
  const lane = lanesOf(phases, phase).find((each) => each.isOutside);
  if (lane === undefined) return null;
  const say = lane.through === null ? text.shortDirect : text.short;
  return (
    <span className="lineage-mark">
      <svg viewBox="0 0 64 12" width={64} height={12} aria-hidden="true">
        <path className="line" d="M8 6H56" />
        <circle cx={6} cy={6} r={4} />
        {lane.through === null ? null : <rect x={27} y={1.5} width={9} height={9} rx={2} />}
        <path className="end" d="M53 2l8 8M61 2l-8 8" />
      </svg>
      <span className="visually-hidden">{say(sourceOf(lane), phase.code ?? '')}</span>
    </span>
  );
}
