// Says politely what a running run just did: one sentence for one step, a count for several, and its end. At most once in five seconds.

import { type ReactNode, useEffect, useRef, useState } from 'react';
import { isMoving, type RunDetails } from '../../api/runs.ts';
import { strings } from '../../strings/en.ts';
import { keyOf } from './lineage-of.ts';
import { phaseName } from './run-words.tsx';

const text = strings.trace;
const QUIET_MS = 5_000;

export function TraceNews({ run }: { run: RunDetails }): ReactNode {
  const [words, setWords] = useState('');
  const told = useRef<{ outcomes: ReadonlyMap<string, string>; state: string } | null>(null);
  const lastAtMs = useRef(0);
  useEffect(() => {
    const now = { outcomes: new Map(run.phases.map((phase) => [keyOf(phase), phase.outcome])), state: run.state };
    if (told.current === null) {
      told.current = now;
      return;
    }
    const before = told.current;
    const fresh = run.phases.filter((phase) => before.outcomes.get(keyOf(phase)) !== phase.outcome);
    const hasEnded = before.state !== run.state && !isMoving(run.state);
    if (fresh.length === 0 && before.state === run.state) return;
    const say = (): void => {
      told.current = now;
      lastAtMs.current = performance.now();
      const [only] = fresh;
      const steps =
        fresh.length === 1 && only !== undefined
          ? text.appeared(phaseName(only), text.outcomes[only.outcome] ?? only.outcome)
          : fresh.length === 0
            ? ''
            : `${text.appearedMany(fresh.length)}.`;
      setWords([steps, hasEnded ? text.finished(strings.runs.states[run.state] ?? run.state) : ''].join(' ').trim());
    };
    const waitMs = hasEnded || lastAtMs.current === 0 ? 0 : Math.max(0, lastAtMs.current + QUIET_MS - performance.now());
    const timer = setTimeout(say, waitMs);
    return () => clearTimeout(timer);
  }, [run]);
  return (
    <p className="visually-hidden" role="status" aria-live="polite">
      {words}
    </p>
  );
}
