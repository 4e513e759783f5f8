// Why a call went as it did: the verdict, the lineage of its arguments, and the guard's checks in order with what each of them found.

import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Phase } from '../../api/runs.ts';
import type { CallTrace } from '../../api/types.ts';
import { strings } from '../../strings/en.ts';
import { formatMoney } from '../../ui/format.ts';
import { Icon, type IconName } from '../../ui/icons.tsx';
import { Lineage } from './lineage.tsx';
import { Identities } from './trace-identities.tsx';
import { factsOf, type Stage, type StageState, stagesOf, textsOf } from './trace-stages.ts';

const text = strings.decision;

interface Props {
  readonly trace: CallTrace | null;
  readonly phase: Phase | null;
  readonly phases: readonly Phase[];
}

export function DecisionPanel({ trace, phase, phases }: Props): ReactNode {
  const origins = phase?.origins ?? [];
  return (
    <div className="stack">
      <Verdict trace={trace} phase={phase} />
      {phase === null || origins.length === 0 ? null : (
        <section className="stack tight">
          <h3>{text.lineageOf}</h3>
          <Lineage phases={phases} phase={phase} />
        </section>
      )}
      {trace === null ? null : <Stages trace={trace} phase={phase} />}
      {trace === null ? null : <Identities trace={trace} />}
    </div>
  );
}

function Verdict({ trace, phase }: { trace: CallTrace | null; phase: Phase | null }): ReactNode {
  const code = trace?.code ?? phase?.code ?? null;
  const sentence = trace?.codeSentence ?? phase?.codeSentence ?? null;
  const outcome = trace?.outcome ?? (phase?.outcome === 'done' ? 'completed' : (phase?.outcome ?? 'completed'));
  const tone =
    outcome === 'completed' ? 'good' : outcome === 'asked' || outcome === 'waiting' ? 'warn' : outcome === 'underway' ? '' : 'bad';
  return (
    <div className={`verdict-line ${trace === null && phase?.outcome === 'done' ? '' : tone}`}>
      <p className="headline">{headlineOf(trace, phase)}</p>
      {sentence === null ? null : <p>{sentence}</p>}
      {code === null ? null : <code>{code}</code>}
    </div>
  );
}

function headlineOf(trace: CallTrace | null, phase: Phase | null): string {
  if (trace === null) return phase?.kind === 'tool_refused' ? text.toolRefused : text.noCall;
  switch (trace.outcome) {
    case 'refused':
      return text.verdicts.refused(text.names[trace.stage ?? ''] ?? trace.stage ?? strings.calls.outcomes.refused ?? '');
    case 'completed':
    case 'asked':
    case 'faulted':
    case 'aborted':
    case 'unresolved':
    case 'underway':
      return text.verdicts[trace.outcome];
    default:
      return trace.outcome;
  }
}

const ICONS: Readonly<Record<StageState, IconName>> = {
  passed: 'good',
  refused: 'bad',
  asked: 'wait',
  unreached: 'none',
  failed: 'bad',
  unknown: 'info',
  now: 'wait',
};

function Stages({ trace, phase }: { trace: CallTrace; phase: Phase | null }): ReactNode {
  return (
    <section className="stack tight">
      <h3>{text.stages}</h3>
      <ol className="stages">
        {stagesOf(trace).map(({ stage, state }) => (
          <li key={stage} className={state}>
            <Icon name={ICONS[state]} size={14} />
            <span className="name">{text.names[stage]}</span>
            <span className="how">{text.states[state]}</span>
            {state === 'unreached' || state === 'unknown' ? null : <Found notes={notesOf(stage, state, { trace, phase })} />}
          </li>
        ))}
      </ol>
    </section>
  );
}

function Found({ notes }: { notes: readonly ReactNode[] }): ReactNode {
  if (notes.length === 0) return null;
  return (
    <ul className="found">
      {notes.map((note, nth) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the notes of one stage have a fixed order.
        <li key={nth}>{note}</li>
      ))}
    </ul>
  );
}

/** What the events say of this check; a check that was refused also names its code. */
function notesOf(stage: Stage, state: StageState, { trace, phase }: { trace: CallTrace; phase: Phase | null }): readonly ReactNode[] {
  const facts = factsOf(trace);
  const integrity = typeof facts.integrity === 'string' ? facts.integrity : (phase?.integrity ?? null);
  const found: Readonly<Partial<Record<Stage, readonly ReactNode[]>>> = {
    authenticate: trace.tier === null ? [] : [strings.evidence.tier[trace.tier] ?? trace.tier],
    label: integrity === null ? [] : [text.least(text.writers[integrity] ?? integrity)],
    screen: [signalsOf(textsOf(trace, 'signals'))],
    resolve_facts: typeof facts.ownership === 'string' ? [text.ownership[facts.ownership] ?? facts.ownership] : [],
    authorize: [
      ...(textsOf(trace, 'policies').length === 0 ? [] : [text.rules(textsOf(trace, 'policies').join(', '))]),
      ...(facts.targetsExplained === false ? [text.targets] : []),
    ],
    render: trace.tokenised === 0 ? [] : [text.replaced(trace.tokenised)],
    commit: [text.recorded, ...(typeof facts.amount === 'string' ? [formatMoney(facts.amount)] : [])],
    send: [typeof facts.upstreamStatus === 'number' ? text.answered(facts.upstreamStatus) : text.noAnswer],
    screen_output: [signalsOf(textsOf(trace, 'outputSignals'))],
    release: [text.released],
  };
  const notes = found[stage] ?? [];
  if (state === 'asked' && trace.approval !== null) {
    return [...notes, <ApprovalLink key="approval" approval={trace.approval} />];
  }
  return state === 'refused' && trace.code !== null ? [...notes, <code key="code">{trace.code}</code>] : notes;
}

const signalsOf = (signals: readonly string[]): string =>
  signals.length === 0 ? text.sawNothing : text.saw(signals.map((signal) => signal.replaceAll('_', ' ')).join(', '));

export function ApprovalLink({ approval }: { approval: string }): ReactNode {
  return (
    <Link to="/inbox/$id" params={{ id: approval }}>
      {strings.trace.approvalLink}
    </Link>
  );
}
