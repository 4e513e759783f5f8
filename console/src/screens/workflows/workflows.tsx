// What automations exist: who answers for each, what runs now and whether its signature holds, how it starts, and its last runs.

import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { type Run, runsQuery } from '../../api/runs.ts';
import { type WorkflowSummary, workflowsQuery } from '../../api/workflows.ts';
import { strings } from '../../strings/en.ts';
import { Badge } from '../../ui/badge.tsx';
import { Time } from '../../ui/format.ts';
import { MayButton } from '../../ui/may.tsx';
import { Page } from '../../ui/page.tsx';
import { Answer, Notice } from '../../ui/states.tsx';
import { visible } from '../../ui/visible.ts';
import { RunBadge, SampleBadge } from '../runs/run-words.tsx';
import { PauseSwitch } from './workflow-pause.tsx';
import { SignatureBadge, shortHash, triggerWords } from './workflow-words.tsx';

const ImportDialog = lazy(() => import('./workflow-import.tsx').then((file) => ({ default: file.ImportDialog })));
const text = strings.workflows;
const MAX_RUNS = 3;

export function WorkflowsScreen(): ReactNode {
  const query = useQuery(workflowsQuery);
  const runs = useQuery(runsQuery({ kind: 'workflow' })).data?.runs ?? [];
  const [isImporting, setImporting] = useState(false);
  const action = (
    <MayButton action="workflows.edit" look="primary" onPress={() => setImporting(true)}>
      {text.import}
    </MayButton>
  );
  return (
    <Page title={text.title} lead={text.lead} actions={action}>
      <Answer query={query}>
        {({ summaries }) =>
          summaries.length === 0 ? (
            <Notice icon="empty" title={text.emptyTitle}>
              <p>{text.emptyLead}</p>
              <MayButton action="workflows.edit" onPress={() => setImporting(true)}>
                {text.import}
              </MayButton>
            </Notice>
          ) : (
            summaries.map((one) => <Card key={one.name} one={one} runs={runs.filter((run) => run.workflow === one.name)} />)
          )
        }
      </Answer>
      {isImporting ? (
        <Suspense fallback={null}>
          <ImportDialog onClose={() => setImporting(false)} />
        </Suspense>
      ) : null}
    </Page>
  );
}

function Card({ one, runs }: { one: WorkflowSummary; runs: readonly Run[] }): ReactNode {
  const headline = `workflow-${one.name}`;
  return (
    <article className="sheet workflow" aria-labelledby={headline}>
      <div className="row between">
        <h2 id={headline} className="row">
          <Link className="go" to="/workflows/$name" params={{ name: one.name }}>
            {one.name}
          </Link>
          {one.sample ? <SampleBadge /> : null}
          {(one.versions.draft ?? 0) === 0 ? null : <Badge tone="warn">{text.drafts(one.versions.draft ?? 0)}</Badge>}
        </h2>
        <PauseSwitch name={one.name} isPaused={one.paused} />
      </div>
      <p>{visible(one.purpose ?? '')}</p>
      <dl className="facts">
        <dt>{text.owner}</dt>
        <dd>{one.owner === null ? strings.none : visible(one.owner)}</dd>
        <dt>{text.trigger}</dt>
        <dd>{one.trigger === null ? strings.none : triggerWords(one.trigger)}</dd>
        <dt>{text.published}</dt>
        <dd className="row">
          {one.published === null ? text.publishedNone : <code title={one.published}>{shortHash(one.published)}</code>}
          <SignatureBadge signature={one.signature} />
        </dd>
        <dt>{text.runs}</dt>
        <dd>
          {runs.length === 0 ? <span className="soft">{text.runsNone}</span> : null}
          <ul className="last-runs">
            {runs.slice(0, MAX_RUNS).map((run) => (
              <li key={run.id}>
                <RunBadge state={run.state} />
                <Link to="/runs/$id" params={{ id: run.id }}>
                  <Time iso={run.startedAt} />
                </Link>
              </li>
            ))}
          </ul>
          {runs.length === 0 ? null : (
            <Link className="go" to="/runs" search={{ workflow: one.name }}>
              {text.runsAll}
            </Link>
          )}
        </dd>
      </dl>
    </article>
  );
}
