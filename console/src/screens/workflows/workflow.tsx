// One version of a workflow: what it may do, what that changes, its files, its signature and trail, and the decision about exactly this hash.

import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense } from 'react';
import { sessionQuery } from '../../api/queries.ts';
import { runsQuery } from '../../api/runs.ts';
import { type Version, versionQuery } from '../../api/workflows.ts';
import { strings } from '../../strings/en.ts';
import { Callout } from '../../ui/callout.tsx';
import { Time } from '../../ui/format.ts';
import { Page } from '../../ui/page.tsx';
import { Answer, Loading } from '../../ui/states.tsx';
import { visible } from '../../ui/visible.ts';
import { RunBadge, SampleBadge } from '../runs/run-words.tsx';
import { WorkflowActions } from './workflow-actions.tsx';
import { Changes } from './workflow-changes.tsx';
import { May } from './workflow-may.tsx';
import { PauseSwitch } from './workflow-pause.tsx';
import { MayReach } from './workflow-segment.tsx';
import { Steps } from './workflow-steps.tsx';
import { Trail, Versions } from './workflow-trail.tsx';
import { nameOfPerson, SignatureBadge, StateBadge, shortHash, signatureWord, triggerWords } from './workflow-words.tsx';

const FileDiffs = lazy(() => import('./workflow-files.tsx').then((file) => ({ default: file.FileDiffs })));
const text = strings.workflows;
const route = getRouteApi('/frame/workflows/$name');
const MAX_RUNS = 5;

export function WorkflowScreen(): ReactNode {
  const { name } = route.useParams();
  const query = useQuery(versionQuery(name, route.useSearch()));
  const session = useQuery(sessionQuery).data;
  return (
    <Page
      title={name}
      {...(query.data?.definition == null ? {} : { lead: visible(query.data.definition.purpose) })}
      actions={query.data === undefined ? null : <PauseSwitch name={name} isPaused={query.data.paused} />}
    >
      <Link to="/workflows">{text.back}</Link>
      <Answer query={query}>
        {(version) => (
          <>
            {version.paused ? <Callout tone="warn">{text.pausedCallout}</Callout> : null}
            <Head version={version} person={session?.person ?? ''} />
            <May facts={version.facts} />
            <Changes version={version} />
            <Suspense fallback={<Loading />}>
              <FileDiffs version={version} />
            </Suspense>
            <Steps facts={version.facts} />
            {version.definition === null ? null : <MayReach name={name} hash={version.hash} />}
            <div className="trace">
              <Versions version={version} person={session?.person ?? ''} />
              <Trail name={name} person={session?.person ?? ''} />
            </div>
          </>
        )}
      </Answer>
    </Page>
  );
}

function Head({ version, person }: { version: Version; person: string }): ReactNode {
  const { signature, facts } = version;
  const word = signatureWord(signature);
  return (
    <section className="sheet version" aria-labelledby="version">
      <div className="stack tight">
        <h2 id="version" className="row">
          {text.version(shortHash(version.hash))}
          <StateBadge state={version.state} />
          <SignatureBadge signature={signature} />
          {version.sample === true ? <SampleBadge /> : null}
        </h2>
        <p className={word === 'valid' || word === 'unsigned' ? 'small soft' : 'error small'}>{text.signatureLead[word]}</p>
        <dl className="facts">
          <dt>{text.owner}</dt>
          <dd>{version.definition === null ? strings.none : visible(version.definition.owner)}</dd>
          <dt>{text.trigger}</dt>
          <dd>{facts === null ? strings.none : triggerWords(facts.trigger)}</dd>
          <dt>{text.hash}</dt>
          <dd>
            <code>{version.hash}</code>
          </dd>
          <dt>{text.keyId}</dt>
          <dd>
            {signature.algorithm} · <code>{signature.keyId}</code>
          </dd>
          {version.approvedAt === null ? null : (
            <>
              <dt>{text.signedBy}</dt>
              <dd>
                <SignedBy version={version} person={person} />
              </dd>
            </>
          )}
          <dt>{text.runs}</dt>
          <dd>
            <LastRuns name={version.name} />
          </dd>
        </dl>
      </div>
      <WorkflowActions version={version} />
    </section>
  );
}

/** The approver's own signature, as the server found it just now. */
function SignedBy({ version, person }: { version: Version; person: string }): ReactNode {
  const { passkey } = version.signature;
  const name = nameOfPerson(passkey?.by ?? version.approvedBy, version.people, person);
  if (passkey === null) return text.approvedUnsigned(name);
  return (
    <>
      {text.signedWith(name)} <code>{passkey.thumbprint}</code>
      {passkey.removed ? ` (${text.passkeyRemoved})` : ''}
    </>
  );
}

function LastRuns({ name }: { name: string }): ReactNode {
  const runs = useQuery(runsQuery({ workflow: name })).data?.runs ?? [];
  if (runs.length === 0) return <span className="soft">{text.runsNone}</span>;
  return (
    <ul className="last-runs">
      {runs.slice(0, MAX_RUNS).map((run) => (
        <li key={run.id}>
          <RunBadge state={run.state} />
          <Link to="/runs/$id" params={{ id: run.id }}>
            <Time iso={run.startedAt} />
          </Link>
        </li>
      ))}
      <li>
        <Link to="/runs" search={{ workflow: name }}>
          {text.runsAll}
        </Link>
      </li>
    </ul>
  );
}
