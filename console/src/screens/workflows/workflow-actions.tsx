// What may be done with the version that is shown. Every change names its hash, asks first, and shows the server's reason when it refuses.

import { useQueryClient } from '@tanstack/react-query';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { changeVersion, type Version, type VersionChange } from '../../api/workflows.ts';
import { strings } from '../../strings/en.ts';
import { Callout } from '../../ui/callout.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { MayButton } from '../../ui/may.tsx';
import { SignsNote } from '../../ui/signs-note.tsx';
import { SoloNote } from '../../ui/solo-note.tsx';
import { shortHash } from './workflow-words.tsx';

const StartRun = lazy(() => import('./workflow-start.tsx').then((file) => ({ default: file.StartRun })));
const text = strings.workflows;

interface Question {
  readonly button: string;
  readonly title: string;
  readonly lead: string;
  readonly yes: string;
  readonly done: string;
  readonly look: 'primary' | 'danger';
}

const QUESTIONS: Readonly<Record<VersionChange, Question>> = {
  approve: {
    button: text.approve,
    title: text.approveTitle,
    lead: text.approveLead,
    yes: text.approveYes,
    done: text.approvedNow,
    look: 'primary',
  },
  publish: {
    button: text.publish,
    title: text.publishTitle,
    lead: text.publishLead,
    yes: text.publishYes,
    done: text.publishedNow,
    look: 'primary',
  },
  retire: {
    button: text.retire,
    title: text.retireTitle,
    lead: text.retireLead,
    yes: text.retireYes,
    done: text.retiredNow,
    look: 'danger',
  },
};

/** What each change needs. */
const ACTION: Readonly<Record<VersionChange, string>> = {
  approve: 'workflows.approve',
  publish: 'workflows.publish',
  retire: 'workflows.publish',
};

/** The one change that follows from each state. */
const NEXT: Readonly<Record<string, VersionChange>> = { draft: 'approve', approved: 'publish', published: 'retire', retired: 'publish' };

export function WorkflowActions({ version }: { version: Version }): ReactNode {
  const client = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const [isStarting, setStarting] = useState(false);
  const { signature } = version;
  const isReadable = signature.intact && version.facts !== null;
  // An approval that does not hold any more is given anew, where nothing runs under it.
  const isAnew = (version.state === 'approved' || version.state === 'retired') && /invalid|lapsed/.test(signature.state);
  const next = isAnew ? 'approve' : NEXT[version.state];
  const on = { kind: 'workflow', name: version.name } as const;
  const isUsable = isReadable && signature.state !== 'invalid';
  const mayDo = isUsable || next === 'retire' || (next === 'approve' && isReadable);
  const question = next === undefined ? null : QUESTIONS[next];
  const replaced = version.versions.find(({ state }) => state === 'published');
  const refresh = (): Promise<unknown> =>
    Promise.all([['workflows'], ['workflow'], ['workflow-trail']].map((queryKey) => client.invalidateQueries({ queryKey })));
  return (
    <div className="decide">
      <h3>{text.decide}</h3>
      {next === 'approve' ? <SoloNote /> : null}
      {version.approveRefusal === null ? null : (
        <Callout tone="info" icon="lock">
          <p className="small">{text.whyNot[version.approveRefusal] ?? version.approveRefusal}</p>
          <code className="small">{version.approveRefusal}</code>
        </Callout>
      )}
      {next === undefined || question === null ? null : (
        <MayButton
          action={ACTION[next]}
          on={on}
          look={question.look}
          size="large"
          isDisabled={!mayDo || (next === 'approve' && version.approveRefusal !== null)}
          onPress={() => setAsking(true)}
        >
          {isAnew ? text.approveAgain : version.state === 'retired' ? text.publishAgain : question.button}
        </MayButton>
      )}
      {version.state === 'published' ? (
        <MayButton action="workflows.run" on={on} size="large" isDisabled={!isUsable || version.paused} onPress={() => setStarting(true)}>
          {text.start}
        </MayButton>
      ) : null}
      {isAsking && next !== undefined && question !== null ? (
        <Confirm
          {...question}
          whyNot={text.whyNot}
          work={(reason) => changeVersion(version.name, next, { hash: version.hash, reason })}
          onDone={refresh}
          onClose={() => setAsking(false)}
        >
          <code className="secret">{version.hash}</code>
          {next === 'approve' ? <SignsNote /> : null}
          {next === 'publish' && replaced !== undefined ? <p>{text.publishReplaces(shortHash(replaced.hash))}</p> : null}
        </Confirm>
      ) : null}
      {isStarting && version.facts !== null ? (
        <Suspense fallback={null}>
          <StartRun name={version.name} inputs={version.facts.inputs} onClose={() => setStarting(false)} />
        </Suspense>
      ) : null}
    </div>
  );
}
