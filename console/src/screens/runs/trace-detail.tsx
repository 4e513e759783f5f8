// The right side of a trace: one step, or one call, from three sides.

import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { callQuery } from '../../api/queries.ts';
import type { RunDetails } from '../../api/runs.ts';
import type { CallTrace } from '../../api/types.ts';
import { strings } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { Time } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { Answer } from '../../ui/states.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { OutcomeBadge } from './outcome.tsx';
import { PhaseBadge } from './run-words.tsx';
import { ContentPanel } from './trace-content.tsx';
import { DataPanel } from './trace-data.tsx';
import { ApprovalLink, DecisionPanel } from './trace-decision.tsx';
import type { Moment } from './trace-moments.ts';
import { momentName, whereOf } from './trace-timeline.tsx';

const text = strings.trace;

interface Props {
  readonly run: RunDetails;
  readonly moment: Moment;
  readonly steps: readonly Moment[];
  readonly tab: string;
  readonly onTab: (tab: string) => void;
  readonly onPrevious: (() => void) | null;
  readonly onNext: (() => void) | null;
}

export function TraceDetail({ run, moment, steps, tab, onTab, onPrevious, onNext }: Props): ReactNode {
  const { phase, view, call } = moment;
  const phases = steps.flatMap((step) => (step.phase === null ? [] : [step.phase]));
  return (
    <>
      <header className="stack tight">
        <div className="row between">
          <h2>{momentName(moment)}</h2>
          <div className="row snug">
            <Button look="quiet" size="icon" aria-label={text.previous} isDisabled={onPrevious === null} onPress={() => onPrevious?.()}>
              <Icon name="up" />
            </Button>
            <Button look="quiet" size="icon" aria-label={text.next} isDisabled={onNext === null} onPress={() => onNext?.()}>
              <Icon name="down" />
            </Button>
          </div>
        </div>
        <p className="row snug small">
          {phase === null ? <OutcomeBadge outcome={view?.outcome ?? ''} /> : <PhaseBadge outcome={phase.outcome} />}
          {phase === null ? null : <span className="soft">{whereOf(phase)}</span>}
          {(phase?.integration ?? view?.integration) == null ? null : (
            <span className="soft">{phase?.integration ?? view?.integration}</span>
          )}
          <span className="soft">
            <Time iso={moment.at} />
          </span>
        </p>
        <p className="row small">
          {call === null ? null : (
            <Link to="/calls/$id" params={{ id: call }}>
              {text.callLink}
            </Link>
          )}
          {phase?.approval == null ? null : <ApprovalLink approval={phase.approval} />}
        </p>
      </header>
      <Tabs
        label={text.details}
        chosen={tab}
        onChoose={onTab}
        tabs={[
          {
            id: 'decision',
            name: text.tabs.decision,
            panel: () => <OfCall call={call}>{(trace) => <DecisionPanel trace={trace} phase={phase} phases={phases} />}</OfCall>,
          },
          {
            id: 'data',
            name: text.tabs.data,
            panel: () => <OfCall call={call}>{(trace) => <DataPanel trace={trace} phase={phase} />}</OfCall>,
          },
          { id: 'content', name: text.tabs.content, panel: () => <ContentPanel run={run} phase={phase} /> },
        ]}
      />
    </>
  );
}

function OfCall({ call, children }: { call: string | null; children: (trace: CallTrace | null) => ReactNode }): ReactNode {
  return call === null ? children(null) : <Asked call={call}>{children}</Asked>;
}

function Asked({ call, children }: { call: string; children: (trace: CallTrace) => ReactNode }): ReactNode {
  const query = useQuery(callQuery(call));
  return <Answer query={query}>{children}</Answer>;
}
