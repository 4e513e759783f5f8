// How a run and its phases are named and shown in a word; shared by the list, the trace and whoever links to a run.

import { Fragment, type ReactNode } from 'react';
import type { Phase, Run, RunState } from '../../api/runs.ts';
import { strings } from '../../strings/en.ts';
import { Badge, type Tone } from '../../ui/badge.tsx';
import { formatSpan } from '../../ui/format.ts';

const TONES: Readonly<Record<RunState, Tone>> = {
  running: 'info',
  waiting: 'warn',
  done: 'good',
  stopped: 'bad',
  refused: 'bad',
  seen: 'plain',
};
const PHASE_TONES: Readonly<Record<Phase['outcome'], Tone>> = { done: 'good', refused: 'bad', waiting: 'warn' };

export const runName = (run: Run): string => run.workflow ?? strings.runs.outside;

export function RunBadge({ state }: { state: RunState }): ReactNode {
  return <Badge tone={TONES[state] ?? 'plain'}>{strings.runs.states[state] ?? state}</Badge>;
}

export function SampleBadge(): ReactNode {
  return <span className="sample">{strings.runs.sample}</span>;
}

export function PhaseBadge({ outcome }: { outcome: Phase['outcome'] }): ReactNode {
  return <Badge tone={PHASE_TONES[outcome]}>{strings.trace.outcomes[outcome] ?? outcome}</Badge>;
}

export function phaseName({ kind, operation }: Phase): string {
  if ((kind === 'call' || kind === 'tool') && operation !== null) return operation;
  return strings.trace.names[kind] ?? kind;
}

/** How long it took; `null` while it is under way or when its end is not known. */
export function tookOf(run: Run): string | null {
  if (run.finishedAt === null) return null;
  return formatSpan(Math.max(0, Date.parse(run.finishedAt) - Date.parse(run.startedAt)));
}

/** A code that breaks, where it must, behind an underscore. */
export function Code({ code, className }: { code: string; className?: string }): ReactNode {
  const parts = code.split(/(?<=_)/);
  return (
    <code className={className}>
      {parts.map((part, nth) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one code have a fixed order.
        <Fragment key={nth}>
          {part}
          <wbr />
        </Fragment>
      ))}
    </code>
  );
}
