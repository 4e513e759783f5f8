// Says politely what changed in the list, at most once in ten seconds, so that a busy shop does not talk over the reader.

import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { Run } from '../../api/runs.ts';
import { strings } from '../../strings/en.ts';

const QUIET_MS = 10_000;

export function RunsNews({ runs, isQuiet }: { runs: readonly Run[]; isQuiet: boolean }): ReactNode {
  const [words, setWords] = useState('');
  const told = useRef<ReadonlyMap<string, string> | null>(null);
  const latest = useRef(runs);
  const lastAtMs = useRef(0);
  useEffect(() => {
    latest.current = runs;
    told.current ??= statesOf(runs);
    if (isQuiet) return;
    const say = (): void => {
      const before = told.current ?? new Map();
      const fresh = latest.current.filter((run) => !before.has(run.id)).length;
      const moved = latest.current.filter((run) => before.has(run.id) && before.get(run.id) !== run.state).length;
      if (fresh + moved === 0) return;
      told.current = new Map([...before, ...statesOf(latest.current)]);
      lastAtMs.current = performance.now();
      setWords(strings.runs.fresh(fresh, moved));
    };
    const timer = setTimeout(say, Math.max(0, lastAtMs.current === 0 ? 0 : lastAtMs.current + QUIET_MS - performance.now()));
    return () => clearTimeout(timer);
  }, [runs, isQuiet]);
  return (
    <p className="small soft news" role="status" aria-live="polite">
      {words}
    </p>
  );
}

const statesOf = (runs: readonly Run[]): ReadonlyMap<string, string> => new Map(runs.map((run) => [run.id, run.state]));
