// What needs an assessment and how each stands, whether publishing waits, the duties with their dates; and what decides about people by itself.

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { type AssessedSubject, assessmentsQuery, type Duty, setBlocking } from '../../api/assessments.ts';
import { strings } from '../../strings/en.ts';
import { FaultLine } from '../../ui/fault-line.tsx';
import { formatDay, Time } from '../../ui/format.ts';
import { MayButton, useMay } from '../../ui/may.tsx';
import { Page } from '../../ui/page.tsx';
import { Answer, Notice } from '../../ui/states.tsx';
import { Switch } from '../../ui/switch.tsx';
import { Table } from '../../ui/table.tsx';
import { useWork } from '../../ui/use-work.ts';
import { Decisions } from './decisions.tsx';
import { RecordForm } from './record.tsx';
import { DutyBadge, StateBadge, subjectName, Triggers } from './words.tsx';

const text = strings.assessments;
export function AssessmentsScreen(): ReactNode {
  const query = useQuery(assessmentsQuery);
  const may = useMay('assessments.manage');
  const [chosen, setChosen] = useState<AssessedSubject | null>(null);
  return (
    <Page title={text.title} lead={text.lead}>
      <p>
        <a href="/docs/assessments.html">{text.docs}</a>
      </p>
      <Answer query={query}>
        {({ subjects, duties, blocking }) => (
          <>
            {subjects.length === 0 ? (
              <Notice icon="search" title={text.none}>
                <p>{text.noneLead}</p>
              </Notice>
            ) : (
              <Subjects subjects={subjects} onChoose={may.isAllowed ? setChosen : null} />
            )}
            {chosen === null ? null : <RecordForm key={chosen.subject} subject={chosen} onClose={() => setChosen(null)} />}
            <Blocking isOn={blocking} isAllowed={may.isAllowed} />
            <Decisions />
            <Duties duties={duties} />
          </>
        )}
      </Answer>
    </Page>
  );
}

function Subjects({
  subjects,
  onChoose,
}: {
  subjects: readonly AssessedSubject[];
  onChoose: ((subject: AssessedSubject) => void) | null;
}): ReactNode {
  return (
    <Table
      caption={text.title}
      rows={subjects}
      keyOf={(one) => one.subject}
      columns={[
        { key: 'subject', head: text.subject, cell: (one) => <span className="whole">{subjectName(one.subject)}</span> },
        { key: 'state', head: text.state, cell: (one) => <StateBadge state={one.state} /> },
        { key: 'why', head: text.why, cell: (one) => <Triggers triggers={one.triggers} /> },
        { key: 'since', head: text.since, cell: (one) => (one.neededSince === null ? '–' : <Time iso={one.neededSince} />) },
        { key: 'review', head: text.review, cell: (one) => (one.approved === null ? '–' : formatDay(one.approved.reviewAt)) },
        {
          key: 'do',
          head: text.assessment,
          cell: (one) => (
            <span className="row">
              {one.latest === null ? null : (
                <Link to="/data/assessments/$id" params={{ id: one.latest.id }} className="go">
                  {text.look}
                </Link>
              )}
              {onChoose === null ? null : (
                <MayButton
                  action="assessments.manage"
                  isCompact
                  aria-label={`${one.latest === null ? text.assess : text.assessAnew}: ${subjectName(one.subject)}`}
                  onPress={() => onChoose(one)}
                >
                  {one.latest === null ? text.assess : text.assessAnew}
                </MayButton>
              )}
            </span>
          ),
        },
      ]}
    />
  );
}

function Blocking({ isOn, isAllowed }: { isOn: boolean; isAllowed: boolean }): ReactNode {
  const client = useQueryClient();
  const { fault, isWorking, run } = useWork();
  return (
    <section className="sheet stack tight" aria-labelledby="blocking">
      <div className="row between">
        <h2 id="blocking">{text.blocking}</h2>
        <Switch
          label={text.blocking}
          word={isOn ? text.on : text.off}
          isOn={isOn}
          isDisabled={!isAllowed || isWorking}
          onPress={() =>
            void run(async () => {
              await setBlocking(!isOn);
              await client.invalidateQueries({ queryKey: ['assessments'] });
            })
          }
        />
      </div>
      <p className="soft">{text.blockingLead}</p>
      <FaultLine fault={fault} />
    </section>
  );
}

function Duties({ duties }: { duties: readonly Duty[] }): ReactNode {
  return (
    <section className="stack tight" aria-labelledby="duties">
      <h2 id="duties">{text.duties}</h2>
      <Table
        caption={text.duties}
        rows={duties}
        keyOf={(one) => one.id}
        columns={[
          { key: 'duty', head: text.duty, cell: (one) => one.what },
          { key: 'law', head: text.law, cell: (one) => one.law },
          { key: 'status', head: text.status, cell: (one) => <DutyBadge duty={one} /> },
        ]}
      />
    </section>
  );
}
