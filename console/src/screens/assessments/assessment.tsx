// One assessment as it was written, what it is about, and approving it.

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Fragment, type ReactNode } from 'react';
import { type Assessment, approveAssessment, assessmentQuery } from '../../api/assessments.ts';
import { strings } from '../../strings/en.ts';
import { FaultLine } from '../../ui/fault-line.tsx';
import { formatDay, Time } from '../../ui/format.ts';
import { MayButton } from '../../ui/may.tsx';
import { Page } from '../../ui/page.tsx';
import { Answer } from '../../ui/states.tsx';
import { useToast } from '../../ui/toast.tsx';
import { useWork } from '../../ui/use-work.ts';
import { visible } from '../../ui/visible.ts';
import { StateBadge, subjectName, Triggers } from './words.tsx';

const text = strings.assessments;
const route = getRouteApi('/frame/data/assessments/$id');

export function AssessmentScreen(): ReactNode {
  const { id } = route.useParams();
  const query = useQuery(assessmentQuery(id));
  return (
    <Page title={text.assessment}>
      <p>
        <Link to="/data/assessments">{text.back}</Link>
      </p>
      <Answer query={query}>{(assessment) => <Shown assessment={assessment} />}</Answer>
    </Page>
  );
}

function Shown({ assessment }: { assessment: Assessment }): ReactNode {
  const { subject, state, version, revision, residualRisk, reviewAt, recordedAt, approvedAt, content, triggers } = assessment;
  return (
    <>
      <section className="sheet stack tight" aria-label={text.assessment}>
        <div className="row between">
          <h2>{subjectName(subject)}</h2>
          <StateBadge state={state} />
        </div>
        <Triggers triggers={triggers} />
        <dl className="facts">
          <dt>{text.version}</dt>
          <dd>
            <code>{version.slice(0, 12)}</code> · {text.revision} {revision}
          </dd>
          <dt>{text.residual}</dt>
          <dd>{text.residuals[residualRisk] ?? residualRisk}</dd>
          <dt>{text.review}</dt>
          <dd>{formatDay(reviewAt)}</dd>
          <dt>{text.recordedBy}</dt>
          <dd>
            {visible(assessment.recordedByName ?? '–')} <Time iso={recordedAt} />
          </dd>
          {approvedAt === null ? null : (
            <>
              <dt>{text.approvedBy}</dt>
              <dd>
                {visible(assessment.approvedByName ?? '–')} <Time iso={approvedAt} />
                {assessment.alone === true ? ` (${text.alone})` : ''}
              </dd>
            </>
          )}
        </dl>
      </section>
      <section className="sheet stack tight" aria-label={text.more}>
        <dl className="facts">
          {Object.entries(text.fields).map(([key, name]) =>
            (content[key] ?? '') === '' ? null : (
              <Fragment key={key}>
                <dt>{name}</dt>
                <dd>{visible(content[key] ?? '')}</dd>
              </Fragment>
            ),
          )}
        </dl>
      </section>
      {approvedAt === null && state !== 'superseded' ? <Approve id={assessment.id} /> : null}
    </>
  );
}

function Approve({ id }: { id: string }): ReactNode {
  const client = useQueryClient();
  const say = useToast();
  const { fault, isWorking, run } = useWork();
  return (
    <section className="sheet stack tight" aria-labelledby="approve">
      <h2 id="approve">{text.approve}</h2>
      <p className="soft">{text.approveLead}</p>
      <FaultLine fault={fault} />
      <div className="row">
        <MayButton
          action="assessments.manage"
          look="primary"
          isPending={isWorking}
          onPress={() =>
            void run(async () => {
              await approveAssessment(id);
              say(text.approved);
              await client.invalidateQueries({ queryKey: ['assessments'] });
            })
          }
        >
          {text.approve}
        </MayButton>
      </div>
    </section>
  );
}
