// The left side of a trace: each step in order, with what became of it, and the stripe from a text of outside to the call it led to.

import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Phase } from '../../api/runs.ts';
import { strings } from '../../strings/en.ts';
import { formatMoment, formatSpan } from '../../ui/format.ts';
import { LineageMark } from './lineage.tsx';
import { stripeOf } from './lineage-of.ts';
import { OutcomeBadge } from './outcome.tsx';
import { PhaseBadge, phaseName } from './run-words.tsx';
import type { Moment } from './trace-moments.ts';

const text = strings.trace;

interface Props {
  readonly run: string;
  readonly startedAt: string;
  readonly steps: readonly Moment[];
  readonly calls: readonly Moment[];
  readonly chosen: Moment | undefined;
  readonly tab: string | undefined;
  readonly onChoose: () => void;
}

export function TraceTimeline({ run, startedAt, steps, calls, chosen, tab, onChoose }: Props): ReactNode {
  const phases = steps.flatMap(({ phase }) => (phase === null ? [] : [phase]));
  const stripe = chosen?.phase == null ? null : stripeOf(phases, chosen.phase);
  const row = (moment: Moment, nth: number): ReactNode => {
    const on = stripe === null || nth < stripe.start || nth > stripe.end ? '' : placeOf(nth, stripe);
    return (
      <li key={moment.key} className={`${toneOf(moment)} ${on}`}>
        <Link
          to="/runs/$id"
          params={{ id: run }}
          search={{ at: moment.key, ...(tab === undefined ? {} : { tab }) }}
          replace
          resetScroll={false}
          className="moment"
          data-moment={moment.key}
          aria-current={moment.key === chosen?.key ? 'true' : undefined}
          onClick={onChoose}
        >
          <MomentWords moment={moment} phases={phases} startedAt={startedAt} />
        </Link>
      </li>
    );
  };
  return (
    <>
      {steps.length === 0 ? null : <ol className={`moments ${chosen?.phase?.outcome ?? ''}`}>{steps.map(row)}</ol>}
      {calls.length === 0 ? null : (
        <>
          {steps.length === 0 ? null : <h3>{text.moreCalls}</h3>}
          <ol className="moments">{calls.map((moment) => row(moment, Number.POSITIVE_INFINITY))}</ol>
        </>
      )}
    </>
  );
}

function placeOf(nth: number, stripe: { start: number; via: number | null; end: number }): string {
  const ends = `${nth === stripe.start ? 'stripe-start' : ''} ${nth === stripe.end ? 'stripe-end' : ''}`;
  return `stripe ${ends} ${nth === stripe.via ? 'stripe-via' : ''}`;
}

function toneOf({ phase, view }: Moment): string {
  const outcome = phase?.outcome ?? view?.outcome;
  if (outcome === 'refused' || outcome === 'faulted') return 'bad';
  if (outcome === 'waiting' || outcome === 'asked' || outcome === 'unresolved') return 'warn';
  return outcome === 'done' || outcome === 'completed' ? 'good' : '';
}

function MomentWords({ moment, phases, startedAt }: { moment: Moment; phases: readonly Phase[]; startedAt: string }): ReactNode {
  const { phase, view } = moment;
  const name = momentName(moment);
  const afterMs = Date.parse(moment.at) - Date.parse(startedAt);
  return (
    <>
      <span className="title">
        <b>{name}</b>
        <span className="soft" title={formatMoment(moment.at)}>
          {text.after(formatSpan(Math.max(0, afterMs)))}
        </span>
      </span>
      <span className="row snug">
        {phase === null ? <OutcomeBadge outcome={view?.outcome ?? ''} /> : <PhaseBadge outcome={phase.outcome} />}
        {phase === null ? <span className="soft">{view?.integration}</span> : <span className="soft">{whereOf(phase)}</span>}
      </span>
      {phase?.code == null && view?.code == null ? null : <code>{phase?.code ?? view?.code}</code>}
      {phase?.outcome !== 'refused' ? null : <LineageMark phases={phases} phase={phase} />}
    </>
  );
}

/** Kinds whose title is not their operation. */
const NAMED: ReadonlySet<Phase['kind']> = new Set(['model', 'channel']);

export const whereOf = (phase: Phase): string =>
  `${phase.step} · ${(NAMED.has(phase.kind) ? phase.operation : null) ?? text.kinds[phase.kind] ?? phase.kind}`;

export function momentName({ phase, view }: Moment): string {
  if (phase !== null) return phaseName(phase);
  if (view === null) return strings.calls.unnamed;
  return view.effect === 'model' ? (view.model ?? strings.calls.modelCall) : (view.operation ?? strings.calls.unnamed);
}
