// The facts of a run in one strip: version, who started it, how long, how many calls; and the ways to its calls and events.

import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { RunDetails } from '../../api/runs.ts';
import { strings } from '../../strings/en.ts';
import { shortDigest, Time } from '../../ui/format.ts';
import { useActorName } from '../audit/audit-words.tsx';
import { tookOf } from './run-words.tsx';

const text = strings.trace;

export function RunFacts({ run }: { run: RunDetails }): ReactNode {
  const nameOf = useActorName();
  const replaced = run.callViews.reduce((total, call) => total + call.tokenised, 0);
  return (
    <section className="fact-strip" aria-label={text.facts}>
      <dl>
        <Fact name={text.trigger}>{run.trigger === null ? null : (strings.runs.triggers[run.trigger] ?? run.trigger)}</Fact>
        <Fact name={text.startedBy}>{run.startedBy === null ? null : <span title={run.startedBy}>{nameOf(run.startedBy)}</span>}</Fact>
        <Fact name={text.started}>
          <Time iso={run.startedAt} />
        </Fact>
        <Fact name={text.took}>{tookOf(run) ?? text.underway}</Fact>
        <Fact name={text.tier}>{strings.runs.tiers[run.tier] ?? run.tier}</Fact>
        <Fact name={text.version}>
          {run.hash === null || run.workflow === null ? null : (
            <Link to="/workflows/$name" params={{ name: run.workflow }} search={{ hash: run.hash }} title={run.hash}>
              <code>{shortDigest(run.hash)}</code>
            </Link>
          )}
        </Fact>
      </dl>
      <p className="row">
        <span>{text.counted(run.calls, run.refused, replaced)}</span>
        <Link to="/calls" search={{ run: run.id }}>
          {text.callsOfRun}
        </Link>
        {run.kind === 'outside' ? null : (
          <Link to="/audit" search={{ subject: run.id }}>
            {text.eventsOfRun}
          </Link>
        )}
      </p>
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }): ReactNode {
  if (children === null) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
